package import Crypto
import Foundation
package import Kernel
import SwiftASN1
import X509

/// What serves until an authority has issued: it keeps a listener for TLS open, and no client believes it.
package enum SelfMadeCertificate {
    /// Long enough that it never is what fails.
    private static let lifetimeSeconds: Int64 = 10 * 365 * 86_400
    package static let issuer = "HQ edge, until an authority has issued"

    /// PEM. `now` is in seconds since 1970, `serial` random bytes.
    package static func chain(
        for host: ACMEHost, _ key: P256.Signing.PrivateKey, serial: [UInt8], now: Int64
    ) throws(Failure) -> String {
        do {
            let name = try DistinguishedName { CommonName(issuer) }
            let certificate = try Certificate(
                version: .v3, serialNumber: .init(bytes: serial), publicKey: .init(key.publicKey),
                // A day earlier, for clocks that differ.
                notValidBefore: Date(timeIntervalSince1970: Double(now - 86_400)),
                notValidAfter: Date(timeIntervalSince1970: Double(now + lifetimeSeconds)),
                issuer: name, subject: name, signatureAlgorithm: .ecdsaWithSHA256,
                extensions: try Certificate.Extensions {
                    SubjectAlternativeNames([.dnsName(host.description)])
                },
                issuerPrivateKey: .init(key))
            return try certificate.serializeAsPEM().pemString + "\n"
        } catch {
            throw Failure(
                .internal, "no certificate can be made for \(host)", context: ["error": "\(error)"])
        }
    }
}
