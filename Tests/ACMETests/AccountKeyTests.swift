import Crypto
import Foundation
import Kernel
import Testing

@testable import ACME

@Suite struct AccountKeyTests {
    /// The key of RFC 7515, appendix A.3.
    private func example() throws -> AccountKey {
        let secret = try #require(Base64URL.decode("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"))
        return AccountKey(try P256.Signing.PrivateKey(rawRepresentation: secret))
    }

    @Test func isWrittenAsJSON() throws {
        let jwk = try example().jwk
        #expect(jwk["x"] == "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
        #expect(jwk["y"] == "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
    }

    /// Computed apart from this code, over the members in the order of RFC 7638.
    @Test func hasAThumbprint() throws {
        #expect(try example().thumbprint == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
        #expect(
            try example().authorization(of: "abc") == "abc." + "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
    }

    @Test func signsWhatItsPublicKeyVerifies() throws {
        let key = try example()
        let text = try key.signed(["a": 1], protected: ["alg": "ES256"])
        let json = try JSONReader.read(Array(text.utf8), name: "message")
        let head = try #require(json["protected"]?.string)
        let body = try #require(json["payload"]?.string)
        let signature = try #require(json["signature"]?.string.flatMap { Base64URL.decode($0) })
        #expect(Base64URL.decode(head) == Array("{\"alg\":\"ES256\"}".utf8))
        #expect(Base64URL.decode(body) == Array("{\"a\":1}".utf8))
        #expect(
            key.key.publicKey.isValidSignature(
                try P256.Signing.ECDSASignature(rawRepresentation: signature),
                for: Data("\(head).\(body)".utf8)))
    }

    @Test func comesBackFromPEM() throws {
        let key = try example()
        #expect(try AccountKey(pem: key.pem).thumbprint == key.thumbprint)
        #expect(throws: Failure.self) { try AccountKey(pem: "-----BEGIN NOTHING-----") }
    }

    @Test func bindsToAnExternalAccount() throws {
        let external = try ExternalAccount(
            id: "kid-1", key: Base64URL.encode("a secret of the authority".utf8))
        let binding = external.binding(of: try example(), at: "https://ca.test/new-account")
        let head = try #require(binding["protected"]?.string)
        let body = try #require(binding["payload"]?.string)
        let code = try #require(binding["signature"]?.string.flatMap { Base64URL.decode($0) })
        let said = try JSONReader.read(try #require(Base64URL.decode(head)), name: "head")
        #expect(
            said == ["alg": "HS256", "kid": "kid-1", "url": "https://ca.test/new-account"])
        #expect(Base64URL.decode(body) == Array(try example().jwk.text.utf8))
        #expect(
            HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: Data("\(head).\(body)".utf8),
                using: SymmetricKey(data: Data("a secret of the authority".utf8))))
    }

    @Test func refusesAnExternalKeyThatIsNone() {
        #expect(throws: Failure.self) { try ExternalAccount(id: "a", key: "not base64!") }
        #expect(throws: Failure.self) { try ExternalAccount(id: "", key: "Zm9v") }
    }
}
