import Crypto
import CryptoExtras
import Kernel

/// Signatures of `digest.rsa_verify` and `digest.ecdsa_verify`. A key, a signature or a format that cannot be read verifies
/// nothing.
enum Signatures {
    static let hashes: [String] = ["sha1", "sha256", "sha384", "sha512", "default"]
    static let encodings: [String] = ["standard", "url", "url_nopad", "default"]

    static func variant(_ word: String) -> Base64.Variant {
        word == "standard" ? .standard : word == "url" ? .url : .urlWithoutPadding
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2). Keys have at least 1024 bits.
    static func rsaKey(_ pem: String) -> _RSA.Signing.PublicKey? {
        try? _RSA.Signing.PublicKey(unsafePEMRepresentation: pem)
    }

    static func verify(_ hash: String, _ key: _RSA.Signing.PublicKey, _ payload: Bytes, _ signature: Bytes)
        -> Bool
    {
        let signature = _RSA.Signing.RSASignature(rawRepresentation: signature.raw)
        func holds(_ digest: some Crypto.Digest) -> Bool {
            key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
        }
        switch hash {
        case "sha1": return holds(Insecure.SHA1.hash(data: payload.raw))
        case "sha384": return holds(SHA384.hash(data: payload.raw))
        case "sha512": return holds(SHA512.hash(data: payload.raw))
        default: return holds(SHA256.hash(data: payload.raw))
        }
    }

    static func ecdsaKey(_ pem: String) -> P256.Signing.PublicKey? {
        try? P256.Signing.PublicKey(pemRepresentation: pem)
    }

    static func verify(
        _ hash: String, _ key: P256.Signing.PublicKey, _ payload: Bytes, _ signature: Bytes, jwt: Bool
    ) -> Bool {
        let read =
            jwt
            ? try? P256.Signing.ECDSASignature(rawRepresentation: signature.raw)
            : try? P256.Signing.ECDSASignature(derRepresentation: signature.raw)
        guard let read else { return false }
        switch hash {
        case "sha1": return key.isValidSignature(read, for: Insecure.SHA1.hash(data: payload.raw))
        case "sha384": return key.isValidSignature(read, for: SHA384.hash(data: payload.raw))
        case "sha512": return key.isValidSignature(read, for: SHA512.hash(data: payload.raw))
        default: return key.isValidSignature(read, for: SHA256.hash(data: payload.raw))
        }
    }
}
