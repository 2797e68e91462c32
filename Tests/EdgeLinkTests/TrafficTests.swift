import Testing

@testable import EdgeLink

@Suite struct TrafficTests {
    private func sample(_ edge: String, requests: Int, errors: Int = 0, started: Int64 = 1) -> EdgeSample {
        var sample = EdgeSample(edge: edge, at: 0, started: started)
        sample.statistics.requests = requests
        sample.statistics.hits = requests / 2
        sample.statistics.statuses = [0, requests - errors, 0, 0, errors]
        return sample
    }

    @Test func addsUpTheEdgesSecondBySecond() {
        var traffic = Traffic()
        for second in 1...10 {
            traffic.received(sample("a", requests: second * 100), now: Int64(second) * 1000)
            traffic.received(
                sample("b", requests: second * 10, errors: second), now: Int64(second) * 1000 + 5)
        }
        let totals = Traffic.Totals(traffic.sum(seconds: 5, now: 10_500))
        #expect(totals.requests == 550 && totals.requestsPerSecond == 110)
        #expect(totals.errorShare == 5.0 / 550)
        #expect(totals.hitShare == 0.5)
    }

    @Test func countsNothingThatAnEdgeServedBeforeWeKnewIt() {
        var traffic = Traffic()
        traffic.received(sample("a", requests: 1_000_000), now: 1000)
        traffic.received(sample("a", requests: 50, started: 2), now: 2000)
        #expect(Traffic.Totals(traffic.sum(seconds: 10, now: 2000)).requests == 0)
        traffic.received(sample("a", requests: 80, started: 2), now: 3000)
        #expect(Traffic.Totals(traffic.sum(seconds: 10, now: 3000)).requests == 30)
    }

    @Test func saysNothingOfEdgesThatWentSilent() {
        var traffic = Traffic()
        traffic.received(sample("a", requests: 1), now: 1000)
        #expect(traffic.samples(now: 5000).count == 1)
        #expect(traffic.samples(now: 12_000).isEmpty)
    }

    @Test func keepsAQuarterOfAnHour() {
        var traffic = Traffic()
        for second in 0..<2000 { traffic.received(sample("a", requests: second), now: Int64(second) * 1000) }
        #expect(Traffic.Totals(traffic.sum(seconds: 2000, now: 1_999_000)).requests == Traffic.points)
    }

    @Test func mergesPathsOfSeveralEdges() {
        var (a, b) = (sample("a", requests: 0), sample("b", requests: 0))
        a.topPaths = [.init(host: "h", path: "/x", count: 3), .init(host: "h", path: "/y", count: 5)]
        b.topPaths = [.init(host: "h", path: "/x", count: 4)]
        let merged = EdgeSample.mergedPaths([a, b])
        #expect(merged.map(\.path) == ["/x", "/y"] && merged[0].count == 7)
    }
}
