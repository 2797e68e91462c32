package import HTTP1
import Kernel

/// What a response says about its own life (RFC 9111, sections 4.2 and 5; RFC 5861), in nanoseconds.
package struct Freshness: Sendable, Equatable {
    /// How long the response is fresh, its age on arrival already taken off; negative when it came stale.
    package var lifetime: Int64
    package var staleWhileRevalidate: Int64
    package var staleIfError: Int64
    /// The age on arrival (RFC 9111, section 4.2.3), without the response delay.
    package var age: Int64
    /// Whether a shared cache may store it at all.
    package var storable: Bool
    /// Whether the lifetime was said, not guessed.
    package var explicit: Bool

    static let second: Int64 = 1_000_000_000
    /// A guessed lifetime is a tenth of the time since the last change, and at most this (RFC 9111, section 4.2.2).
    package static let heuristicMost: Int64 = 24 * 3600 * second
    /// RFC 9111, section 1.2.2: larger deltas mean at least this.
    static let longestDelta: Int64 = 1 << 31

    /// Statuses that may be stored on a guessed lifetime (RFC 9110, section 15.1).
    package static let heuristicStatuses: Set<Int> = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501]

    /// `now` is the time of arrival in nanoseconds since 1970. Surrogate-Control goes before CDN-Cache-Control, as at Fastly; one
    /// of them there, Cache-Control speaks to others (RFC 9213, section 2.2).
    package init(_ head: ResponseHead, now: Int64, requestHasAuthorization: Bool) {
        let headers = head.headers
        let general = CacheDirectives(headers, .cacheControl)
        let surrogate = CacheDirectives(headers, .surrogateControl)
        let network = CacheDirectives(targeted: Freshness.cdnCacheControl, in: headers)
        let rules = surrogate.found ? surrogate : network.found ? network : general
        age = Freshness.age(headers, now: now)
        let said = Freshness.said(surrogate, network, general, headers, now: now)
        let mayGuess = Freshness.heuristicStatuses.contains(head.status) || rules.isPublic
        let guess = mayGuess ? Freshness.guess(headers, now: now) : nil
        explicit = said != nil
        lifetime = (said ?? guess ?? 0) - age
        staleWhileRevalidate =
            (rules.staleWhileRevalidate ?? general.staleWhileRevalidate ?? 0) * Freshness.second
        staleIfError = (rules.staleIfError ?? general.staleIfError ?? 0) * Freshness.second
        // These forbid stale answers whatever else is said (RFC 9111, section 5.2.2.2).
        if rules.mustRevalidate || rules.proxyRevalidate { (staleWhileRevalidate, staleIfError) = (0, 0) }
        if rules.noCache { (lifetime, staleWhileRevalidate, staleIfError) = (-age, 0, 0) }
        storable =
            Freshness.permits(rules, head.status, isSurrogate: surrogate.found)
            && Freshness.permits(rules, authorization: requestHasAuthorization, isTargeted: surrogate.found)
            && (explicit || guess != nil || rules.noCache || mayGuess && Freshness.hasValidator(headers))
            && Freshness.isStorable(head.status)
    }

    private static let cdnCacheControl = HeaderName("CDN-Cache-Control")

    /// Whether somebody may be asked if it is still good.
    package static func hasValidator(_ headers: HeaderList) -> Bool {
        headers.contains(.etag) || headers.contains(.lastModified)
    }

    /// Parts and what only freshens others are no responses of their own.
    private static func isStorable(_ status: Int) -> Bool { status >= 200 && status != 206 && status != 304 }

    private static func permits(_ rules: CacheDirectives, _ status: Int, isSurrogate: Bool) -> Bool {
        if isSurrogate { return !rules.noStore }
        // Who says must-understand means no-store for those who do not know the status (RFC 9111, section 5.2.2.3).
        let isForbidden = rules.mustUnderstand ? !understood.contains(status) : rules.noStore
        return !isForbidden && !rules.isPrivate
    }

    /// RFC 9111, section 3.5.
    private static func permits(_ rules: CacheDirectives, authorization: Bool, isTargeted: Bool) -> Bool {
        !authorization || rules.isPublic || rules.sharedMaxAge != nil || rules.mustRevalidate || isTargeted
    }

    /// Statuses whose caching rules are known here: the final ones of RFC 9110, but 206 and 304.
    private static let understood: Set<Int> = Set(
        [200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308] + Array(400...417)
            + [421, 422, 426, 428, 429, 431, 451] + Array(500...505) + [511])

    private static func said(
        _ surrogate: CacheDirectives, _ network: CacheDirectives, _ general: CacheDirectives,
        _ headers: HeaderList, now: Int64
    ) -> Int64? {
        if let seconds = surrogate.maxAge { return seconds * second }
        if network.found, !surrogate.found {
            return (network.sharedMaxAge ?? network.maxAge).map { $0 * second }
        }
        if let seconds = general.sharedMaxAge ?? general.maxAge { return seconds * second }
        guard headers.contains(.expires) else { return nil }
        // An Expires that cannot be read, or stands twice, means already expired (RFC 9111, section 5.3).
        guard let expires = HTTPDate.parse(headers[.expires]) else { return 0 }
        let date = HTTPDate.parse(headers[.date]) ?? now / second
        return max(0, expires - date) * second
    }

    private static func guess(_ headers: HeaderList, now: Int64) -> Int64? {
        guard let modified = HTTPDate.parse(headers[.lastModified]) else { return nil }
        let date = HTTPDate.parse(headers[.date]) ?? now / second
        return min(max(0, date - modified) * second / 10, heuristicMost)
    }

    private static func age(_ headers: HeaderList, now: Int64) -> Int64 {
        let apparent = HTTPDate.parse(headers[.date]).map { max(0, now / second - $0) } ?? 0
        // Of a list the first counts; what is no number says nothing (RFC 9111, section 5.1).
        let value = headers[.age]
        let first = value.slice(0, value.firstIndex(of: UInt8(ascii: ",")) ?? value.count).trimmed
        let isNumber = first.count > 0 && first.buffer.allSatisfy { $0 &- 0x30 < 10 }
        let said = isNumber ? min(first.decimal ?? longestDelta, longestDelta) : 0
        return max(apparent, said) * second
    }
}
