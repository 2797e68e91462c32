/// Which octets may stand where, as a table of bits, and whole runs of them eight at a time.
package enum Octets {
    private static let tokenBit: UInt8 = 1
    private static let nameBit: UInt8 = 2
    private static let hexBit: UInt8 = 4
    private static let textBit: UInt8 = 8
    private static let quotableBit: UInt8 = 16

    /// Never freed. A pointer, because a look-up in a global array asks each time whether that exists already.
    private nonisolated(unsafe) static let bits: UnsafePointer<UInt8> = table { byte in
        let isHexadecimal = byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 6
        let isToken = isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        let isName = isAlphanumeric(byte) || "-._~!$&'()*+,;=".utf8.contains(byte)
        let isText = byte >= 0x20 && byte != 0x7F || byte == 0x09
        let isQuotable = isText && byte != 0x22 && byte != 0x5C
        return (isToken ? tokenBit : 0) | (isName ? nameBit : 0) | (isHexadecimal ? hexBit : 0)
            | (isText ? textBit : 0) | (isQuotable ? quotableBit : 0)
    }

    /// The lowercased octet where a token may have it, else zero: a header's name is checked and hashed in one pass.
    nonisolated(unsafe) static let lowercasedToken: UnsafePointer<UInt8> = table { byte in
        guard isToken(byte) else { return 0 }
        return byte &- 0x41 < 26 ? byte | 0x20 : byte
    }

    private static func table(_ entry: (UInt8) -> UInt8) -> UnsafePointer<UInt8> {
        let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        for byte in 0..<256 { (table + byte).initialize(to: entry(UInt8(byte))) }
        return UnsafePointer(table)
    }

    package static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
    }
    /// `tchar` of RFC 9110, section 5.6.2.
    package static func isToken(_ byte: UInt8) -> Bool { bits[Int(byte)] & tokenBit != 0 }
    /// What a registered name has besides `%` (RFC 3986, section 3.2.2): `unreserved` and `sub-delims`.
    static func isName(_ byte: UInt8) -> Bool { bits[Int(byte)] & nameBit != 0 }
    static func isHexadecimal(_ byte: UInt8) -> Bool { bits[Int(byte)] & hexBit != 0 }
    /// What a header's value may have: visible characters, space, tab and octets above ASCII (RFC 9110, section 5.5).
    static func isText(_ byte: UInt8) -> Bool { bits[Int(byte)] & textBit != 0 }
    /// `qdtext` of RFC 9110, section 5.6.4.
    static func isQuotable(_ byte: UInt8) -> Bool { bits[Int(byte)] & quotableBit != 0 }
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    static func areToken(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let bits = bits
        for byte in bytes where bits[Int(byte)] & tokenBit == 0 { return false }
        return true
    }

    /// Whether all of them are `isText`.
    static func areText(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var (at, left) = (start, count)
        while left >= 8 {
            let eight = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
            // A tab is below the space too; it may stand here, so that the table decides.
            if below(0x20, eight) | any(0x7F, eight) != 0 {
                for index in 0..<8 where !isText(at[index]) { return false }
            }
            (at, left) = (at + 8, left &- 8)
        }
        while left > 0 {
            let byte = at.pointee
            guard byte >= 0x20 && byte != 0x7F || byte == 0x09 else { return false }
            (at, left) = (at + 1, left &- 1)
        }
        return true
    }

    /// What a request target may have here: no control, no space, and no `#`, since a fragment is never sent
    /// (RFC 9112, section 3.2). More than a URI may have, because browsers send `|`, `"` and octets above ASCII as they are.
    static func areTarget(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        var (at, left) = (start, count)
        while left >= 8 {
            let eight = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
            guard below(0x21, eight) | any(0x7F, eight) | any(0x23, eight) == 0 else { return false }
            (at, left) = (at + 8, left &- 8)
        }
        while left > 0 {
            let byte = at.pointee
            guard byte > 0x20, byte != 0x7F, byte != 0x23 else { return false }
            (at, left) = (at + 1, left &- 1)
        }
        return true
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// Not zero if one of the eight is below `limit`, which is at most 128.
    @inline(__always) private static func below(_ limit: UInt64, _ eight: UInt64) -> UInt64 {
        (eight &- ones &* limit) & ~eight & highs
    }

    /// Not zero if one of the eight is `byte`.
    @inline(__always) private static func any(_ byte: UInt64, _ eight: UInt64) -> UInt64 {
        let difference = eight ^ (ones &* byte)
        return (difference &- ones) & ~difference & highs
    }
}
