import Foundation
import Kernel
import Testing

@testable import EdgeRecords

@Suite struct LatencyCountsTests {
    /// Each value lies below its bucket's bound, and no further than a tenth.
    @Test func bucketsAreATenthWide() {
        var random = SeededRandom(seed: 3)
        for exponent in 10..<39 {
            for _ in 0..<200 {
                let value = Int64(1) << exponent + Int64(random.next() % (1 << UInt64(exponent)))
                let bucket = LatencyCounts.bucket(value)
                guard value < 1_000_000_000_000 else { continue }
                let bound = LatencyCounts.upperBound(bucket)
                #expect(Double(value) < bound && bound <= Double(value) * 1.1 + 1, "\(value) in \(bucket)")
            }
        }
    }

    @Test func bucketsAreInOrder() {
        let bounds = (0..<LatencyCounts.buckets).map(LatencyCounts.upperBound)
        #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count)
        #expect(
            LatencyCounts.bucket(-5) == 0 && LatencyCounts.bucket(0) == 0 && LatencyCounts.bucket(999) == 0)
        #expect(LatencyCounts.bucket(1000) == 1)
        #expect(LatencyCounts.bucket(.max) == LatencyCounts.buckets - 1)
    }

    @Test func findsQuantiles() throws {
        var counts = LatencyCounts()
        for value in 1...1000 { counts.count(Int64(value) * 1_000_000, .hit) }
        counts.count(50_000_000_000, .miss)
        let median = try #require(counts.quantile(0.5, of: [.hit]))
        #expect((500e6...550e6).contains(median))
        let last = try #require(counts.quantile(0.99, of: [.hit]))
        #expect((990e6...1100e6).contains(last))
        #expect(try #require(counts.quantile(1)) > 50e9)
        #expect(counts.quantile(0.5, of: [.pass]) == nil)
        #expect(counts.total(.hit) == 1000 && counts.seconds(.hit) == 500.5)
    }

    /// At the bounds that metrics name, counts are exact.
    @Test func countsExactlyAtBounds() {
        var counts = LatencyCounts()
        for value: Int64 in [900, 24_999, 25_000, 99_999, 100_000, 2_499_999, 2_500_000, 4_999_999_999] {
            counts.count(value, .hit)
        }
        #expect(counts.count(upTo: 25_000, .hit) == 2 && counts.count(upTo: 100_000, .hit) == 4)
        #expect(counts.count(upTo: 2_500_000, .hit) == 6 && counts.count(upTo: 5e9, .hit) == 8)
    }

    @Test func addsUpAndTakesAway() throws {
        var (one, two) = (LatencyCounts(), LatencyCounts())
        one.count(5000, .hit)
        two.count(7000, .hit)
        two.count(9000, .error)
        var sum = one
        sum.add(two)
        #expect(sum.total(.hit) == 2 && sum.total(.error) == 1)
        #expect(sum.since(one) == two)
        let text = try JSONEncoder().encode(sum)
        #expect(try JSONDecoder().decode(LatencyCounts.self, from: text) == sum)
    }

    /// What comes over a line may be anything.
    @Test func readsNothingOutOfBounds() throws {
        let text = Data("{\"places\":[-1,99999999,3],\"counts\":[1,2,3],\"sums\":[1,2,3,4,5,6,7,8]}".utf8)
        #expect(try JSONDecoder().decode(LatencyCounts.self, from: text).total(.hit) == 3)
    }
}
