/// A JSON text (RFC 8259) as a value. Engines read and write JSON with it, since they have no Foundation.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that 64 bits hold.
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// Of members with one name the last counts. They are written in the order of their names.
    case object([String: JSONValue])

    /// Arrays and objects inside each other, so that no input exhausts the stack.
    package static let deepest = 128

    /// Reads one JSON text. Throws a `Failure` of kind `invalid` that says what is wrong at which byte; `limit` when
    /// there are more than `mostBytes`.
    package init(parsing bytes: [UInt8], mostBytes: Int = 64 << 20) throws(Failure) {
        guard bytes.count <= mostBytes else {
            throw Failure(.limit, "a JSON text of \(bytes.count) bytes; at most \(mostBytes) are read")
        }
        self = try JSONReader.read(bytes)
    }

    package init(parsing text: String) throws(Failure) { try self.init(parsing: Array(text.utf8)) }

    /// The member of an object; nil when there is none, and for everything that is no object.
    package subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
    package var isNull: Bool { self == .null }

    /// A whole number, also one that is written `4.0`.
    package var integer: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The shortest text, in UTF-8.
    package var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements) { $1 })
    }
    package init(nilLiteral: ()) { self = .null }
}

// MARK: writing

extension JSONValue {
    private func write(to out: inout [UInt8]) {
        switch self {
        case .null: out += "null".utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .integer(let value): out += String(value).utf8
        // JSON has no word for infinity or for what is no number.
        case .number(let value): out += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): JSONValue.write(value, to: &out)
        case .array(let values):
            out.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                value.write(to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let members):
            out.append(UInt8(ascii: "{"))
            for (index, name) in members.keys.sorted().enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                JSONValue.write(name, to: &out)
                out.append(UInt8(ascii: ":"))
                members[name]!.write(to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), byte]
            case 0x0A: out += "\\n".utf8
            case 0x0D: out += "\\r".utf8
            case 0x09: out += "\\t".utf8
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                out += "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8
            default: out.append(byte)
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
