import ACME
package import EdgeLink

/// The certificates of an edge's listeners, and who keeps those that an authority issues.
package struct EdgeCertificates: Sendable {
    package let served: Certificates?
    package let keeper: CertificateKeeper?

    package init(served: Certificates? = nil, keeper: CertificateKeeper? = nil) {
        self.served = served
        self.keeper = keeper
    }

    /// Each in the order in which they were given.
    package var shown: [EdgeCertificate] {
        served?.facts.map { file, facts in
            let renewal = keeper?.renewal(file)
            var shown = EdgeCertificate(
                names: facts.names, issuer: facts.issuer, notAfter: facts.notAfter, file: file.chain,
                isSelfMade: renewal != nil && facts.isSelfIssued)
            shown.renewal = renewal?.due
            shown.failures = renewal?.failures ?? 0
            shown.lastError = renewal?.lastError
            return shown
        } ?? []
    }
}
