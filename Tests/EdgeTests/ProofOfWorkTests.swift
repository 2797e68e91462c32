import HTTP1
import Kernel
import RequestFlow
import Testing

@testable import Edge

@Suite struct ProofOfWorkTests {
    private let proof = ProofOfWork(key: Array(repeating: 7, count: 32), bits: 8, lifetimeSeconds: 100)
    private let client = IPAddress("192.0.2.7")!
    private let now: Int64 = 1_000_050

    private func isProved(
        _ cookies: String..., by client: IPAddress? = nil, at time: Int64? = nil,
        with other: ProofOfWork? = nil
    ) -> Bool {
        let arena = Arena()
        var headers = HeaderList()
        for cookie in cookies {
            headers.append(HeaderField(HeaderName("Cookie"), value: arena.copy(cookie)))
        }
        return (other ?? proof).isProved(headers, by: client ?? self.client, at: time ?? now)
    }

    private var solution: String {
        "hq-proof=10000-\(proof.solve(for: client, window: proof.window(at: now)))"
    }

    @Test func acceptsWhatWasSolved() {
        #expect(proof.window(at: now) == 10_000)
        #expect(isProved(solution))
        #expect(isProved("a=b; \(solution); c=d") && isProved("a=b", solution))
        #expect(isProved("hq-proof=1-1; \(solution)"))
    }

    @Test func isOfOneClientOneTimeAndOneKey() {
        #expect(!isProved(solution, by: IPAddress("192.0.2.8")!))
        #expect(isProved(solution, at: now + 100))
        #expect(!isProved(solution, at: now + 200) && !isProved(solution, at: now - 100))
        let other = ProofOfWork(key: Array(repeating: 8, count: 32), bits: 8, lifetimeSeconds: 100)
        #expect(!isProved(solution, with: other))
        // The seed knows how hard it was meant to be.
        let harder = ProofOfWork(key: Array(repeating: 7, count: 32), bits: 9, lifetimeSeconds: 100)
        #expect(proof.seed(for: client, window: 1) != harder.seed(for: client, window: 1))
    }

    @Test(arguments: [
        "", "hq-proof", "hq-proof=", "hq-proof=10000", "hq-proof=10000-", "hq-proof=-1", "hq-proof=x-1",
        "hq-proof=10000-x", "hq-proof=10000--1", "hq-proof=99999999999999999999999-1",
        "hq-proof=10000-123456789012345678901", "HQ-Proof=10000-1", "hq-proof= 10000-1",
    ])
    func refusesWhatIsNone(cookie: String) { #expect(!isProved(cookie)) }

    /// A number chosen blindly is good once in 256 times; of many wrong ones nearly all are refused.
    @Test func refusesWhatTookNoWork() {
        let good = (0..<2000).filter { isProved("hq-proof=10000-\($0)") }.count
        #expect((1...30).contains(good))
    }

    @Test func looksAtFewCookies() {
        let wrong = Array(repeating: "hq-proof=1-1", count: ChallengeLimits.cookies).joined(separator: "; ")
        #expect(!isProved("\(wrong); \(solution)"))
    }
}

@Suite struct FloodGaugeTests {
    /// What the gauge says to each number of requests, told at so many seconds.
    private func told(_ steps: [(requests: Int, seconds: Double)]) -> [Bool] {
        var gauge = FloodGauge(above: 100)
        return steps.map { gauge.add($0.requests, now: Int64($0.seconds * 1e9)) }
    }

    @Test func tellsAFloodFromAPage() {
        // All at once, and then nothing: not more than the second allows.
        #expect(told([(90, 0), (10, 1), (100, 2), (150, 2.5)]) == [false, false, false, false])
        #expect(told([(90, 0), (0, 1), (150, 1.5), (0, 2)]) == [false, false, false, true])
    }

    @Test func lastsUntilItIsCalm() {
        let calm = Double(ChallengeLimits.calmSeconds)
        #expect(told([(0, 0), (500, 1), (0, 30), (0, calm)]) == [false, true, true, true])
        #expect(told([(0, 0), (500, 1), (0, calm + 1)]) == [false, true, false])
        // A second wave within that time begins it anew.
        #expect(told([(0, 0), (500, 1), (9000, 31), (0, calm + 1)]) == [false, true, true, true])
    }
}
