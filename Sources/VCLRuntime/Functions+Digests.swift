import Crypto
import Kernel
import VCL

extension Functions {
    static let base64: [Function] = [
        Function("digest.base64", [.string], .string, "The text in Base64.") {
            $0.text { Base64.encode($0, in: $1.arena) }
        },
        Function(
            "digest.base64url", [.string], .string, "The text in Base64 with - and _, padded."
        ) { $0.text { Base64.encode($0, .url, in: $1.arena) } },
        Function(
            "digest.base64url_nopad", [.string], .string, "The text in Base64 with - and _, without padding."
        ) { $0.text { Base64.encode($0, .urlWithoutPadding, in: $1.arena) } },
        Function(
            "digest.base64_decode", [.string], .string,
            "What Base64 stands for, up to a NUL; padding ends it, other characters are skipped."
        ) { decode($0, .standard) },
        Function(
            "digest.base64url_decode", [.string], .string,
            "digest.base64_decode for the alphabet with - and _."
        ) { decode($0, .url) },
        Function(
            "digest.base64url_nopad_decode", [.string], .string,
            "digest.base64url_decode that skips = like any other stranger."
        ) { decode($0, .urlWithoutPadding) },
        Function(
            "bin.base64_to_hex", [.string], .string,
            """
            The bytes that Base64 stands for in upper-case hexadecimal, NULs too; not set with EINVAL for \
            broken Base64.
            """
        ) {
            $0.text { text, context in
                guard text.count > 0 else { return .empty }
                guard let bytes = Base64.strictlyDecode(text, in: context.arena) else {
                    return context.fail("EINVAL")
                }
                return Hex.encode(bytes.buffer, count: bytes.count, in: context.arena, upper: true)
            }
        },
        Function(
            "bin.hex_to_base64", [.string], .string,
            "The bytes of hexadecimal digits in Base64, NULs too; not set with EINVAL for broken pairs."
        ) {
            $0.text { text, context in
                guard let bytes = Hex.decode(text, in: context.arena) else { return context.fail("EINVAL") }
                return Base64.encode(bytes, in: context.arena)
            }
        },
    ]

    private static func decode(_ arguments: Arguments, _ variant: Base64.Variant) -> Code {
        arguments.text { Text.untilNUL(Base64.decode($0, variant, in: $1.arena)) }
    }

    static let digests: [Function] = [
        Function("digest.hash_md5", [.string], .string, "The MD5 digest in hexadecimal.") {
            $0.text { Digest.hex(Insecure.MD5.self, $0, in: $1.arena) }
        },
        Function("digest.hash_sha1", [.string], .string, "The SHA-1 digest in hexadecimal.") {
            $0.text { Digest.hex(Insecure.SHA1.self, $0, in: $1.arena) }
        },
        Function("digest.hash_sha224", [.string], .string, "The SHA-224 digest in hexadecimal.") {
            $0.text { Hex.encode(SHA224.hash($0), count: 28, in: $1.arena) }
        },
        Function("digest.hash_sha256", [.string], .string, "The SHA-256 digest in hexadecimal.") {
            $0.text { Digest.hex(SHA256.self, $0, in: $1.arena) }
        },
        Function("digest.hash_sha384", [.string], .string, "The SHA-384 digest in hexadecimal.") {
            $0.text { Digest.hex(SHA384.self, $0, in: $1.arena) }
        },
        Function("digest.hash_sha512", [.string], .string, "The SHA-512 digest in hexadecimal.") {
            $0.text { Digest.hex(SHA512.self, $0, in: $1.arena) }
        },
        Function(
            "digest.hash_sha1_from_base64", [.string], .string,
            "The SHA-1 digest of the bytes that Base64 stands for."
        ) { $0.text { Digest.hexFromBase64(Insecure.SHA1.self, $0, in: $1.arena) } },
        Function(
            "digest.hash_sha256_from_base64", [.string], .string,
            "The SHA-256 digest of the bytes that Base64 stands for."
        ) { $0.text { Digest.hexFromBase64(SHA256.self, $0, in: $1.arena) } },
        Function(
            "digest.hash_sha512_from_base64", [.string], .string,
            "The SHA-512 digest of the bytes that Base64 stands for."
        ) { $0.text { Digest.hexFromBase64(SHA512.self, $0, in: $1.arena) } },
        Function(
            "digest.secure_is_equal", [.string, .string], .bool,
            "Whether both texts are set and equal, in a time that tells nothing about where they differ."
        ) { $0.testOfTwo { Digest.constantTimeEqual($0, $1) } },
    ]

    static let checksums: [Function] = [
        Function(
            "digest.hash_crc32", [.string], .string,
            "The CRC-32/BZIP2 checksum in hexadecimal, lowest byte first."
        ) { $0.text { Checksums.hex(Checksums.crc32($0), in: $1.arena) } },
        Function(
            "digest.hash_crc32b", [.string], .string,
            "The CRC-32 checksum of PKZIP and Ethernet in hexadecimal, lowest byte first."
        ) { $0.text { Checksums.hex(Checksums.crc32b($0), in: $1.arena) } },
        Function(
            "digest.hash_xxh32", [.string], .string, "The xxHash of 32 bits in hexadecimal; no protection."
        ) {
            $0.text { Checksums.hex(Checksums.xxh32($0), in: $1.arena) }
        },
        Function(
            "digest.hash_xxh64", [.string], .string, "The xxHash of 64 bits in hexadecimal; no protection."
        ) {
            $0.text { Checksums.hex(Checksums.xxh64($0), in: $1.arena) }
        },
        Function(
            "digest.hash_xxh32_from_base64", [.string], .string,
            "digest.hash_xxh32 of the bytes that Base64 stands for."
        ) { $0.text { Checksums.hex(Checksums.xxh32(Base64.decode($0, in: $1.arena)), in: $1.arena) } },
        Function(
            "digest.hash_xxh64_from_base64", [.string], .string,
            "digest.hash_xxh64 of the bytes that Base64 stands for."
        ) { $0.text { Checksums.hex(Checksums.xxh64(Base64.decode($0, in: $1.arena)), in: $1.arena) } },
        Function(
            "fastly.hash", [.string, .integer, .integer, .integer], .integer,
            """
            A number from the third to the fourth argument that follows from the text and the seed. It is \
            the same on every edge, but not Fastly's number, whose function is not public.
            """
        ) {
            let (text, seed, low, high) = ($0.string(0), $0.integer(1), $0.integer(2), $0.integer(3))
            return .integer { context in
                let hash = ByteHash(seed: UInt64(bitPattern: seed(context)))
                let (from, to) = (low(context), high(context))
                guard from <= to else {
                    _ = context.fail("EINVAL")
                    return from
                }
                // The product's upper half spreads the hash over the range without a division.
                let span = UInt64(bitPattern: to &- from)
                let value = hash(text(context))
                let step = span == .max ? value : value.multipliedFullWidth(by: span + 1).high
                return from &+ Int64(bitPattern: step)
            }
        },
    ]
}
