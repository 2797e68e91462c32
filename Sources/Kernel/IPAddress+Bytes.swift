#if canImport(Glibc)
    import Glibc
#endif

extension IPAddress {
    /// Reads dotted IPv4 or RFC 4291 IPv6 without making a String; nil for anything else.
    package init?(_ bytes: Bytes) {
        // The longest form is an IPv6 address with its last 32 bits dotted.
        guard bytes.count >= 2, bytes.count <= 45, let start = bytes.start, bytes.firstIndex(of: 0) == nil
        else { return nil }
        let parsed = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 46) { text -> IPAddress? in
            for index in 0..<bytes.count { text[index] = CChar(bitPattern: start[index]) }
            text[bytes.count] = 0
            var v4 = in_addr()
            if inet_pton(AF_INET, text.baseAddress, &v4) == 1 {
                return IPAddress(v4: UInt32(bigEndian: v4.s_addr))
            }
            var v6 = in6_addr()
            guard inet_pton(AF_INET6, text.baseAddress, &v6) == 1 else { return nil }
            return withUnsafeBytes(of: &v6) { raw in
                IPAddress(
                    high: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    low: UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        }
        guard let parsed else { return nil }
        self = parsed
    }
}
