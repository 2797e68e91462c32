package import Crypto
import Foundation
package import Kernel
import SwiftASN1
import X509

/// A chain that begins with the certificate for our key and host.
package struct IssuedCertificate: Sendable {
    /// PEM, the host's own first.
    package let chain: String
    package let facts: CertificateFacts

    /// Checks what the authority sent: a chain that clients would refuse must not push out one that they take.
    package init(pem: String, for host: ACMEHost, _ key: P256.Signing.PublicKey, now: Int64) throws(Failure) {
        let chain = try CertificateFacts.certificates(pem)
        guard let first = chain.first else {
            throw Failure(.refused, "the authority sent no certificate in PEM for \(host)")
        }
        guard first.publicKey == Certificate.PublicKey(key) else {
            throw Failure(.refused, "the authority's certificate for \(host) is for another key")
        }
        let facts = CertificateFacts(first)
        guard facts.names.contains(host.description) else {
            let names = facts.names.joined(separator: ", ")
            throw Failure(.refused, "the authority's certificate for \(host) is for '\(names)'")
        }
        guard facts.notAfter > now else {
            throw Failure(
                .refused, "the authority's certificate for \(host) has expired",
                hint: "is this machine's clock right?")
        }
        self.chain = pem.hasSuffix("\n") ? pem : pem + "\n"
        self.facts = facts
    }
}

/// What a certificate says of itself.
package struct CertificateFacts: Sendable, Hashable {
    /// DNS names in lower case.
    package let names: [String]
    /// The issuer's organization and name, as far as it has them.
    package let issuer: String
    /// Seconds since 1970.
    package let notBefore: Int64
    package let notAfter: Int64
    /// Nobody else has issued it.
    package let isSelfIssued: Bool

    package init(names: [String], issuer: String, notBefore: Int64, notAfter: Int64, isSelfIssued: Bool) {
        self.names = names
        self.issuer = issuer
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.isSelfIssued = isSelfIssued
    }

    init(_ certificate: Certificate) {
        let alternatives = try? certificate.extensions.subjectAlternativeNames
        names = (alternatives ?? SubjectAlternativeNames()).compactMap {
            if case .dnsName(let name) = $0 { name.lowercased() } else { nil }
        }
        issuer = CertificateFacts.text(certificate.issuer).visible
        notBefore = Int64(certificate.notValidBefore.timeIntervalSince1970.rounded(.down))
        notAfter = Int64(certificate.notValidAfter.timeIntervalSince1970.rounded(.down))
        isSelfIssued = certificate.issuer == certificate.subject
    }

    /// Of the first certificate in a text of PEM, whatever else that holds; nil without one.
    package init?(pem: String) {
        guard let documents = try? PEMDocument.parseMultiple(pemString: pem),
            let first = documents.first(where: { $0.discriminator == "CERTIFICATE" }),
            let certificate = try? Certificate(pemDocument: first)
        else { return nil }
        self.init(certificate)
    }

    static func certificates(_ pem: String) throws(Failure) -> [Certificate] {
        do {
            return try PEMDocument.parseMultiple(pemString: pem).filter { $0.discriminator == "CERTIFICATE" }
                .map { try Certificate(pemDocument: $0) }
        } catch {
            throw Failure(
                .invalid, "the text holds no certificates in PEM", context: ["error": "\(error)"])
        }
    }

    /// `Let's Encrypt R11`.
    private static func text(_ name: DistinguishedName) -> String {
        func values(_ type: ASN1ObjectIdentifier) -> [String] {
            name.flatMap { part in part.compactMap { $0.type == type ? String($0.value) : nil } }
        }
        let known =
            values(.RDNAttributeType.organizationName).prefix(1)
            + values(.RDNAttributeType.commonName).prefix(1)
        return known.isEmpty ? "\(name)" : known.joined(separator: " ")
    }
}
