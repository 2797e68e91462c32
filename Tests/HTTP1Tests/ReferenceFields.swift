import HTTP1

/// The fields of a head as RFC 9112, section 5, has them.
struct ReferenceFields {
    var lines: [(name: [UInt8], value: [UInt8])] = []

    /// `*( field-line CRLF ) CRLF`. White space before a colon is forgiven in responses (section 5.1).
    init(_ cursor: inout ReferenceCursor, isRequest: Bool) throws(ReferenceError) {
        while try cursor.peek() != 13 {
            let name = try cursor.many(Octet.isTchar)
            if name.isEmpty { throw .malformed }
            if !isRequest { _ = try cursor.many(Octet.isBlank) }
            try cursor.text(":")
            let value = try cursor.many(Octet.isFieldOctet)
            try cursor.crlf()
            lines.append((name, ReferenceFields.trim(value)))
            if lines.count > HTTP1Limits.headerLines { throw .malformed }
        }
        try cursor.crlf()
    }

    static func trim(_ octets: [UInt8]) -> [UInt8] {
        var octets = octets
        while let first = octets.first, Octet.isBlank(first) { octets.removeFirst() }
        while let last = octets.last, Octet.isBlank(last) { octets.removeLast() }
        return octets
    }

    func values(_ name: String) -> [[UInt8]] {
        lines.filter { Octet.lowercase($0.name) == Array(name.utf8) }.map { $0.value }
    }

    /// All members of a list on all lines, empty ones included.
    func members(_ name: String) -> [[UInt8]] {
        values(name).flatMap { value in
            value.split(separator: 44, omittingEmptySubsequences: false).map {
                ReferenceFields.trim(Array($0))
            }
        }
    }
}

/// Where a message ends (RFC 9112, section 6.3).
enum ReferenceFraming {
    static func request(_ fields: ReferenceFields, minor: Int) throws(ReferenceError) -> BodyFraming {
        if let framing = try transferEncoding(fields, minor: minor) { return framing }
        guard let length = try contentLength(fields), length > 0 else { return .none }
        return .length(length)
    }

    static func response(
        _ fields: ReferenceFields, minor: Int, status: Int, method: String
    ) throws(ReferenceError) -> BodyFraming {
        if method == "HEAD" || status / 100 == 1 || status == 204 || status == 304 { return .none }
        if method == "CONNECT", status / 100 == 2 { return .none }
        if let framing = try transferEncoding(fields, minor: minor) { return framing }
        guard let length = try contentLength(fields) else { return .untilClose }
        return .length(length)
    }

    private static func transferEncoding(
        _ fields: ReferenceFields, minor: Int
    ) throws(ReferenceError) -> BodyFraming? {
        if fields.values("transfer-encoding").isEmpty { return nil }
        if minor == 0 || !fields.values("content-length").isEmpty { throw .malformed }
        let codings = fields.members("transfer-encoding").filter { !$0.isEmpty }
        // HQ understands no other coding.
        if codings.count != 1 || Octet.lowercase(codings[0]) != Array("chunked".utf8) { throw .malformed }
        return .chunked
    }

    private static func contentLength(_ fields: ReferenceFields) throws(ReferenceError) -> Int? {
        let members = fields.members("content-length")
        guard let first = members.first else { return nil }
        for member in members where member != first { throw .malformed }
        if first.isEmpty || first.count > HTTP1Limits.contentLengthDigits { throw .malformed }
        var value = 0
        for octet in first {
            if !Octet.isDigit(octet) { throw .malformed }
            value = value * 10 + Int(octet) - 48
        }
        return value
    }
}
