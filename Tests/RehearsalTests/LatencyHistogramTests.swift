import Kernel
import Testing

@testable import Rehearsal

@Suite struct LatencyHistogramTests {
    @Test func everyValueFallsIntoABucketNoWiderThanAThousandth() {
        var random = SeededRandom(seed: 7)
        let edges = [0, 1, 2047, 2048, 2049, 4095, 4096, RehearsalLimits.longestMicroseconds]
        let others = (0..<20_000).map { _ in Int(random.next() >> UInt64(32 + random.below(31))) }
        for value in edges + others {
            let index = LatencyHistogram.index(of: value)
            let highest = LatencyHistogram.highest(in: index)
            #expect(highest >= value && (highest - value) * 1000 <= max(value, 1) || highest == value)
            #expect(LatencyHistogram.index(of: highest) == index)
            #expect(LatencyHistogram.index(of: highest + 1) == index + 1)
        }
    }

    @Test func percentilesAreThoseOfTheSortedValuesToAThousandth() {
        var random = SeededRandom(seed: 11)
        var histogram = LatencyHistogram()
        var values: [Int] = []
        for _ in 0..<10_000 {
            let value = random.below(10) == 0 ? random.below(3_000_000) : 300 + random.below(4000)
            values.append(value)
            histogram.record(value)
        }
        values.sort()
        for share in [0.001, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = values[max(0, Int((share * 10_000).rounded(.up)) - 1)]
            let found = histogram.value(at: share)
            #expect(
                found >= exact && Double(found) <= Double(exact) * 1.001 + 1, "\(share): \(found), \(exact)")
        }
        #expect(histogram.max == values.last)
        #expect(histogram.count == 10_000)
    }

    @Test func mergedIsAsIfAllHadBeenRecordedInOne() {
        var (one, other, both) = (LatencyHistogram(), LatencyHistogram(), LatencyHistogram())
        for value in stride(from: 0, to: 100_000, by: 77) {
            if value % 2 == 0 { one.record(value) } else { other.record(value * 30) }
            both.record(value % 2 == 0 ? value : value * 30)
        }
        one.merge(other)
        #expect(one.count == both.count && one.max == both.max && one.mean == both.mean)
        for share in [0.1, 0.5, 0.99, 1] { #expect(one.value(at: share) == both.value(at: share)) }
    }

    @Test func clampsWhatIsOutOfBoundsAndKnowsNothingWhenEmpty() {
        var histogram = LatencyHistogram()
        #expect(histogram.value(at: 0.99) == 0 && histogram.mean == 0)
        histogram.record(-5)
        histogram.record(.max)
        #expect(histogram.max == RehearsalLimits.longestMicroseconds)
        #expect(histogram.value(at: 0.5) == 0)
        #expect(histogram.value(at: 1) == RehearsalLimits.longestMicroseconds)
        #expect(histogram.count(above: 1000) == 1)
    }
}
