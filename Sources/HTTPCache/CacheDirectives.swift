package import HTTP1
import Kernel

/// The directives of Cache-Control and the like; times in seconds. A directive said twice counts with its first value.
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
    package private(set) var mustUnderstand = false
    package private(set) var onlyIfCached = false

    package init(_ headers: HeaderList, _ name: HeaderName) {
        for field in headers.fields where field.hash == name.hash && field.name.equalsIgnoringCase(name.bytes)
        {
            found = true
            CacheDirectives.split(field.value) { read($0) }
        }
    }

    /// A targeted field (RFC 9213), which is a Dictionary of RFC 8941: not found when it is none, or empty.
    package init(targeted name: HeaderName, in headers: HeaderList) {
        for field in headers.fields where field.hash == name.hash && field.name.equalsIgnoringCase(name.bytes)
        {
            guard StructuredField.isDictionary(field.value) else {
                self = CacheDirectives()
                return
            }
            found = found || field.value.count > 0
            CacheDirectives.split(field.value) { read($0, strictly: true) }
        }
    }

    private init() {}

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

    /// `strictly`: as a member of a Dictionary, whose numbers stand without quotes and before their parameters.
    private mutating func read(_ part: Bytes, strictly: Bool = false) {
        var part = part
        if strictly, let parameters = part.firstIndex(of: UInt8(ascii: ";")) {
            part = part.slice(0, parameters)
        }
        let equals = part.firstIndex(of: UInt8(ascii: "="))
        let name = equals.map { part.slice(0, $0) } ?? part
        let value = equals.map { part.slice($0 + 1, part.count) } ?? .notSet
        let seconds = strictly ? CacheDirectives.whole(value) : CacheDirectives.seconds(value)
        if name.equalsIgnoringCase("max-age") {
            maxAge = maxAge ?? seconds
        } else if name.equalsIgnoringCase("s-maxage") {
            sharedMaxAge = sharedMaxAge ?? seconds
        } else if name.equalsIgnoringCase("stale-while-revalidate") {
            staleWhileRevalidate = staleWhileRevalidate ?? seconds
        } else if name.equalsIgnoringCase("stale-if-error") {
            staleIfError = staleIfError ?? seconds
        } else if !(strictly && value == "?0") {
            flag(name)
        }
    }

    private mutating func flag(_ name: Bytes) {
        if name.equalsIgnoringCase("no-store") { noStore = true }
        // With a list of fields both speak of those fields alone; reading them as the whole is the safe side.
        if name.equalsIgnoringCase("no-cache") { noCache = true }
        if name.equalsIgnoringCase("private") { isPrivate = true }
        if name.equalsIgnoringCase("public") { isPublic = true }
        if name.equalsIgnoringCase("must-revalidate") { mustRevalidate = true }
        if name.equalsIgnoringCase("proxy-revalidate") { proxyRevalidate = true }
        if name.equalsIgnoringCase("must-understand") { mustUnderstand = true }
        if name.equalsIgnoringCase("only-if-cached") { onlyIfCached = true }
    }

    /// What cannot be read counts as 0, the safe side.
    private static func seconds(_ value: Bytes) -> Int64 {
        var text = value
        if text.count >= 2, text[0] == 0x22, text[text.count - 1] == 0x22 {
            text = text.slice(1, text.count - 1)
        }
        return whole(text) ?? 0
    }

    private static func whole(_ text: Bytes) -> Int64? {
        guard text.count > 0, text.buffer.allSatisfy({ $0 &- 0x30 < 10 }) else { return nil }
        return min(text.decimal ?? Freshness.longestDelta, Freshness.longestDelta)
    }
}
