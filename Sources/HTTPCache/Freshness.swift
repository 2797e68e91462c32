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

    /// `now` is the time of arrival in nanoseconds since 1970.
    package init(_ head: ResponseHead, now: Int64, requestHasAuthorization: Bool) {
        let headers = head.headers
        let directives = CacheDirectives(headers, .cacheControl)
        let surrogate = CacheDirectives(headers, .surrogateControl)
        age = Freshness.age(headers, now: now)
        let (said, explicitly) = Freshness.said(surrogate, directives, headers, now: now)
        let guess =
            Freshness.heuristicStatuses.contains(head.status) ? Freshness.guess(headers, now: now) : nil
        explicit = explicitly
        lifetime = (said ?? guess ?? 0) - age
        let stale = surrogate.found ? surrogate : directives
        staleWhileRevalidate =
            (stale.staleWhileRevalidate ?? directives.staleWhileRevalidate ?? 0) * Freshness.second
        staleIfError = (stale.staleIfError ?? directives.staleIfError ?? 0) * Freshness.second
        storable = surrogate.found ? !surrogate.noStore : !directives.noStore && !directives.isPrivate
        if !surrogate.found,
            directives.mustRevalidate || directives.proxyRevalidate || directives.sharedMaxAge != nil
        {
            // These forbid stale answers whatever else is said (RFC 9111, section 5.2.2.2).
            if directives.mustRevalidate || directives.proxyRevalidate {
                (staleWhileRevalidate, staleIfError) = (0, 0)
            }
        }
        if !surrogate.found, directives.noCache {
            (lifetime, staleWhileRevalidate, staleIfError) = (-age, 0, 0)
        }
        if requestHasAuthorization, !directives.isPublic, directives.sharedMaxAge == nil,
            !directives.mustRevalidate, !surrogate.found
        {
            storable = false
        }
        if !explicit, guess == nil { storable = false }
        if head.status < 200 || head.status == 206 || head.status == 304 { storable = false }
    }

    private static func said(
        _ surrogate: CacheDirectives, _ directives: CacheDirectives, _ headers: HeaderList, now: Int64
    ) -> (Int64?, Bool) {
        if let seconds = surrogate.maxAge { return (seconds * second, true) }
        if let seconds = directives.sharedMaxAge ?? directives.maxAge { return (seconds * second, true) }
        guard headers.contains(.expires) else { return (nil, false) }
        // An Expires that cannot be read, or stands twice, means already expired (RFC 9111, section 5.3).
        guard let expires = HTTPDate.parse(headers[.expires]) else { return (0, true) }
        let date = HTTPDate.parse(headers[.date]) ?? now / second
        return (max(0, expires - date) * second, true)
    }

    private static func guess(_ headers: HeaderList, now: Int64) -> Int64? {
        guard let modified = HTTPDate.parse(headers[.lastModified]) else { return nil }
        let date = HTTPDate.parse(headers[.date]) ?? now / second
        return min(max(0, date - modified) * second / 10, heuristicMost)
    }

    private static func age(_ headers: HeaderList, now: Int64) -> Int64 {
        let apparent = HTTPDate.parse(headers[.date]).map { max(0, now / second - $0) } ?? 0
        let said = headers[.age].decimal.map { max(0, min($0, longestDelta)) } ?? 0
        return max(apparent, said) * second
    }
}

/// The directives of Cache-Control or Surrogate-Control; times in seconds. A directive said twice counts with its first value.
package struct CacheDirectives: Sendable {
    package private(set) var found = false
    package private(set) var maxAge: Int64?
    package private(set) var sharedMaxAge: Int64?
    package private(set) var staleWhileRevalidate: Int64?
    package private(set) var staleIfError: Int64?
    package private(set) var noStore = false
    package private(set) var noCache = false
    package private(set) var isPrivate = false
    package private(set) var isPublic = false
    package private(set) var mustRevalidate = false
    package private(set) var proxyRevalidate = false
    package private(set) var onlyIfCached = false

    package init(_ headers: HeaderList, _ name: HeaderName) {
        for field in headers.fields where field.hash == name.hash && field.name.equalsIgnoringCase(name.bytes)
        {
            found = true
            CacheDirectives.split(field.value) { read($0) }
        }
    }

    /// Parts between commas; a comma inside quotes separates nothing.
    private static func split(_ value: Bytes, _ body: (Bytes) -> Void) {
        var from = 0
        var quoted = false
        for index in 0...value.count {
            if index < value.count, value[index] == 0x22 { quoted.toggle() }
            guard index == value.count || value[index] == 0x2C && !quoted else { continue }
            body(value.slice(from, index).trimmed)
            from = index + 1
        }
    }

    private mutating func read(_ part: Bytes) {
        let equals = part.firstIndex(of: UInt8(ascii: "="))
        let name = equals.map { part.slice(0, $0) } ?? part
        let value = equals.map { part.slice($0 + 1, part.count) } ?? .notSet
        if name.equalsIgnoringCase("max-age") {
            maxAge = maxAge ?? seconds(value)
        } else if name.equalsIgnoringCase("s-maxage") {
            sharedMaxAge = sharedMaxAge ?? seconds(value)
        } else if name.equalsIgnoringCase("stale-while-revalidate") {
            staleWhileRevalidate = staleWhileRevalidate ?? seconds(value)
        } else if name.equalsIgnoringCase("stale-if-error") {
            staleIfError = staleIfError ?? seconds(value)
        } else {
            flag(name, qualified: value.isSet)
        }
    }

    private mutating func flag(_ name: Bytes, qualified: Bool) {
        if name.equalsIgnoringCase("no-store") { noStore = true }
        // With a list of fields both speak of those fields alone; reading them as the whole is the safe side.
        if name.equalsIgnoringCase("no-cache") { noCache = true }
        if name.equalsIgnoringCase("private") { isPrivate = true }
        if name.equalsIgnoringCase("public") { isPublic = true }
        if name.equalsIgnoringCase("must-revalidate") { mustRevalidate = true }
        if name.equalsIgnoringCase("proxy-revalidate") { proxyRevalidate = true }
        if name.equalsIgnoringCase("only-if-cached") { onlyIfCached = true }
    }

    /// What cannot be read counts as 0, the safe side.
    private func seconds(_ value: Bytes) -> Int64 {
        var text = value
        if text.count >= 2, text[0] == 0x22, text[text.count - 1] == 0x22 {
            text = text.slice(1, text.count - 1)
        }
        guard text.count > 0, text.buffer.allSatisfy({ $0 &- 0x30 < 10 }) else { return 0 }
        return min(text.decimal ?? Freshness.longestDelta, Freshness.longestDelta)
    }
}
