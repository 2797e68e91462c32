import Kernel

/// The values of literals as they are written.
package enum Literals {
    /// What stands between the quotes of a short string that means just that, as most do: ASCII without a percent sign. Nil for
    /// any other literal.
    static func plain(_ source: Bytes) -> Bytes? {
        let quote = UInt8(ascii: "\"")
        guard source.count > 1, source[0] == quote, source[source.count - 1] == quote else { return nil }
        let inner = source.slice(1, source.count - 1)
        return inner.buffer.contains { $0 >= 0x80 || $0 == UInt8(ascii: "%") } ? nil : inner
    }

    /// The text of a string literal, its quotes included. Percent escapes are read in short strings alone.
    package static func string(_ source: String, long: Bool) -> String {
        String(decoding: bytes(source, long: long), as: UTF8.self)
    }

    /// The same as the bytes that it means, which need not be UTF-8: `"%FF"` is one byte.
    package static func bytes(_ source: String, long: Bool) -> [UInt8] {
        if long {
            let quote = UInt8(ascii: "\"")
            guard let open = source.utf8.firstIndex(of: quote), let close = source.utf8.lastIndex(of: quote),
                open < close
            else { return [] }
            return Array(source.utf8[source.utf8.index(after: open)..<close])
        }
        let ends = source.utf8.count > 1 && source.utf8.last == UInt8(ascii: "\"")
        let inner = Array(source.utf8.dropFirst().dropLast(ends ? 1 : 0))
        return inner.contains(UInt8(ascii: "%")) ? unescape(inner) : inner
    }

    /// `%41`, `%u0041`, `%u{1F600}`; anything else behind a percent sign stays as it is. `%00` ends the string, as at Fastly.
    private static func unescape(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var at = 0
        while at < bytes.count {
            guard bytes[at] == UInt8(ascii: "%"), let (scalar, length) = escape(bytes[at...]) else {
                out.append(bytes[at])
                at += 1
                continue
            }
            if scalar == 0 { break }
            if length == 3 {
                out.append(UInt8(scalar))
            } else {
                out += Array(String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
            }
            at += length
        }
        return out
    }

    private static func escape(_ bytes: ArraySlice<UInt8>) -> (UInt32, Int)? {
        func hex(_ slice: ArraySlice<UInt8>) -> UInt32? {
            UInt32(String(decoding: slice, as: UTF8.self), radix: 16)
        }
        let from = bytes.startIndex
        guard bytes.count >= 3 else { return nil }
        guard bytes[from + 1] == UInt8(ascii: "u") else {
            return hex(bytes[(from + 1)..<(from + 3)]).map { ($0, 3) }
        }
        if bytes[from + 2] == UInt8(ascii: "{") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "}")), close > from + 3, close <= from + 9
            else { return nil }
            return hex(bytes[(from + 3)..<close]).map { ($0, close - from + 1) }
        }
        guard bytes.count >= 6 else { return nil }
        return hex(bytes[(from + 2)..<(from + 6)]).map { ($0, 6) }
    }

    static func integer(_ source: Bytes) -> Int64? { source.decimal ?? integer(source.string) }

    package static func integer(_ source: String) -> Int64? {
        source.lowercased().hasPrefix("0x") ? Int64(source.dropFirst(2), radix: 16) : Int64(source)
    }

    private static let units: [(suffix: String, nanoseconds: Double)] = [
        ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86400e9), ("y", 31_536_000e9),
    ]

    /// Nanoseconds of `10s`, `1.5h`, `250ms`; nil when it does not fit (about 292 years).
    package static func rtime(_ source: String) -> Int64? {
        for (suffix, size) in units where source.hasSuffix(suffix) {
            guard let number = Double(source.dropLast(suffix.count)), number * size < 9.2e18 else {
                return nil
            }
            return Int64(number * size)
        }
        return nil
    }
}
