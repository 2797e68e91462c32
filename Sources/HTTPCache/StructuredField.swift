import HTTP1
import Kernel

/// Whether a field's value is what RFC 8941 calls a Dictionary. Targeted cache fields are (RFC 9213, section 2.1), and one that
/// is not is ignored as a whole, so that two caches never read different things from it.
enum StructuredField {
    static func isDictionary(_ value: Bytes) -> Bool {
        var reader = Reader(bytes: value.trimmed)
        return reader.dictionary()
    }

    private struct Reader {
        let bytes: Bytes
        var at = 0

        private var next: UInt8 { at < bytes.count ? bytes[at] : 0 }
        private var isAtEnd: Bool { at >= bytes.count }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard !isAtEnd, next == UInt8(ascii: character) else { return false }
            at += 1
            return true
        }

        private mutating func skip(_ isWanted: (UInt8) -> Bool) -> Int {
            let from = at
            while !isAtEnd, isWanted(next) { at += 1 }
            return at - from
        }

        private mutating func blanks() { _ = skip { $0 == 0x20 || $0 == 0x09 } }

        /// Section 3.2.
        mutating func dictionary() -> Bool {
            while !isAtEnd {
                guard key() else { return false }
                guard take("=") ? (next == UInt8(ascii: "(") ? innerList() : item()) : parameters() else {
                    return false
                }
                blanks()
                if isAtEnd { return true }
                guard take(",") else { return false }
                blanks()
                if isAtEnd { return false }
            }
            return true
        }

        private mutating func key() -> Bool {
            guard next &- 0x61 < 26 || next == UInt8(ascii: "*") else { return false }
            return skip { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || "_-.*".utf8.contains($0) } > 0
        }

        private mutating func parameters() -> Bool {
            while take(";") {
                _ = skip { $0 == 0x20 }
                guard key(), !take("=") || bareItem() else { return false }
            }
            return true
        }

        private mutating func item() -> Bool { bareItem() && parameters() }

        private mutating func innerList() -> Bool {
            guard take("(") else { return false }
            while true {
                _ = skip { $0 == 0x20 }
                if take(")") { return parameters() }
                guard item(), next == 0x20 || next == UInt8(ascii: ")") else { return false }
            }
        }

        private mutating func bareItem() -> Bool {
            switch next {
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
            case UInt8(ascii: "\""): return string()
            case UInt8(ascii: ":"):
                at += 1
                _ = skip { Octets.isAlphanumeric($0) || "+/=".utf8.contains($0) }
                return take(":")
            case UInt8(ascii: "?"):
                at += 1
                return take("0") || take("1")
            case UInt8(ascii: "*"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                return skip { Octets.isAlphanumeric($0) || "!#$%&'*+-.^_`|~:/".utf8.contains($0) } > 0
            default: return false
            }
        }

        /// At most fifteen digits, or twelve before the point and three behind it (section 3.3.2).
        private mutating func number() -> Bool {
            _ = take("-")
            let whole = skip { $0 &- 0x30 < 10 }
            guard take(".") else { return (1...15).contains(whole) }
            let fraction = skip { $0 &- 0x30 < 10 }
            return (1...12).contains(whole) && (1...3).contains(fraction)
        }

        private mutating func string() -> Bool {
            at += 1
            while !isAtEnd {
                if take("\"") { return true }
                if take("\\") {
                    guard take("\"") || take("\\") else { return false }
                } else {
                    guard next >= 0x20, next < 0x7F else { return false }
                    at += 1
                }
            }
            return false
        }
    }
}
