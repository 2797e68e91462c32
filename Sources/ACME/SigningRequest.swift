import Crypto
import Kernel
import SwiftASN1
import X509

/// PKCS #10, for one host.
enum SigningRequest {
    /// Longer common names there are not (RFC 5280, appendix A.1); authorities read the alternative names.
    private static let longestCommonName = 64

    /// In base64url of DER, as an order is finalized with.
    static func text(for host: ACMEHost, _ key: P256.Signing.PrivateKey) throws(Failure) -> String {
        let name = host.description
        do {
            let subject = try DistinguishedName {
                if name.utf8.count <= longestCommonName { CommonName(name) }
            }
            let extensions = try Certificate.Extensions {
                SubjectAlternativeNames([.dnsName(name)])
            }
            let request = try CertificateSigningRequest(
                version: .v1, subject: subject, privateKey: Certificate.PrivateKey(key),
                attributes: CertificateSigningRequest.Attributes([
                    .init(ExtensionRequest(extensions: extensions))
                ]),
                signatureAlgorithm: .ecdsaWithSHA256)
            var serializer = DER.Serializer()
            try serializer.serialize(request)
            return Base64URL.encode(serializer.serializedBytes)
        } catch {
            throw Failure(
                .internal, "no request for a certificate can be made for \(name)",
                context: ["error": "\(error)"])
        }
    }
}
