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
