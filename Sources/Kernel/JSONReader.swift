/// Reads one JSON text for `JSONValue`.
struct JSONReader {
    private let bytes: [UInt8]
    private var at = 0

    static func read(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.at == bytes.count else { throw reader.mistake("the end of the text") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func mistake(_ expected: String) -> Failure {
        Failure(.invalid, "expected \(expected) at byte \(at) of the JSON text")
    }

    private mutating func skipSpace() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        skipSpace()
        guard depth < JSONValue.deepest else {
            throw Failure(.limit, "a JSON text nested deeper than \(JSONValue.deepest) levels")
        }
        switch next {
        case UInt8(ascii: "{"): return try object(depth)
        case UInt8(ascii: "["): return try array(depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(Failure) -> JSONValue {
        guard bytes[at...].starts(with: word.utf8) else { throw mistake("'\(word)'") }
        at += word.utf8.count
        return value
    }

    private mutating func object(_ depth: Int) throws(Failure) -> JSONValue {
        at += 1
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw mistake("a member's name in quotes") }
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw mistake("':'") }
            members[name] = try value(depth: depth + 1)
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw mistake("',' or '}'") }
        return .object(members)
    }

    private mutating func array(_ depth: Int) throws(Failure) -> JSONValue {
        at += 1
        var values: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(values) }
        repeat { values.append(try value(depth: depth + 1)) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw mistake("',' or ']'") }
        return .array(values)
    }

    // MARK: strings

    private mutating func string() throws(Failure) -> String {
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                at += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw mistake("an escape in place of a control character")
            default:
                text.append(byte)
                at += 1
            }
        }
        throw mistake("'\"'")
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
        UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private mutating func escape() throws(Failure) -> [UInt8] {
        at += 1
        guard let letter = next else { throw mistake("an escape") }
        if let byte = JSONReader.escapes[letter] {
            at += 1
            return [byte]
        }
        guard letter == UInt8(ascii: "u") else { throw mistake("an escape") }
        let first = try unit()
        var scalar = UInt32(first)
        if first & 0xFC00 == 0xD800, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
            bytes[at + 1] == UInt8(ascii: "u")
        {
            let before = at
            at += 1
            let second = try unit()
            if second & 0xFC00 == 0xDC00 {
                scalar = 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
            } else {
                at = before
            }
        }
        // Half a pair stands for no character.
        return Array(String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8)
    }

    /// The four digits behind `\u`; `at` is the `u`.
    private mutating func unit() throws(Failure) -> UInt16 {
        at += 1
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                throw mistake("four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            at += 1
        }
        return value
    }

    // MARK: numbers

    private mutating func number() throws(Failure) -> JSONValue {
        let start = at
        if next == UInt8(ascii: "-") { at += 1 }
        let leading = next
        guard digits() else {
            at = start
            throw mistake("a value")
        }
        let length = at - start - (bytes[start] == UInt8(ascii: "-") ? 1 : 0)
        guard leading != UInt8(ascii: "0") || length == 1 else {
            throw mistake("a number without leading zeros")
        }
        var isWhole = true
        if next == UInt8(ascii: ".") {
            isWhole = false
            at += 1
            guard digits() else { throw mistake("a digit") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            at += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
            guard digits() else { throw mistake("a digit") }
        }
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        if isWhole, let value = Int64(text) { return .integer(value) }
        guard let value = Double(text) else { throw mistake("a number") }
        return .number(value)
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, byte &- 0x30 < 10 { at += 1 }
        return at > start
    }
}
