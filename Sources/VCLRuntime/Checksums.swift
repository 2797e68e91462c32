import Kernel

/// Hashes that protect against accidents, not against people.
enum Checksums {
    private static let forward: [UInt32] = (0..<256).map { index in
        var value = UInt32(index) << 24
        for _ in 0..<8 { value = value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1 }
        return value
    }

    private static let reflected: [UInt32] = (0..<256).map { index in
        var value = UInt32(index)
        for _ in 0..<8 { value = value & 1 != 0 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        return value
    }

    /// CRC-32/BZIP2, its bytes the other way round, as Fastly's `digest.hash_crc32` gives them.
    static func crc32(_ text: Bytes) -> UInt32 {
        var value = UInt32.max
        for byte in text.buffer { value = value << 8 ^ forward[Int(value >> 24 ^ UInt32(byte))] }
        return (~value).byteSwapped
    }

    /// The CRC-32 of ITU V.42 and PKZIP, its bytes the other way round.
    static func crc32b(_ text: Bytes) -> UInt32 {
        var value = UInt32.max
        for byte in text.buffer { value = value >> 8 ^ reflected[Int((value ^ UInt32(byte)) & 0xFF)] }
        return (~value).byteSwapped
    }

    /// xxHash with 32 bits and the seed 0, by its published specification.
    static func xxh32(_ text: Bytes) -> UInt32 {
        let (p1, p2, p3, p4, p5): (UInt32, UInt32, UInt32, UInt32, UInt32) = (
            0x9E37_79B1, 0x85EB_CA77, 0xC2B2_AE3D, 0x27D4_EB2F, 0x1656_67B1
        )
        let raw = text.raw
        func lane(_ at: Int) -> UInt32 {
            UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        }
        func turned(_ value: UInt32, _ by: UInt32) -> UInt32 { value << by | value >> (32 - by) }
        var at = 0
        var hash = p5
        if text.count >= 16 {
            var lanes: [UInt32] = [p1 &+ p2, p2, 0, 0 &- p1]
            while at + 16 <= text.count {
                for index in 0..<4 {
                    lanes[index] = turned(lanes[index] &+ lane(at + index * 4) &* p2, 13) &* p1
                }
                at += 16
            }
            hash = turned(lanes[0], 1) &+ turned(lanes[1], 7) &+ turned(lanes[2], 12) &+ turned(lanes[3], 18)
        }
        hash &+= UInt32(truncatingIfNeeded: text.count)
        while at + 4 <= text.count {
            hash = turned(hash &+ lane(at) &* p3, 17) &* p4
            at += 4
        }
        while at < text.count {
            hash = turned(hash &+ UInt32(text[at]) &* p5, 11) &* p1
            at += 1
        }
        hash = (hash ^ hash >> 15) &* p2
        hash = (hash ^ hash >> 13) &* p3
        return hash ^ hash >> 16
    }

    /// xxHash with 64 bits and the seed 0.
    static func xxh64(_ text: Bytes) -> UInt64 {
        let raw = text.raw
        func lane(_ at: Int) -> UInt64 {
            UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        }
        var at = 0
        var hash = XXH64.p5
        if text.count >= 32 {
            var lanes: [UInt64] = [XXH64.p1 &+ XXH64.p2, XXH64.p2, 0, 0 &- XXH64.p1]
            while at + 32 <= text.count {
                for index in 0..<4 { lanes[index] = XXH64.round(lanes[index], lane(at + index * 8)) }
                at += 32
            }
            hash = XXH64.merged(lanes)
        }
        hash &+= UInt64(text.count)
        while at + 8 <= text.count {
            hash = XXH64.turned(hash ^ XXH64.round(0, lane(at)), 27) &* XXH64.p1 &+ XXH64.p4
            at += 8
        }
        if at + 4 <= text.count {
            let half = UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self))
            hash = XXH64.turned(hash ^ UInt64(half) &* XXH64.p1, 23) &* XXH64.p2 &+ XXH64.p3
            at += 4
        }
        while at < text.count {
            hash = XXH64.turned(hash ^ UInt64(text[at]) &* XXH64.p5, 11) &* XXH64.p1
            at += 1
        }
        hash = (hash ^ hash >> 33) &* XXH64.p2
        hash = (hash ^ hash >> 29) &* XXH64.p3
        return hash ^ hash >> 32
    }

    private enum XXH64 {
        static let p1: UInt64 = 0x9E37_79B1_85EB_CA87
        static let p2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
        static let p3: UInt64 = 0x1656_67B1_9E37_79F9
        static let p4: UInt64 = 0x85EB_CA77_C2B2_AE63
        static let p5: UInt64 = 0x27D4_EB2F_1656_67C5

        static func turned(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }

        static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
            turned(lane &+ input &* p2, 31) &* p1
        }

        static func merged(_ lanes: [UInt64]) -> UInt64 {
            let start =
                turned(lanes[0], 1) &+ turned(lanes[1], 7) &+ turned(lanes[2], 12) &+ turned(lanes[3], 18)
            return lanes.reduce(start) { ($0 ^ round(0, $1)) &* p1 &+ p4 }
        }
    }

    /// Digits of a number from the highest byte on.
    static func hex(_ value: some FixedWidthInteger, in arena: Arena) -> Bytes {
        withUnsafeBytes(of: value.bigEndian) { Hex.encode($0, count: $0.count, in: arena) }
    }
}
