package import HTTP1
package import HTTPCache
import Kernel
package import VCLRuntime

// What happens to a request between the states of its program, the same in the edge that serves and in the simulator: what a
// stored response, a backend's head or a miss means for the variables that the program sees next.

extension Context {
    // MARK: a stored response

    /// Fills `obj` from a stored response. Its views are valid while the response is.
    package func take(_ found: StoredResponse) {
        obj.status = found.status
        obj.reason = found.reason
        found.copyHeaders(into: &obj.headers)
        objectHits = found.hits
        objectAge = max(0, now - found.born)
        objectLifetime.ttl = found.freshUntil - now
        objectLifetime.grace = found.grace
        objectLifetime.staleWhileRevalidate = found.staleWhileRevalidate
        objectLifetime.staleIfError = found.staleIfError
    }

    /// Makes what was taken the answer, with its age.
    package func answerWithObject() {
        resp.copy(obj)
        resp.headers.set(.age, Format.integer(objectAge / 1_000_000_000, in: arena))
    }

    /// Whether a stale response may still be served while a new one is fetched; else `stale.exists` says whether it may be
    /// after an error.
    package func mayServeWhileRevalidating(_ found: StoredResponse) -> Bool {
        let since = now - found.freshUntil
        if since < max(found.staleWhileRevalidate, found.grace) { return true }
        staleExists = since < found.staleIfError
        return false
    }

    // MARK: the request to the backend

    /// Makes `bereq` of `req`. `whole`: for the cache, which holds whole responses; what is conditional or partial is
    /// answered from them.
    package func prepareBackendRequest(whole: Bool) {
        bereq.copy(req)
        // What Connection listed went on arrival.
        HeadWriter.removeHopByHop(&bereq.headers, listed: false)
        if whole { for name in Context.conditional { bereq.headers.remove(name) } }
        askForSegment()
    }

    static let conditional: [HeaderName] = [
        .ifNoneMatch, .ifModifiedSince, .range, HeaderName("If-Match"), HeaderName("If-Unmodified-Since"),
        HeaderName("If-Range"), .contentLength, .expect,
    ]

    /// Asks only for what changed, when there is something to compare with (RFC 9111, section 4.3.1).
    package func askForChanges(since candidate: StoredResponse) {
        asksForChanges = true
        let etag = candidate.headers[.etag]
        if etag.isSet { bereq.headers.set(.ifNoneMatch, etag) }
        let modified = candidate.headers[.lastModified]
        if modified.isSet { bereq.headers.set(.ifModifiedSince, modified) }
    }

    // MARK: the backend's answer

    /// Fills in what `beresp` says about its life, for vcl_fetch to change.
    package func judgeResponse(now: Int64) {
        let authorized = bereq.headers.contains(.authorization)
        var head = beresp
        // A part that is kept as one lives as long as its whole.
        if isPart { head.status = 200 }
        let found = Freshness(head, now: now, requestHasAuthorization: authorized)
        lifetime.ttl = max(0, found.lifetime)
        lifetime.staleWhileRevalidate = found.staleWhileRevalidate
        lifetime.staleIfError = found.staleIfError
        let length = beresp.headers[.contentLength].decimal ?? 0
        cacheable = found.storable && length <= Int64(CacheLimits.objectBytes)
    }

    /// Merges a 304 to our own question into the stored head (RFC 9111, section 4.3.4).
    package func freshen(_ candidate: StoredResponse) {
        let update = beresp.headers
        beresp.status = candidate.status
        beresp.reason = candidate.reason
        beresp.headers.replace(with: candidate.headers)
        let changes = update.fields.filter { field in
            !Context.ofTheBody.contains { $0.hash == field.hash && $0.bytes.equalsIgnoringCase(field.name) }
                && !isStrongForm(field, of: candidate)
        }
        for field in changes { beresp.headers.remove(HeaderName(field.name)) }
        for field in changes { beresp.headers.append(field) }
        // What was compressed here goes on to vary by it.
        if candidate.vary.contains(where: { $0.name.bytes.equalsIgnoringCase("Accept-Encoding") }) {
            varyByCoding()
        }
        if !update.contains(.age) { beresp.headers.remove(.age) }
    }

    /// They tell of the body that is kept, which may have been compressed since it came.
    private static let ofTheBody: [HeaderName] = [.contentLength, .contentEncoding, .contentRange]

    /// The origin's own tag of what was compressed here and has a weak one for that.
    private func isStrongForm(_ field: HeaderField, of candidate: StoredResponse) -> Bool {
        guard field.name.equalsIgnoringCase("ETag"), !field.value.hasPrefix("W/") else { return false }
        let weak = candidate.headers[.etag]
        return weak.hasPrefix("W/") && weak.slice(2, weak.count) == field.value
    }

    /// Whether what vcl_fetch left may be kept.
    package var mayStore: Bool {
        cacheable && (lifetime.ttl + lifetime.longestStale > 0 || Freshness.hasValidator(beresp.headers))
            && isWhatItsKeySays && !StoredResponse.varyNames(beresp.headers).contains { $0.bytes == "*" }
    }

