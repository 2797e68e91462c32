#if canImport(Glibc)
    import Glibc
#endif

/// An IPv4 or IPv6 address as 128 bits; IPv4 is kept in its mapped form (::ffff:a.b.c.d), so that one comparison serves both.
package struct IPAddress: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(v4 address: UInt32) {
        high = 0
        low = 0xFFFF_0000_0000 | UInt64(address)
    }

    package static let unspecified = IPAddress(v4: 0)
    /// VCL's "not set": a multicast address that no host has.
    package static let notSet = IPAddress(high: .max, low: .max)

    package var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// Reads dotted IPv4 or RFC 4291 IPv6; nil for anything else.
    package init?(_ text: String) {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4: UInt32(bigEndian: v4.s_addr))
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        self = withUnsafeBytes(of: &v6) { raw in
            IPAddress(
                high: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }

    /// Whether the first `bits` bits are those of `other`. For IPv4, `bits` counts from the start of its 32 bits.
    package func matches(_ other: IPAddress, bits: Int) -> Bool {
        guard isIPv4 == other.isIPv4 else { return false }
        let total = isIPv4 ? bits + 96 : bits
        if total <= 0 { return true }
        if total <= 64 { return (high ^ other.high) >> UInt64(64 - total) == 0 }
        if high != other.high { return false }
        return total >= 128 ? low == other.low : (low ^ other.low) >> UInt64(128 - total) == 0
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        if isIPv4 {
            let v = UInt32(truncatingIfNeeded: low)
            return "\(v >> 24).\(v >> 16 & 255).\(v >> 8 & 255).\(v & 255)"
        }
        var bytes = (high.bigEndian, low.bigEndian)
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        _ = withUnsafeBytes(of: &bytes) {
            inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(INET6_ADDRSTRLEN))
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
