import Crypto
import CryptoExtras
import Kernel
import VCL

extension Functions {
    static let codes: [Function] = [
        Function(
            "digest.hmac_md5", [.string, .string], .string,
            "The HMAC-MD5 of a text by a key, in hexadecimal behind 0x."
        ) {
            $0.textOfTwo { Digest.hmac(Insecure.MD5.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_sha1", [.string, .string], .string,
            "The HMAC-SHA-1 of a text by a key, in hexadecimal behind 0x."
        ) {
            $0.textOfTwo { Digest.hmac(Insecure.SHA1.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_sha256", [.string, .string], .string,
            "The HMAC-SHA-256 of a text by a key, in hexadecimal behind 0x."
        ) {
            $0.textOfTwo { Digest.hmac(SHA256.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_sha512", [.string, .string], .string,
            "The HMAC-SHA-512 of a text by a key, in hexadecimal behind 0x."
        ) {
            $0.textOfTwo { Digest.hmac(SHA512.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_md5_base64", [.string, .string], .string,
            "The HMAC-MD5 of a text by a key, in Base64."
        ) {
            $0.textOfTwo { Digest.hmacBase64(Insecure.MD5.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_sha1_base64", [.string, .string], .string,
            "The HMAC-SHA-1 of a text by a key, in Base64."
        ) {
            $0.textOfTwo { Digest.hmacBase64(Insecure.SHA1.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_sha256_base64", [.string, .string], .string,
            "The HMAC-SHA-256 of a text by a key, in Base64."
        ) {
            $0.textOfTwo { Digest.hmacBase64(SHA256.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_sha512_base64", [.string, .string], .string,
            "The HMAC-SHA-512 of a text by a key, in Base64."
        ) {
            $0.textOfTwo { Digest.hmacBase64(SHA512.self, key: $0, $1, in: $2.arena) }
        },
        Function(
            "digest.hmac_sha256_with_base64_key", [.string, .string], .string,
            "The HMAC-SHA-256 of a text by a key that is given in Base64, in hexadecimal behind 0x."
        ) {
            $0.textOfTwo {
                Digest.hmac(SHA256.self, key: Base64.decode($0, in: $2.arena), $1, in: $2.arena)
            }
        },
        Function(
            "digest.awsv4_hmac", [.string, .string, .string, .string, .string], .string,
            """
            The signature of Amazon's Version 4 in hexadecimal: by secret key, day (YYYYMMDD), region and \
            service, of a string to sign.
            """
        ) { arguments in
            let parts = arguments.strings(from: 0)
            return .string { context in
                let values = parts.map { $0(context) }
                return Digest.amazon(
                    secret: values[0], day: values[1], region: values[2], service: values[3], values[4],
                    in: context.arena)
            }
        },
    ]

    static let passwords: [Function] = [
        Function(
            "digest.time_hmac_md5", [.string, .integer, .integer], .string,
            """
            A password of the moment in Base64: the HMAC-MD5, by a key in Base64, of the number of \
            intervals (in seconds) since 1970 plus the third argument.
            """
        ) { timed($0) { Digest.timed(Insecure.MD5.self, key: $0, interval: $1, offset: $2, $3) } },
        Function(
            "digest.time_hmac_sha1", [.string, .integer, .integer], .string,
            "digest.time_hmac_md5 with SHA-1."
        ) { timed($0) { Digest.timed(Insecure.SHA1.self, key: $0, interval: $1, offset: $2, $3) } },
        Function(
            "digest.time_hmac_sha256", [.string, .integer, .integer], .string,
            "digest.time_hmac_md5 with SHA-256."
        ) { timed($0) { Digest.timed(SHA256.self, key: $0, interval: $1, offset: $2, $3) } },
        Function(
            "digest.time_hmac_sha512", [.string, .integer, .integer], .string,
            "digest.time_hmac_md5 with SHA-512."
        ) { timed($0) { Digest.timed(SHA512.self, key: $0, interval: $1, offset: $2, $3) } },
    ]

    private static func timed(
        _ arguments: Arguments, _ body: @escaping @Sendable (Bytes, Int64, Int64, Context) -> Bytes
    ) -> Code {
        let (key, interval, offset) = (arguments.string(0), arguments.integer(1), arguments.integer(2))
        return .string { body(key($0), interval($0), offset($0), $0) }
    }

    private static let cipherArguments: [Function.Argument] = [
        .word(Cipher.names), .word(Cipher.modes), .word(Cipher.paddings), .string, .string, .string,
    ]

    static let ciphers: [Function] = [
        Function(
            "crypto.encrypt_hex", cipherArguments, .string,
            """
            AES of a hexadecimal text by a hexadecimal key and vector, in hexadecimal. Modes are cbc, ctr \
            and gcm, the last with its tag behind the text; EINVAL for wrong lengths.
            """,
            unless: badCipher
        ) { hexCipher($0, decrypting: false) },
        Function(
            "crypto.decrypt_hex", cipherArguments, .string,
            """
            The other way round of crypto.encrypt_hex; not set with EBADDECRYPT for what this key did not \
            make.
            """,
            unless: badCipher
        ) { hexCipher($0, decrypting: true) },
        Function(
            "crypto.encrypt_base64", cipherArguments, .string,
            "crypto.encrypt_hex with text and result in Base64; key and vector stay hexadecimal.",
            unless: badCipher
        ) { base64Cipher($0, decrypting: false) },
        Function(
            "crypto.decrypt_base64", cipherArguments, .string,
            "crypto.decrypt_hex with text and result in Base64; key and vector stay hexadecimal.",
            unless: badCipher
        ) { base64Cipher($0, decrypting: true) },
    ]

    private static let badCipher: @Sendable (Arguments) -> String? = {
        Cipher.objection(mode: $0.word(1), padding: $0.word(2))
    }

    private static func hexCipher(_ arguments: Arguments, decrypting: Bool) -> Code {
        let cipher = Cipher(name: arguments.word(0), mode: arguments.word(1), padding: arguments.word(2))
        let (key, iv, text) = (arguments.string(3), arguments.string(4), arguments.string(5))
        return .string { context in
            let (secret, vector) = (key(context), iv(context))
            guard let bytes = Hex.decode(text(context), in: context.arena) else {
                return context.fail("EINVAL")
            }
            let result = cipher.run(decrypting: decrypting, key: secret, iv: vector, bytes, context)
            guard result.isSet else { return .notSet }
            return Hex.encode(result.buffer, count: result.count, in: context.arena)
        }
    }

    private static func base64Cipher(_ arguments: Arguments, decrypting: Bool) -> Code {
        let cipher = Cipher(name: arguments.word(0), mode: arguments.word(1), padding: arguments.word(2))
        let (key, iv, text) = (arguments.string(3), arguments.string(4), arguments.string(5))
        return .string { context in
            let (secret, vector) = (key(context), iv(context))
            let bytes = Base64.decode(text(context), in: context.arena)
            let result = cipher.run(decrypting: decrypting, key: secret, iv: vector, bytes, context)
            return Base64.encode(result, in: context.arena)
        }
    }

    static let signatures: [Function] = [
        Function(
            "digest.rsa_verify",
            [.word(Signatures.hashes), .string, .string, .string, .word(Signatures.encodings)], .bool,
            required: 4,
            """
            Whether an RSA signature (PKCS #1 v1.5) of a text is by the owner of a PEM public key; the \
            signature is Base64, url_nopad unless another variant is named.
            """
        ) { arguments in
            let hash = arguments.word(0)
            let variant = Signatures.variant(arguments.count > 4 ? arguments.word(4) : "default")
            let (pem, payload, signature) = (arguments.string(1), arguments.string(2), arguments.string(3))
            // A key that is written out is read once.
            let known = arguments.literal(1).flatMap { Signatures.rsaKey($0) }
            return .bool { context in
                guard let key = known ?? Signatures.rsaKey(pem(context).string) else { return false }
                let bytes = Base64.decode(signature(context), variant, in: context.arena)
                return Signatures.verify(hash, key, payload(context), bytes)
            }
        },
        Function(
            "digest.ecdsa_verify",
            [
                .word(Signatures.hashes), .string, .string, .string, .word(["der", "jwt"]),
                .word(Signatures.encodings),
            ], .bool, required: 5,
            """
            Whether an ECDSA signature on P-256, in the format der or jwt, of a text is by the owner of a \
            PEM public key; the signature is Base64, url_nopad unless another variant is named.
            """
        ) { arguments in
            let (hash, jwt) = (arguments.word(0), arguments.word(4) == "jwt")
            let variant = Signatures.variant(arguments.count > 5 ? arguments.word(5) : "default")
            let (pem, payload, signature) = (arguments.string(1), arguments.string(2), arguments.string(3))
            let known = arguments.literal(1).flatMap { Signatures.ecdsaKey($0) }
            return .bool { context in
                guard let key = known ?? Signatures.ecdsaKey(pem(context).string) else { return false }
                let bytes = Base64.decode(signature(context), variant, in: context.arena)
                return Signatures.verify(hash, key, payload(context), bytes, jwt: jwt)
            }
        },
    ]
}