    /// What goes into the cache; `hitForPass` in its place marks an address that is not to be collapsed.
    /// `request` are the headers whose values Vary looks at, when they are not this request's own.
    package func makeStored(
        _ body: StoredBody, for request: HeaderList? = nil, hitForPass nanoseconds: Int64? = nil
    ) -> StoredResponse {
        let age = nanoseconds == nil ? Freshness(beresp, now: now, requestHasAuthorization: false).age : 0
        let times = StoredResponse.Times(
            born: now - age, now: now, ttl: nanoseconds ?? lifetime.ttl, grace: lifetime.grace,
            staleWhileRevalidate: lifetime.staleWhileRevalidate, staleIfError: lifetime.staleIfError)
        return StoredResponse(
            head: beresp, body: body, times: times, request: request ?? req.headers,
            surrogateKeys: surrogateKeysToKeep, isHitForPass: nanoseconds != nil)
    }

    /// Whether the answer to a pass means that what is kept for this address is not true any more: a method that is not safe has
    /// succeeded (RFC 9111, section 4.4).
    package var hasChangedTheAddress: Bool {
        guard beresp.status >= 200, beresp.status < 400 else { return false }
        return !Context.safeMethods.contains { bereq.method == $0 }
    }

    private static let contentLocation = HeaderName("Content-Location")
    private static let safeMethods: [StaticString] = ["GET", "HEAD", "OPTIONS", "TRACE"]

    /// Whether the answer to a POST may be kept for those who GET the same address later: it says that it is what they would get,
    /// and for how long (RFC 9110, section 9.3.3).
    package var isForLaterGets: Bool {
        guard bereq.method == "POST", beresp.status == 200, mayStore else { return false }
        let location = beresp.headers[Context.contentLocation]
        guard location.isSet, Freshness(beresp, now: now, requestHasAuthorization: true).explicit else {
            return false
        }
        let host = req.headers[.host]
        return location == req.target
            || ["http://", "https://"].contains {
                location == arena.concatenate([Bytes($0), host, req.target])
            }
    }

    // MARK: answers

    /// The key under which the cache looks: the program's, or the address when it gave none, within the service's own part.
    package func completeHashKey() {
        if hashKey.isEmpty {
            hashKey = arena.concatenate([req.target, Bytes("\u{0}"), req.headers[.host], Bytes("\u{0}")])
        }
        if let service = snapshot.service, service.keyPrefix.isSet {
            hashKey = arena.concatenate(service.keyPrefix, hashKey)
        }
    }

    /// Fills `obj` for vcl_error.
    package func beginError() {
        state = .error
        obj.reset()
        obj.status = errorStatus >= 100 && errorStatus <= 999 ? Int(errorStatus) : 503
        obj.reason = errorResponse.isSet ? errorResponse : HeadWriter.reason(obj.status)
        synthetic = .notSet
    }

    /// What every answer says of its way, and what it does not: the words for caches that stand before us.
    package func dressResponse() {
        // Another edge of ours needs them as we do.
        if visits == 0 {
            resp.headers.remove(.surrogateControl)
            resp.headers.remove(.surrogateKey)
        }
        resp.headers.set(.xCache, Bytes(cacheWord))
        resp.headers.append(HeaderField(Context.cacheStatus, value: cacheStatus))
        if state == .hit || state == .hitStale {
            resp.headers.set(.xCacheHits, Format.integer(objectHits, in: arena))
        }
        resp.headers.append(HeaderField(.via, value: Bytes("1.1 hq")))
    }

    private static let cacheStatus = HeaderName("Cache-Status")

    /// What became of the request, as RFC 9211 says it; caches nearer to the visitor add theirs behind it.
    private var cacheStatus: Bytes {
        switch state {
        case .hit, .hitStale:
            arena.concatenate(
                Bytes("hq; hit; ttl="), Format.integer(objectLifetime.ttl / 1_000_000_000, in: arena))
        case .pass, .hitPass:
            req.method == "GET" || req.method == "HEAD" ? Bytes("hq; fwd=bypass") : Bytes("hq; fwd=method")
        case .error, .synthetic: Bytes("hq; detail=generated")
        case .miss, .none:
            if asksForChanges {
                isStored ? Bytes("hq; fwd=stale; stored") : Bytes("hq; fwd=stale")
            } else {
                isStored ? Bytes("hq; fwd=miss; stored") : Bytes("hq; fwd=miss")
            }
        }
    }

    /// What became of the request, in a word.
    package var cacheWord: StaticString {
        switch state {
        case .hit: "HIT"
        case .hitStale: "STALE"
        case .pass, .hitPass: "PASS"
        case .error, .synthetic: resp.status >= 500 ? "ERROR" : "SYNTH"
        default: "MISS"
        }
    }
}

extension Lifetime {
    package var longestStale: Int64 { max(grace, staleWhileRevalidate, staleIfError) }
}
