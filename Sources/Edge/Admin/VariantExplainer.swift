import EdgeLink
import HTTP1
import HTTPCache
import Kernel

/// Says of one stored response what it is, and why it is fresh or not.
struct VariantExplainer {
    private(set) var variant = Explanation.Variant()
    private let response: StoredResponse
    private let now: Int64

    init(_ response: StoredResponse, now: Int64, isChosen: Bool) {
        self.response = response
        self.now = now
        variant.isChosen = isChosen
        describe()
        remark()
    }

    private static func seconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e9 }

    private mutating func describe() {
        let headers = response.headers
        variant.status = response.status
        variant.vary = response.vary.map { name, value in
            "\(name.bytes.string): \(value.isSet ? value.string : "(none)")"
        }
        variant.isHitForPass = response.isHitForPass
        variant.age = VariantExplainer.seconds(max(0, now - response.born))
        variant.ttl = VariantExplainer.seconds(response.freshUntil - now)
        variant.grace = VariantExplainer.seconds(response.grace)
        variant.staleWhileRevalidate = VariantExplainer.seconds(response.staleWhileRevalidate)
        variant.staleIfError = VariantExplainer.seconds(response.staleIfError)
        func text(_ name: HeaderName) -> String? { headers[name].isSet ? headers[name].string : nil }
        variant.etag = text(.etag)
        variant.lastModified = text(.lastModified)
        variant.cacheControl = text(.cacheControl)
        variant.surrogateControl = text(.surrogateControl)
        response.surrogateKeys.forEachPart(separator: 0x20) { variant.surrogateKeys.append($0.string) }
        variant.bodyBytes = response.body.byteCount
        variant.memoryBytes = response.byteCount
        variant.hits = Int(response.hits)
    }

    // MARK: why

    private mutating func remark() {
        let left = response.freshUntil - now
        let time = Duration.nanoseconds(abs(left)).brief
        if response.isHitForPass {
            variant.remarks.append(
                left > 0
                    ? "a mark: its latest answer was not to be kept; for another \(time) nobody waits for a fetch"
                    : "a mark that has run out")
            return
        }
        variant.remarks.append(left > 0 ? "fresh for another \(time)" : "stale for \(time)")
        variant.remarks.append(origin)
        guard left <= 0 else { return }
        let stale = -left
        for (name, length) in [
            ("grace", response.grace), ("stale-while-revalidate", response.staleWhileRevalidate),
            ("stale-if-error", response.staleIfError),
        ] where length > stale {
            let rest = Duration.nanoseconds(length - stale).brief
            variant.remarks.append("may still be served by \(name) for \(rest)")
        }
        if response.hasValidator { variant.remarks.append("the origin can say whether it is still good") }
    }

    /// Where its lifetime comes from: what its head says, unless something else was made of that.
    private var origin: String {
        var head = ResponseHead()
        head.status = response.status
        head.headers = response.headers
        let said = Freshness(head, now: response.born, requestHasAuthorization: false)
        let (lifetime, given) = (said.lifetime + said.age, response.freshUntil - response.born)
        let text = Duration.nanoseconds(max(0, given)).brief
        // Dates in heads have no fractions.
        if abs(lifetime - given) <= 1_500_000_000 {
            return
                "its lifetime of \(text) comes from \(VariantExplainer.source(head.headers, said.explicit))"
        }
        if given < lifetime, response.freshUntil <= now {
            return "it was marked stale (a soft purge), or the program shortened its life (beresp.ttl)"
        }
        return "its lifetime of \(text) was set by the program (beresp.ttl)"
    }

    private static func source(_ headers: HeaderList, _ isExplicit: Bool) -> String {
        let network = HeaderName("CDN-Cache-Control")
        if CacheDirectives(headers, .surrogateControl).maxAge != nil { return "Surrogate-Control: max-age" }
        if CacheDirectives(targeted: network, in: headers).found { return "CDN-Cache-Control" }
        let general = CacheDirectives(headers, .cacheControl)
        if general.noCache { return "Cache-Control: no-cache, which asks the origin each time" }
        if general.sharedMaxAge != nil { return "Cache-Control: s-maxage" }
        if general.maxAge != nil { return "Cache-Control: max-age" }
        if isExplicit { return "Expires" }
        return headers.contains(.lastModified)
            ? "a guess: a tenth of the time since Last-Modified" : "nothing: the head does not say one"
    }
}
