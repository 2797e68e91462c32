/// Whether bytes are one JSON text (RFC 8259), for `assert.is_json`. Nesting is bounded, so that no input exhausts the stack.
enum JSONCheck {
    static let deepest = 512

    static func isValid(_ bytes: [UInt8]) -> Bool {
        var reader = Reader(bytes: bytes)
        return reader.value(0) && reader.atEnd()
    }

    private struct Reader {
        let bytes: [UInt8]
        var at = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        mutating func skip() {
            while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        }

        mutating func atEnd() -> Bool {
            skip()
            return at == bytes.count
        }

        mutating func take(_ byte: UInt8) -> Bool {
            skip()
            guard at < bytes.count, bytes[at] == byte else { return false }
            at += 1
            return true
        }

        mutating func value(_ depth: Int) -> Bool {
            skip()
            guard depth < JSONCheck.deepest, at < bytes.count else { return false }
            switch bytes[at] {
            case UInt8(ascii: "{"): return object(depth)
            case UInt8(ascii: "["): return list(depth)
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: "t"): return word("true")
            case UInt8(ascii: "f"): return word("false")
            case UInt8(ascii: "n"): return word("null")
            default: return number()
            }
        }

        mutating func word(_ text: StaticString) -> Bool {
            for index in 0..<text.utf8CodeUnitCount {
                guard at < bytes.count, bytes[at] == text.utf8Start[index] else { return false }
                at += 1
            }
            return true
        }

        mutating func object(_ depth: Int) -> Bool {
            at += 1
            if take(UInt8(ascii: "}")) { return true }
            repeat {
                skip()
                guard at < bytes.count, bytes[at] == UInt8(ascii: "\""), string(), take(UInt8(ascii: ":")),
                    value(depth + 1)
                else { return false }
            } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "}"))
        }

        mutating func list(_ depth: Int) -> Bool {
            at += 1
            if take(UInt8(ascii: "]")) { return true }
            repeat { guard value(depth + 1) else { return false } } while take(UInt8(ascii: ","))
            return take(UInt8(ascii: "]"))
        }

        mutating func string() -> Bool {
            at += 1
            while at < bytes.count {
                let byte = bytes[at]
                at += 1
                if byte == UInt8(ascii: "\"") { return true }
                guard byte >= 0x20 else { return false }
                if byte == UInt8(ascii: "\\"), !escape() { return false }
            }
            return false
        }

        private mutating func escape() -> Bool {
            guard at < bytes.count else { return false }
            let byte = bytes[at]
            at += 1
            guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
            guard at + 4 <= bytes.count else { return false }
            defer { at += 4 }
            return bytes[at..<(at + 4)].allSatisfy { isDigit($0) || ($0 | 0x20) &- 0x61 < 6 }
        }

        private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

        private mutating func digits() -> Bool {
            let start = at
            while at < bytes.count, isDigit(bytes[at]) { at += 1 }
            return at > start
        }

        mutating func number() -> Bool {
            if bytes[at] == UInt8(ascii: "-") { at += 1 }
            let first = at
            guard digits() else { return false }
            if bytes[first] == UInt8(ascii: "0"), at > first + 1 { return false }
            if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
                at += 1
                guard digits() else { return false }
            }
            if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
                at += 1
                if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
                    at += 1
                }
                guard digits() else { return false }
            }
            return true
        }
    }
}
