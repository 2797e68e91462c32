/// A keyed 64-bit hash of bytes for tables whose keys strangers choose. The seed is drawn once per process, so
/// that nobody outside can prepare collisions; whoever stores by this hash compares the whole key as well.
/// The mixing is the multiply-and-fold of 128-bit products that wyhash made known: two multiplications per 16 bytes.
package struct ByteHash: Sendable {
    @usableFromInline let seed: UInt64

    package init(seed: UInt64) { self.seed = seed }

    @inlinable @inline(__always) static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    @inlinable package func callAsFunction(_ bytes: Bytes) -> UInt64 {
        var state = seed ^ 0xA076_1D64_78BD_642F
        let count = bytes.count
        guard let start = bytes.start else { return ByteHash.fold(state, 0xE703_7ED1_A0B4_28DB) }
        let raw = UnsafeRawPointer(start)
        var offset = 0
        while offset + 16 <= count {
            let a = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let b = raw.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
            state = ByteHash.fold(a ^ 0xE703_7ED1_A0B4_28DB, b ^ state)
            offset += 16
        }
        var a: UInt64 = 0
        var b: UInt64 = 0
        let rest = count - offset
        if rest >= 8 {
            a = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            b = raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
        } else if rest >= 4 {
            a = UInt64(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            b = UInt64(raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
        } else if rest > 0 {
            a = UInt64(start[offset]) << 16 | UInt64(start[offset + rest / 2]) << 8 | UInt64(start[count - 1])
        }
        state = ByteHash.fold(a ^ 0x8EBC_6AF0_9C88_C6E3, b ^ state)
        return ByteHash.fold(state ^ UInt64(truncatingIfNeeded: count), 0x5899_65CC_7537_4CC3)
    }

    /// The hash of this process.
    package static let process = ByteHash(seed: UInt64.random(in: .min ... .max))
}
