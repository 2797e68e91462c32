import HTTP1

// A second reading of RFC 9112, written from its grammar alone and shared with nothing: slow, on arrays, each rule a
// function named after it. Where the grammar and HQ differ on purpose, a comment says so.

/// What a reading fails with.
enum ReferenceError: Error { case malformed, incomplete }

/// A place in some octets. Rules read from it; what does not fit throws.
struct ReferenceCursor {
    let octets: [UInt8]
    var at = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    var isAtEnd: Bool { at == octets.count }

    func peek() throws(ReferenceError) -> UInt8 {
        guard at < octets.count else { throw .incomplete }
        return octets[at]
    }

    mutating func one(_ test: (UInt8) -> Bool) throws(ReferenceError) -> UInt8 {
        let octet = try peek()
        guard test(octet) else { throw .malformed }
        at += 1
        return octet
    }

    /// `*rule`.
    mutating func many(_ test: (UInt8) -> Bool) throws(ReferenceError) -> [UInt8] {
        var found: [UInt8] = []
        while test(try peek()) { found.append(try one(test)) }
        return found
    }

    mutating func text(_ text: String) throws(ReferenceError) {
        for octet in Array(text.utf8) { _ = try one { $0 == octet } }
    }

    mutating func crlf() throws(ReferenceError) { try text("\r\n") }
}

/// The rules for single octets (RFC 5234 B.1, RFC 9110 5.5 and 5.6, RFC 3986 2).
enum Octet {
    static func isDigit(_ octet: UInt8) -> Bool { octet >= 48 && octet <= 57 }
    static func isHexdig(_ octet: UInt8) -> Bool {
        isDigit(octet) || octet >= 65 && octet <= 70 || octet >= 97 && octet <= 102
    }
    static func isAlpha(_ octet: UInt8) -> Bool {
        octet >= 65 && octet <= 90 || octet >= 97 && octet <= 122
    }
    static func isOneOf(_ octet: UInt8, _ text: String) -> Bool { Array(text.utf8).contains(octet) }
    static func isVchar(_ octet: UInt8) -> Bool { octet >= 33 && octet <= 126 }
    static func isObsText(_ octet: UInt8) -> Bool { octet >= 128 }
    static func isBlank(_ octet: UInt8) -> Bool { octet == 32 || octet == 9 }
    static func isTchar(_ octet: UInt8) -> Bool {
        isDigit(octet) || isAlpha(octet) || isOneOf(octet, "!#$%&'*+-.^_`|~")
    }
    static func isFieldOctet(_ octet: UInt8) -> Bool { isVchar(octet) || isObsText(octet) || isBlank(octet) }
    static func isQdtext(_ octet: UInt8) -> Bool {
        isBlank(octet) || octet == 33 || octet >= 35 && octet <= 91 || octet >= 93 && octet <= 126
            || isObsText(octet)
    }
    static func isUnreserved(_ octet: UInt8) -> Bool {
        isDigit(octet) || isAlpha(octet) || isOneOf(octet, "-._~")
    }
    static func isSubDelim(_ octet: UInt8) -> Bool { isOneOf(octet, "!$&'()*+,;=") }
    /// Wider than `pchar`, as HQ forwards what browsers send; not the fragment's sign.
    static func isTargetOctet(_ octet: UInt8) -> Bool {
        (isVchar(octet) || isObsText(octet)) && !isOneOf(octet, "#")
    }
    static func lowercase(_ octets: [UInt8]) -> [UInt8] {
        octets.map { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 }
    }
}

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
