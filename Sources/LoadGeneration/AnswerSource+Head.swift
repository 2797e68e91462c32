import HTTP1
import Kernel
import Rehearsal

extension AnswerSource {
    private static let cacheStatus = HeaderName("Cache-Status")
    private static let xVarnish = HeaderName("X-Varnish")

    /// By what caches say of themselves: `X-Cache` (HQ, Fastly and many others), `Cache-Status` (RFC 9211), two numbers in
    /// Varnish's `X-Varnish`, or else an `Age` above 0, which only a stored answer has (RFC 9111, section 5.1).
    init(_ headers: HeaderList) {
        let cache = headers[.xCache]
        if cache.isSet {
            // Of several caches the nearest speaks last.
            let nearest =
                cache.lastIndex(of: UInt8(ascii: ",")).map { cache.slice($0 + 1, cache.count).trimmed }
                ?? cache
            if nearest.hasPrefix("HIT") {
                self = .hit
            } else {
                self = nearest.hasPrefix("STALE") ? .stale : .fetched
            }
            return
        }
        let status = headers[AnswerSource.cacheStatus]
        if status.isSet {
            self = status.firstIndex(of: Bytes("; hit")) != nil ? .hit : .fetched
            return
        }
        let varnish = headers[AnswerSource.xVarnish]
        if varnish.isSet {
            self = varnish.firstIndex(of: UInt8(ascii: " ")) != nil ? .hit : .fetched
            return
        }
        let age = headers[.age]
        self = age.isSet && !(age == "0") ? .hit : .fetched
    }
}
