/// When one host's certificate is to be had anew. Times are seconds since 1970.
package struct Renewal: Sendable, Equatable {
    /// The next try.
    package private(set) var due: Int64
    package private(set) var failures = 0
    package private(set) var lastError: String?

    /// Without a certificate the first try is at once.
    package init(_ facts: CertificateFacts?, now: Int64) {
        due = Renewal.due(facts, now)
    }

    /// Two thirds of the lifetime, as authorities recommend: a third is left for what may go wrong.
    private static func due(_ facts: CertificateFacts?, _ now: Int64) -> Int64 {
        guard let facts, !facts.isSelfIssued, facts.notAfter > facts.notBefore else { return now }
        return facts.notBefore + (facts.notAfter - facts.notBefore) / 3 * 2
    }

    package mutating func issued(_ facts: CertificateFacts, now: Int64) {
        failures = 0
        lastError = nil
        // An authority's clock may be behind: no certificate is worth a second one in the same minute.
        due = max(Renewal.due(facts, now), now + ACMELimits.firstRetrySeconds)
    }

    /// Tries again with growing pauses. What the authority asks for counts when it is longer.
    package mutating func failed(_ error: IssuanceError, now: Int64) {
        let own = min(
            ACMELimits.longestRetrySeconds, ACMELimits.firstRetrySeconds << Int64(min(failures, 10)))
        failures += 1
        lastError = "\(error.failure)"
        due = now + max(own, min(Int64(error.retryAfter ?? 0), ACMELimits.longestAskedRetrySeconds))
    }
}
