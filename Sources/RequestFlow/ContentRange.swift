package import Kernel

/// What a 206 says that it is a part of (RFC 9110, section 14.4).
package struct ContentRange: Sendable, Equatable {
    package let bytes: Range<Int64>
    /// Bytes of the whole; nil where the origin does not know.
    package let total: Int64?

    /// Nil for another unit, for several parts and for what contradicts itself.
    package init?(_ value: Bytes) {
        guard value.count > 6, value.slice(0, 6).equalsIgnoringCase("bytes ") else { return nil }
        let text = value.slice(6, value.count).trimmed
        guard let dash = text.firstIndex(of: UInt8(ascii: "-")),
            let slash = text.firstIndex(of: UInt8(ascii: "/")),
            dash < slash, let first = ContentRange.number(text.slice(0, dash)),
            let last = ContentRange.number(text.slice(dash + 1, slash)), first <= last
        else { return nil }
        let whole = text.slice(slash + 1, text.count)
        total = ContentRange.number(whole)
        guard total.map({ last < $0 }) ?? (whole == "*") else { return nil }
        bytes = first..<last + 1
    }

    private static func number(_ bytes: Bytes) -> Int64? {
        guard bytes.count > 0, bytes.count <= 18, bytes.buffer.allSatisfy({ $0 &- 0x30 < 10 }) else {
            return nil
        }
        return bytes.decimal
    }
}
