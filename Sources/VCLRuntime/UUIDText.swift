import Crypto
import Kernel

/// Identifiers of RFC 9562 in their text of 36 characters.
enum UUIDText {
    typealias Raw = (high: UInt64, low: UInt64)

    /// The namespaces of RFC 9562, section 6.6.
    static let dns: StaticString = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
    static let url: StaticString = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
    static let oid: StaticString = "6ba7b812-9dad-11d1-80b4-00c04fd430c8"
    static let x500: StaticString = "6ba7b814-9dad-11d1-80b4-00c04fd430c8"

    static func parse(_ text: Bytes) -> Raw? {
        guard text.count == 36 else { return nil }
        var raw: Raw = (0, 0)
        for index in 0..<36 {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard text[index] == 0x2D else { return nil }
                continue
            }
            guard let digit = Hex.value(text[index]) else { return nil }
            raw.high = raw.high << 4 | raw.low >> 60
            raw.low = raw.low << 4 | UInt64(digit)
        }
        return raw
    }

    /// Whether the text is an identifier of this version in the variant of the RFC.
    static func isVersion(_ version: UInt64, _ text: Bytes) -> Bool {
        guard let raw = parse(text) else { return false }
        return raw.high >> 12 & 15 == version && raw.low >> 62 == 2
    }

    static func text(_ raw: Raw, version: UInt64, in arena: Arena) -> Bytes {
        let high = raw.high & ~0xF000 | version << 12
        let low = raw.low & ~(3 << 62) | 2 << 62
        var writer = ArenaWriter(arena, room: 36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { writer.put(0x2D) }
            let word = index < 16 ? high : low
            writer.put(Hex.digit(UInt8(truncatingIfNeeded: word >> UInt64(60 - index % 16 * 4) & 15)))
        }
        return writer.finish()
    }

    /// Versions 3 and 5: the digest of namespace and name.
    static func named<H: HashFunction>(
        _ hash: H.Type, version: UInt64, _ namespace: Bytes, _ name: Bytes, _ context: Context
    ) -> Bytes {
        guard let space = parse(namespace) else { return context.fail("EINVAL") }
        var digest = H()
        withUnsafeBytes(of: (space.high.bigEndian, space.low.bigEndian)) { digest.update(bufferPointer: $0) }
        digest.update(bufferPointer: name.raw)
        let raw = Array(digest.finalize()).prefix(16)
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        return text((word(raw.prefix(8)), word(raw.suffix(8))), version: version, in: context.arena)
    }

    static func random(_ context: Context) -> Bytes {
        text((context.random.next(), context.random.next()), version: 4, in: context.arena)
    }

    /// Version 7: milliseconds since 1970, then random bits.
    static func ordered(_ context: Context) -> Bytes {
        let milliseconds = UInt64(max(0, context.now) / 1_000_000)
        let high = milliseconds << 16 | context.random.next() & 0xFFF
        return text((high, context.random.next()), version: 7, in: context.arena)
    }
}
