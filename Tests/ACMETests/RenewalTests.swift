import Kernel
import Testing

@testable import ACME

@Suite struct RenewalTests {
    private let day: Int64 = 86_400

    private func facts(from notBefore: Int64, to notAfter: Int64, selfIssued: Bool = false)
        -> CertificateFacts
    {
        CertificateFacts(
            names: ["a.test"], issuer: "Test", notBefore: notBefore, notAfter: notAfter,
            isSelfIssued: selfIssued)
    }

    private func error(after seconds: Int? = nil) -> IssuanceError {
        IssuanceError(Failure(.unavailable, "no answer"), retryAfter: seconds)
    }

    @Test func isDueAtTwoThirdsOfTheLifetime() {
        let renewal = Renewal(facts(from: 0, to: 90 * day), now: 10 * day)
        #expect(renewal.due == 60 * day)
    }

    @Test func isDueAtOnceWithoutACertificateOfAnAuthority() {
        #expect(Renewal(nil, now: 7).due == 7)
        #expect(Renewal(facts(from: 0, to: 90 * day, selfIssued: true), now: 7).due == 7)
    }

    @Test func triesAgainWithGrowingPauses() {
        var renewal = Renewal(nil, now: 0)
        var pauses: [Int64] = []
        for _ in 0..<12 {
            let now = renewal.due
            renewal.failed(error(), now: now)
            pauses.append(renewal.due - now)
        }
        #expect(pauses.prefix(4) == [60, 120, 240, 480])
        #expect(pauses[11] == 6 * 3600)
        #expect(renewal.failures == 12 && renewal.lastError == "no answer")
    }

    @Test(arguments: [(30, 60), (7200, 7200), (30 * 86_400, 86_400)])
    func waitsAsLongAsTheAuthorityWants(asked: Int, waits: Int64) {
        var renewal = Renewal(nil, now: 0)
        renewal.failed(error(after: asked), now: 0)
        #expect(renewal.due == waits)
    }

    @Test func forgetsItsFailuresWhenItIsIssued() {
        var renewal = Renewal(nil, now: 0)
        renewal.failed(error(), now: 0)
        renewal.issued(facts(from: 0, to: 90 * day), now: 60)
        #expect(renewal.due == 60 * day && renewal.failures == 0 && renewal.lastError == nil)
    }

    @Test func isNotDueInTheSameMinuteWhateverTheLifetime() {
        var renewal = Renewal(nil, now: 0)
        renewal.issued(facts(from: 0, to: 3), now: 2)
        #expect(renewal.due == 62)
    }
}
