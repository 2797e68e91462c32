package import Crypto
package import Kernel

/// The key of an account at an authority, ES256 (RFC 7518, section 3.4).
package struct AccountKey: Sendable {
    package let key: P256.Signing.PrivateKey

    package init(_ key: P256.Signing.PrivateKey) { self.key = key }

    /// From PEM, as `pem` writes it.
    package init(pem: String) throws(Failure) {
        do { key = try P256.Signing.PrivateKey(pemRepresentation: pem) } catch {
            throw Failure(
                .invalid, "the account's key is no P-256 key in PEM",
                hint: "openssl ecparam -name prime256v1 -genkey -noout makes one")
        }
    }

    package var pem: String { key.pemRepresentation }

    /// The public key as JSON. Members stand in the order that its thumbprint wants.
    package var jwk: JSONValue {
        let point = key.publicKey.rawRepresentation
        return [
            "crv": "P-256", "kty": "EC", "x": .string(Base64URL.encode(point.prefix(32))),
            "y": .string(Base64URL.encode(point.suffix(32))),
        ]
    }

    /// RFC 7638, section 3.
    package var thumbprint: String { Base64URL.encode(SHA256.hash(data: Array(jwk.text.utf8))) }

    /// What a challenge's address answers (RFC 8555, section 8.1).
    package func authorization(of token: String) -> String { token + "." + thumbprint }

    /// The flattened JSON form (RFC 7515, section 7.2.2). Without a payload the message only asks (RFC 8555, section 6.3).
    func signed(_ payload: JSONValue?, protected: JSONValue) throws(Failure) -> String {
        let head = Base64URL.encode(protected.text.utf8)
        let body = payload.map { Base64URL.encode($0.text.utf8) } ?? ""
        do {
            let signature = try key.signature(for: Array("\(head).\(body)".utf8))
            return AccountKey.message(head, body, signature.rawRepresentation).text
        } catch {
            throw Failure(.internal, "the account's key cannot sign", context: ["error": "\(error)"])
        }
    }

    static func message(_ head: String, _ body: String, _ signature: some Sequence<UInt8>) -> JSONValue {
        [
            "protected": .string(head), "payload": .string(body),
            "signature": .string(Base64URL.encode(signature)),
        ]
    }
}

/// What an authority gave to somebody whom it knows already, so that an account here belongs to that one (RFC 8555,
/// section 7.3.4).
package struct ExternalAccount: Sendable {
    package let id: String
    /// Secret.
    private let key: [UInt8]

    /// `key` is written in base64url, as authorities show it.
    package init(id: String, key: String) throws(Failure) {
        guard let bytes = Base64URL.decode(key), !bytes.isEmpty else {
            throw Failure(
                .invalid, "the key of the external account is not written in base64url",
                hint: "copy it as the authority shows it: letters, digits, - and _")
        }
        guard !id.isEmpty else { throw Failure(.invalid, "the external account has no identifier") }
        self.id = id
        self.key = bytes
    }

    /// The account's public key, signed with the key that the authority knows.
    func binding(of account: AccountKey, at newAccount: String) -> JSONValue {
        let protected: JSONValue = ["alg": "HS256", "kid": .string(id), "url": .string(newAccount)]
        let head = Base64URL.encode(protected.text.utf8)
        let body = Base64URL.encode(account.jwk.text.utf8)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(head).\(body)".utf8), using: SymmetricKey(data: key))
        return AccountKey.message(head, body, code)
    }
}
