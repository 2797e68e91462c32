import HTTP1
import HTTPCache
package import Kernel
package import VCLRuntime

// Parts in the cache (RFC 9111, section 3.3): those that are the answer to one Range that a program sent on, and the segments of
// segmented caching. Each has a key of its own, beside that of the whole, so that no look-up of the whole ever finds one; all of
// an address carry one tag, so that what purges the address purges them.

extension Context {
    private var part: RequestExtras.Part? { usedExtras?.pass.part }

    // MARK: a Range that a program sends on

    /// Where the answer to the client's Range is kept; nil when it asks for no part, or only for one of a certain whole.
    package var keyOfPart: Bytes? {
        let range = req.headers[.range]
        guard range.isSet, part == nil, req.method == "GET", !req.headers.contains(.ifRange),
            ByteRange(range) != nil
        else { return nil }
        return arena.concatenate([hashKey, Bytes("\u{0}range "), range])
    }

    /// Whether vcl_miss left the client's own Range in `bereq`, so that what comes is kept as that part. Where a part
    /// would be no good (there is something stale to ask about, If-Range) the whole is asked for.
    package func takePart(besides candidate: Bool) -> Bool {
        let range = bereq.headers[.range]
        guard range.isSet, part == nil, range == req.headers[.range] else { return false }
        guard !candidate, let key = keyOfPart else {
            bereq.headers.remove(.range)
            return false
        }
        extras.pass.part = RequestExtras.Part(wholeKey: hashKey, segment: nil)
        hashKey = key
        return true
    }

    /// Back to the whole, which may be there by now.
    package func leavePart() {
        guard let part, part.segment == nil else { return }
        hashKey = part.wholeKey
        extras.pass.part = nil
    }

    // MARK: a segment

    /// Makes the request in `req`, a copy of that for the whole under `key`, the one for a segment: `bytes` of it.
    package func becomeSegment(_ bytes: Range<Int64>, ofWholeAt key: Bytes) {
        for name in Context.conditional { req.headers.remove(name) }
        req.method = Bytes("GET")
        let range = arena.copy("bytes=\(bytes.lowerBound)-\(bytes.upperBound - 1)")
        req.headers.set(.range, range)
        let wholeKey = arena.copy(key)
        hashKey = arena.concatenate([wholeKey, Bytes("\u{0}segment "), range])
        extras.pass.part = RequestExtras.Part(wholeKey: wholeKey, segment: bytes)
    }

    /// The Range of a segment's request.
    func askForSegment() {
        if part?.segment != nil { bereq.headers.set(.range, req.headers[.range]) }
    }

    // MARK: the backend's answer

    /// Whether what came is judged as the part that it is.
    var isPart: Bool { beresp.status == 206 && part != nil }

    /// What is no part although one was asked for (the backend knows no ranges, the page is gone) is kept as the whole that it
    /// is.
    package func settlePart() {
        guard let part, ![206, 304, 416].contains(beresp.status) else { return }
        hashKey = part.wholeKey
        extras.pass.part = nil
    }

    /// Whether what came may be kept under the key that it has: a part as the part that was asked for, a whole as a whole.
    var isWhatItsKeySays: Bool {
        guard let part else { return beresp.status != 206 }
        guard beresp.status == 206, let range = ContentRange(beresp.headers[.contentRange]) else {
            return false
        }
        guard let segment = part.segment else { return true }
        return range.isSegment(segment)
    }

    /// Surrogate keys of what is kept; parts carry one more.
    var surrogateKeysToKeep: Bytes {
        let own = beresp.headers[.surrogateKey]
        guard let part else { return own }
        let tag = arena.copy(Context.tagOfParts(part.wholeKey))
        return own.isSet ? arena.concatenate([own, Bytes(" "), tag]) : tag
    }

    /// The surrogate key of all parts of the whole at `key`.
    package static func tagOfParts(_ key: Bytes) -> String {
        "hq-parts-of-" + String(ByteHash.process(key), radix: 16)
    }
}

extension ContentRange {
    /// Whether it is all of `segment` that the whole has.
    package func isSegment(_ segment: Range<Int64>) -> Bool {
        guard let total else { return false }
        return bytes == segment.lowerBound..<min(segment.upperBound, total)
    }
}
