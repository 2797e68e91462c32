import Kernel
import Testing

@testable import VCLRuntime

@Suite struct RateLimitsTests {
    private static let second: Int64 = 1_000_000_000
    private static let start = BuiltinCases.now

    private func key(_ entry: String, in name: StaticString = "rc") -> RateLimits.Key {
        entry.withBytes { RateLimits.Key(Bytes(name), $0) }
    }

    @Test func countsWhatCameInEachWindow() {
        let limits = RateLimits()
        let key = key("a")
        for step in 0..<70 as Range<Int64> {
            _ = limits.increment(key, by: 2, now: RateLimitsTests.start + step * RateLimitsTests.second)
        }
        let now = RateLimitsTests.start + 69 * RateLimitsTests.second
        #expect(limits.count(key, seconds: 10, now: now) == 20)
        #expect(limits.count(key, seconds: 60, now: now) == 120)
        #expect(limits.increment(key, by: 0, now: now) == 120)
        #expect(limits.count(key, seconds: 10, now: now + 5 * RateLimitsTests.second) == 10)
        #expect(limits.count(key, seconds: 60, now: now + 61 * RateLimitsTests.second) == 0)
    }

    @Test func forgetsSecondsWhoseSlotIsUsedAgain() {
        let limits = RateLimits()
        _ = limits.increment(key("a"), by: 5, now: RateLimitsTests.start)
        // Another round of the ring of 64 seconds, and an hour later.
        #expect(
            limits.increment(key("a"), by: 1, now: RateLimitsTests.start + 64 * RateLimitsTests.second) == 1)
        #expect(
            limits.increment(key("a"), by: 1, now: RateLimitsTests.start + 3600 * RateLimitsTests.second) == 1
        )
    }

    @Test func surviesATimeThatGoesBack() {
        let limits = RateLimits()
        _ = limits.increment(key("a"), by: 5, now: RateLimitsTests.start)
        _ = limits.increment(key("a"), by: 1, now: RateLimitsTests.start - 10 * RateLimitsTests.second)
        #expect(limits.count(key("a"), seconds: 10, now: RateLimitsTests.start) == 6)
        _ = limits.increment(key("a"), by: 1, now: 0)
        #expect(limits.count(key("b"), seconds: 10, now: 0) == 0)
    }

    @Test func slidesItsRates() {
        let limits = RateLimits()
        _ = limits.increment(key("a"), by: 100, now: RateLimitsTests.start)
        #expect(limits.rate(key("a"), window: 10, now: RateLimitsTests.start) == 10)
        // Ten and a half seconds later half of that second is still within ten.
        let later = RateLimitsTests.start + 10 * RateLimitsTests.second + RateLimitsTests.second / 2
        #expect(limits.rate(key("a"), window: 10, now: later) == 5)
        #expect(limits.rate(key("a"), window: 1, now: later) == 0)
    }

    @Test func keepsCountersAndBoxesApart() {
        let limits = RateLimits()
        _ = limits.increment(key("a", in: "one"), by: 5, now: RateLimitsTests.start)
        #expect(limits.increment(key("a", in: "two"), by: 1, now: RateLimitsTests.start) == 1)
        limits.penalize(
            key("a", in: "box"), until: RateLimitsTests.start + 60 * RateLimitsTests.second,
            now: RateLimitsTests.start)
        #expect(limits.isPenalized(key("a", in: "box"), now: RateLimitsTests.start))
        #expect(!limits.isPenalized(key("a", in: "other"), now: RateLimitsTests.start))
        #expect(
            !limits.isPenalized(
                key("a", in: "box"), now: RateLimitsTests.start + 60 * RateLimitsTests.second))
    }

    @Test func remembersNoMoreThanItMay() {
        let limits = RateLimits(entries: 160, penalties: 160)
        let busy = key("busy")
        for index in 0..<5000 as Range<Int64> {
            let now = RateLimitsTests.start + index * 1_000_000
            _ = limits.increment(busy, by: 1, now: now)
            _ = limits.increment(key("visitor \(index)"), by: 1, now: now)
            limits.penalize(key("visitor \(index)"), until: now + 60 * RateLimitsTests.second, now: now)
        }
        let now = RateLimitsTests.start + 5 * RateLimitsTests.second
        let known = (0..<5000).filter { limits.count(key("visitor \($0)"), seconds: 60, now: now) > 0 }
        let penalized = (0..<5000).filter { limits.isPenalized(key("visitor \($0)"), now: now) }
        #expect(known.count <= 160 && known.count > 40)
        #expect(penalized.count <= 160 && penalized.contains(4999))
    }

    @Test func outlivesAChangeOfADictionary() throws {
        let bench = try Bench(
            """
            ratecounter rc { } penaltybox pb { }
            sub vcl_recv { set req.http.N = ratelimit.ratecounter_increment(rc, "a", 3); }
            """, dictionaries: [Table(name: "d", entries: [(key: "a", value: "1")])])
        _ = bench.run()
        let changed = Table(name: "d", entries: [(key: "a", value: "2")])
        bench.context.snapshot = bench.context.snapshot.replacing(changed, number: 2)
        _ = bench.run()
        #expect(bench.header("N") == "6")
    }

    @Test func tellsTheRateThatATestHasFixed() throws {
        let bench = try Bench(
            """
            ratecounter rc { } penaltybox pb { }
            sub vcl_recv { if (ratelimit.check_rate("a", rc, 1, 10, 100, pb, 2m)) { set req.http.N = "yes"; } }
            """)
        bench.context.rates.fixedRate = 99
        _ = bench.run()
        #expect(bench.header("N") == nil)
        bench.context.rates.fixedRate = 100
        _ = bench.run()
        #expect(bench.header("N") == "yes")
    }
}
