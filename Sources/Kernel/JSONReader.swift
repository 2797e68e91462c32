/// What bounds the reading of JSON, so that no input exhausts memory or the stack.
package enum JSONLimits {
    /// Lists and objects inside each other. A Terraform plan with modules in modules stays below forty.
    package static let deepestNesting = 128
    /// Bytes of one text; a plan of a hundred services with their VCL is some megabytes.
    package static let longestText = 64 << 20
}

/// Reads JSON (RFC 8259). Throws `Failure(.invalid)` with line and column, or `Failure(.limit)`.
package struct JSONReader {
    private let bytes: [UInt8]
    private let name: String
    private var at = 0
    private var depth = 0

    /// `name` is what a message calls the text: a path, or "the plan".
    package static func read(_ bytes: [UInt8], name: String) throws(Failure) -> JSONValue {
        guard bytes.count <= JSONLimits.longestText else {
            throw Failure(.limit, "\(name) is longer than \(JSONLimits.longestText >> 20) MiB")
        }
        var reader = JSONReader(bytes, name)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.at = 3 }
        let value = try reader.value()
        reader.skip()
        guard reader.at == bytes.count else { throw reader.mistake("the end of the text") }
        return value
    }

    private init(_ bytes: [UInt8], _ name: String) {
        self.bytes = bytes
        self.name = name
    }

    private var byte: UInt8? { at < bytes.count ? bytes[at] : nil }

    private func mistake(_ expected: String) -> Failure {
        let before = bytes[..<min(at, bytes.count)]
        let line = before.count { $0 == 0x0A } + 1
        let column = before.count - ((before.lastIndex(of: 0x0A) ?? -1) + 1) + 1
        let found = byte.map { "'\(String(decoding: [$0], as: UTF8.self))'" } ?? "the end"
        return Failure(
            .invalid, "\(name):\(line):\(column): expected \(expected), found \(found)",
            hint: bytes.isEmpty ? "the text is empty" : nil)
    }

    private mutating func skip() {
        while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { at += 1 }
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        skip()
        guard byte == wanted else { return false }
        at += 1
        return true
    }

    private mutating func value() throws(Failure) -> JSONValue {
        skip()
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        for index in 0..<text.utf8CodeUnitCount {
            guard byte == text.utf8Start[index] else { throw mistake("'\(text)'") }
            at += 1
        }
        return value
    }

    private mutating func descend() throws(Failure) {
        at += 1
        depth += 1
        guard depth <= JSONLimits.deepestNesting else {
            throw Failure(.limit, "\(name) is nested deeper than \(JSONLimits.deepestNesting) levels")
        }
    }

    private mutating func object() throws(Failure) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            skip()
            guard byte == UInt8(ascii: "\"") else { throw mistake("a member's name in quotes") }
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw mistake("':'") }
            members.append(JSONMember(name, try value()))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw mistake("',' or '}'") }
        return .object(members)
    }

    private mutating func array() throws(Failure) -> JSONValue {
        try descend()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat { elements.append(try value()) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw mistake("',' or ']'") }
        return .array(elements)
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte, byte >= 0x30, byte <= 0x39 { at += 1 }
        return at > start
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = at
        if byte == UInt8(ascii: "-") { at += 1 }
        let leadingZero = byte == UInt8(ascii: "0")
        let first = at
        guard digits() else { throw mistake("a value") }
        if leadingZero, at > first + 1 {
            at = first + 1
            throw mistake("no digit behind a leading zero")
        }
        if byte == UInt8(ascii: ".") {
            at += 1
            guard digits() else { throw mistake("a digit") }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            at += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { at += 1 }
            guard digits() else { throw mistake("a digit") }
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    // MARK: strings

    private mutating func string() throws(Failure) -> String {
        at += 1
        let start = at
        while let byte, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { at += 1 }
        if byte == UInt8(ascii: "\"") {
            at += 1
            return String(decoding: bytes[start..<(at - 1)], as: UTF8.self)
        }
        var out = Array(bytes[start..<at])
        while let byte {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: out, as: UTF8.self)
            case UInt8(ascii: "\\"):
                at += 1
                try escape(into: &out)
            case 0..<0x20: throw mistake("no control character in a string")
            default:
                out.append(byte)
                at += 1
            }
        }
        throw mistake("the string's closing quote")
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private mutating func escape(into out: inout [UInt8]) throws(Failure) {
        guard let letter = byte else { throw mistake("an escape") }
        if let plain = JSONReader.escapes[letter] {
            out.append(plain)
            at += 1
            return
        }
        guard letter == UInt8(ascii: "u") else { throw mistake("an escape such as \\n") }
        at += 1
        var code = try hexadecimal()
        if (0xD800..<0xDC00).contains(code), byte == UInt8(ascii: "\\"), at + 1 < bytes.count,
            bytes[at + 1] == UInt8(ascii: "u")
        {
            at += 2
            let low = try hexadecimal()
            code =
                (0xDC00..<0xE000).contains(low) ? 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) : 0xFFFD
        }
        out += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw mistake("four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
            at += 1
        }
        return code
    }
}
