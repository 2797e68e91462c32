import Crypto
import Kernel

/// Digests and message authentication codes as text.
enum Digest {
    static func hex<H: HashFunction>(_ hash: H.Type, _ text: Bytes, in arena: Arena) -> Bytes {
        Hex.encode(H.hash(data: text.raw), count: H.Digest.byteCount, in: arena)
    }

    /// The digest of what Base64 text stands for.
    static func hexFromBase64<H: HashFunction>(_ hash: H.Type, _ text: Bytes, in arena: Arena) -> Bytes {
        hex(hash, Base64.decode(text, in: arena), in: arena)
    }

    /// A code made with an empty key would protect nothing: it is not set.
    static func hmac<H: HashFunction>(_ hash: H.Type, key: Bytes, _ text: Bytes, in arena: Arena) -> Bytes {
        guard key.count > 0 else { return .notSet }
        let code = HMAC<H>.authenticationCode(for: text.raw, using: SymmetricKey(data: key.raw))
        return arena.concatenate(Bytes("0x"), Hex.encode(code, count: H.Digest.byteCount, in: arena))
    }

    static func hmacBase64<H: HashFunction>(_ hash: H.Type, key: Bytes, _ text: Bytes, in arena: Arena)
        -> Bytes
    {
        guard key.count > 0 else { return .notSet }
        let code = HMAC<H>.authenticationCode(for: text.raw, using: SymmetricKey(data: key.raw))
        return code.withUnsafeBytes { Base64.encode(Bytes($0), in: arena) }
    }

    /// A password of the moment: the code of the number of intervals since 1970 plus `offset`, as 64 bits, lowest byte
    /// first. The key is Base64.
    static func timed<H: HashFunction>(
        _ hash: H.Type, key: Bytes, interval: Int64, offset: Int64, _ context: Context
    ) -> Bytes {
        guard interval >= 0 else { return context.fail("EINVAL") }
        guard interval > 0 else { return context.fail("EDIV0") }
        let moment = (context.now / 1_000_000_000 / interval &+ offset).littleEndian
        let secret = Base64.decode(key, in: context.arena)
        return withUnsafeBytes(of: moment) { hmacBase64(hash, key: secret, Bytes($0), in: context.arena) }
    }

    /// Signature Version 4 of Amazon's services: a key for the day, the region and the service signs the text.
    static func amazon(
        secret: Bytes, day: Bytes, region: Bytes, service: Bytes, _ text: Bytes, in arena: Arena
    ) -> Bytes {
        let first = arena.concatenate(Bytes("AWS4"), secret)
        var key = SymmetricKey(data: first.raw)
        for part in [day, region, service, Bytes("aws4_request")] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: part.raw, using: key))
        }
        let code = HMAC<SHA256>.authenticationCode(for: text.raw, using: key)
        return Hex.encode(code, count: SHA256.byteCount, in: arena)
    }

    static func constantTimeEqual(_ a: Bytes, _ b: Bytes) -> Bool {
        guard a.isSet, b.isSet, a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<a.count { difference |= a[index] ^ b[index] }
        return difference == 0
    }
}
