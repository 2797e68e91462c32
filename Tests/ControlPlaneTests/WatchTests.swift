import EdgeLink
import Testing

@testable import ControlPlane

@Suite struct WatchTests {
    private var watch = Watch()
    private let change = Watch.Watched(entry: 7, before: 20, after: 21, at: 100_000)

    private func sample(_ answers: Int, errors: Int, edge: String = "e") -> EdgeSample {
        var sample = EdgeSample(edge: edge, at: 0, started: 0)
        sample.statistics.statuses = [0, answers - errors, 0, 0, errors]
        return sample
    }

    private func result(_ order: TrialOrder, tried: Int, failing: [Int64: Int]) -> TrialResult {
        var result = TrialResult(edge: "e", id: order.id)
        result.tried = tried
        result.failures = failing
        result.examples = ["www.example/x"]
        return result
    }

    /// Feeds one sample a second from 90 s to `end`; errors begin after the change. The first order, and when it came.
    private func orders(_ watch: inout Watch, until end: Int64, share: Double, rate: Int = 100) -> (
        TrialOrder, Int64
    )? {
        var (answers, errors) = (0, 0)
        for second in 90...end {
            answers += rate
            if second > 100 { errors += Int(Double(rate) * share) }
            let order = watch.received(
                sample(answers, errors: errors), now: second * 1000, share: 0.05, period: 60_000)
            if let order { return (order, second) }
        }
        return nil
    }

    @Test func asksForATrialWhenErrorsFollowAChange() throws {
        var watch = watch
        watch.began(change)
        let asked = orders(&watch, until: 120, share: 0.08)
        let (order, second) = try #require(asked)
        #expect(order.snapshots == [20, 21] && order.since == 100_000)
        #expect(second <= 110)
    }

    @Test func asksNobodyWithoutAChangeOrWithFewErrors() {
        var watch = watch
        #expect(orders(&watch, until: 150, share: 1) == nil)
        watch.began(change)
        #expect(orders(&watch, until: 150, share: 0.03) == nil)
    }

    @Test func forgetsAChangeAfterItsTime() {
        var watch = watch
        watch.began(Watch.Watched(entry: 7, before: 20, after: 21, at: 20_000))
        #expect(orders(&watch, until: 150, share: 1) == nil)
        #expect(watch.changes.isEmpty)
    }

    @Test func convictsWhenTwoTrialsAgree() throws {
        var watch = watch
        watch.began(change)
        let asked = orders(&watch, until: 120, share: 0.5)
        let (first, second) = try #require(asked)
        #expect(
            watch.received(result(first, tried: 10, failing: [20: 0, 21: 10]), now: second * 1000 + 100)
                == nil)
        let next = watch.received(
            sample(9000, errors: 4500), now: second * 1000 + 1000, share: 0.05, period: 60_000)
        let again = try #require(next)
        let conviction = watch.received(
            result(again, tried: 10, failing: [20: 1, 21: 10]), now: second * 1000 + 1100)
        #expect(conviction?.entry == 7)
        #expect(
            conviction?.reason.contains("of 10 requests that failed, tried again, 9 succeed without it")
                == true)
    }

    @Test(
        arguments: [
            // The origin is down: nothing succeeds either way.
            [20: 10, 21: 10],
            // It flaps: about as many fail on both sides.
            [20: 4, 21: 6],
            // It was mended meanwhile.
            [20: 0, 21: 0],
            // The edge no longer has what was before.
            [21: 10],
        ] as [[Int64: Int]])
    func acquits(failing: [Int64: Int]) throws {
        var watch = watch
        watch.began(change)
        let asked = orders(&watch, until: 120, share: 0.5)
        let (first, second) = try #require(asked)
        #expect(watch.received(result(first, tried: 10, failing: failing), now: second * 1000 + 100) == nil)
        let again = watch.received(
            sample(9000, errors: 4500), now: second * 1000 + 2000, share: 0.05, period: 60_000)
        let order = try #require(again)
        #expect(watch.received(result(order, tried: 10, failing: failing), now: second * 1000 + 2100) == nil)
    }

    @Test func picksTheGuiltyOneAmongSeveralChanges() throws {
        var watch = watch
        watch.began(Watch.Watched(entry: 5, before: 18, after: 19, at: 99_000))
        watch.began(Watch.Watched(entry: 6, before: 19, after: 20, at: 99_500))
        watch.began(change)
        let asked = orders(&watch, until: 120, share: 0.5)
        let (first, second) = try #require(asked)
        #expect(first.snapshots == [18, 19, 20, 21])
        let failing: [Int64: Int] = [18: 0, 19: 0, 20: 8, 21: 8]
        #expect(watch.received(result(first, tried: 10, failing: failing), now: second * 1000 + 100) == nil)
        let next = watch.received(
            sample(9000, errors: 4500), now: second * 1000 + 1000, share: 0.05, period: 60_000)
        let again = try #require(next)
        #expect(
            watch.received(result(again, tried: 10, failing: failing), now: second * 1000 + 1100)?.entry == 6)
    }

    @Test func beginsAnewWithAnEdgeThatWasStartedAgain() {
        var watch = watch
        watch.began(change)
        _ = watch.received(sample(1_000_000, errors: 900_000), now: 99_000, share: 0.05, period: 60_000)
        let order = watch.received(sample(100, errors: 0), now: 101_000, share: 0.05, period: 60_000)
        #expect(order == nil)
    }
}
