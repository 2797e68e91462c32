package import Kernel

/// One header line: views of a name and a value that an arena or a cached object owns.
package struct HeaderField: Sendable {
    package var name: Bytes
    package var value: Bytes
    /// `HeaderName.hash` of the name, so that a look-up compares one number for each line that is not it.
    package let hash: UInt32

    @inlinable package init(name: Bytes, value: Bytes) {
        self.name = name
        self.value = value
        hash = HeaderName.hash(name)
    }

    @inlinable package init(_ name: HeaderName, value: Bytes) {
        self.name = name.bytes
        self.value = value
        hash = name.hash
    }
}

/// A header's name with its hash made once. Names compare without case (RFC 9110, section 5.1).
package struct HeaderName: Sendable {
    package let bytes: Bytes
    package let hash: UInt32

    @inlinable package init(_ bytes: Bytes) {
        self.bytes = bytes
        hash = HeaderName.hash(bytes)
    }

    package init(_ literal: StaticString) { self.init(Bytes(literal)) }

    /// FNV-1a of the lowercased name.
    @inlinable package static func hash(_ bytes: Bytes) -> UInt32 {
        var hash = emptyHash
        for byte in bytes.buffer { hash = self.hash(hash, lowercased(byte)) }
        return hash
    }

    /// The hash of no name, and of one with one more octet.
    @inlinable package static var emptyHash: UInt32 { 2_166_136_261 }
    @inlinable package static func hash(_ hash: UInt32, _ byte: UInt8) -> UInt32 {
        (hash ^ UInt32(byte)) &* 16_777_619
    }

    package static let age = HeaderName("Age")
    package static let authorization = HeaderName("Authorization")
    package static let cacheControl = HeaderName("Cache-Control")
    package static let connection = HeaderName("Connection")
    package static let contentLength = HeaderName("Content-Length")
    package static let contentType = HeaderName("Content-Type")
    package static let date = HeaderName("Date")
    package static let etag = HeaderName("ETag")
    package static let expect = HeaderName("Expect")
    package static let expires = HeaderName("Expires")
    package static let host = HeaderName("Host")
    package static let ifModifiedSince = HeaderName("If-Modified-Since")
    package static let ifNoneMatch = HeaderName("If-None-Match")
    package static let keepAlive = HeaderName("Keep-Alive")
    package static let lastModified = HeaderName("Last-Modified")
    package static let pragma = HeaderName("Pragma")
    package static let proxyConnection = HeaderName("Proxy-Connection")
    package static let range = HeaderName("Range")
    package static let setCookie = HeaderName("Set-Cookie")
    package static let surrogateControl = HeaderName("Surrogate-Control")
    package static let surrogateKey = HeaderName("Surrogate-Key")
    package static let te = HeaderName("TE")
    package static let trailer = HeaderName("Trailer")
    package static let transferEncoding = HeaderName("Transfer-Encoding")
    package static let upgrade = HeaderName("Upgrade")
    package static let vary = HeaderName("Vary")
    package static let via = HeaderName("Via")
    package static let xCache = HeaderName("X-Cache")
    /// By which the control plane's own visits are known.
    package static let hqCheck = HeaderName("HQ-Check")
    package static let xCacheHits = HeaderName("X-Cache-Hits")
    package static let xForwardedFor = HeaderName("X-Forwarded-For")
}

/// The header lines of one message in their order.
package struct HeaderList: Sendable {
    package private(set) var fields: [HeaderField] = []

    package init(capacity: Int = 32) { fields.reserveCapacity(capacity) }

    package var count: Int { fields.count }

    package mutating func removeAll() { fields.removeAll(keepingCapacity: true) }

    @inlinable package func firstIndex(_ name: HeaderName) -> Int? {
        for index in fields.indices where fields[index].hash == name.hash {
            if fields[index].name.equalsIgnoringCase(name.bytes) { return index }
        }
        return nil
    }

    /// The first line's value, or "not set".
    @inlinable package subscript(name: HeaderName) -> Bytes {
        firstIndex(name).map { fields[$0].value } ?? .notSet
    }

    @inlinable package func contains(_ name: HeaderName) -> Bool { firstIndex(name) != nil }

    package mutating func append(_ field: HeaderField) { fields.append(field) }

    /// Leaves exactly one line of this name, at the place of the first.
    package mutating func set(_ name: HeaderName, _ value: Bytes) {
        guard let index = firstIndex(name) else { return fields.append(HeaderField(name, value: value)) }
        fields[index].value = value
        var other = index + 1
        while other < fields.count {
            if fields[other].hash == name.hash, fields[other].name.equalsIgnoringCase(name.bytes) {
                fields.remove(at: other)
            } else {
                other += 1
            }
        }
    }

    package mutating func remove(_ name: HeaderName) {
        guard firstIndex(name) != nil else { return }
        fields.removeAll { $0.hash == name.hash && $0.name.equalsIgnoringCase(name.bytes) }
    }

    package mutating func removeAll(where test: (HeaderField) -> Bool) { fields.removeAll(where: test) }

    package mutating func replace(with other: HeaderList) {
        fields.removeAll(keepingCapacity: true)
        fields.append(contentsOf: other.fields)
    }

    /// All lines of this name joined by `separator` (RFC 9110, section 5.2), or "not set".
    package func joined(_ name: HeaderName, separator: Bytes = Bytes(", "), in arena: Arena) -> Bytes {
        var found: [Bytes] = []
        for field in fields where field.hash == name.hash && field.name.equalsIgnoringCase(name.bytes) {
            found.append(field.value)
        }
        guard found.count > 1 else { return found.first ?? .notSet }
        var parts: [Bytes] = []
        for (index, value) in found.enumerated() {
            if index > 0 { parts.append(separator) }
            parts.append(value)
        }
        return arena.concatenate(parts)
    }

    /// Whether a comma-separated header holds `token`, without case.
    package func lists(_ name: HeaderName, token: StaticString) -> Bool {
        var found = false
        for field in fields where field.hash == name.hash && field.name.equalsIgnoringCase(name.bytes) {
            field.value.forEachPart(separator: UInt8(ascii: ",")) {
                if $0.equalsIgnoringCase(token) { found = true }
            }
        }
        return found
    }
}
