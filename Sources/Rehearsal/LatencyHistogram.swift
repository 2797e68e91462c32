/// How often each latency came, in microseconds, with three significant digits: buckets that are as wide as a thousandth
/// of what they hold (HdrHistogram's layout: linear inside of powers of two). Any number of them can be merged without
/// loss, and a percentile is exact to its bucket; nothing is sampled, averaged or forgotten.
package struct LatencyHistogram: Sendable, Equatable {
    /// Buckets of the linear part: the power of two above 2 x 10^3, so that no bucket is wider than a thousandth.
    private static let linear = 2048
    private static let half = linear / 2

    private var counts: [UInt32] = []
    package private(set) var count = 0
    /// The largest value recorded, exactly.
    package private(set) var max = 0
    private var sum = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }
    package var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// Values below 0 count as 0, those above `RehearsalLimits.longestMicroseconds` as that.
    package mutating func record(_ microseconds: Int) {
        let value = Swift.min(Swift.max(microseconds, 0), RehearsalLimits.longestMicroseconds)
        let index = LatencyHistogram.index(of: value)
        if index >= counts.count { grow(to: index) }
        counts[index] += 1
        count += 1
        sum += value
        if value > max { max = value }
    }

    /// A power of two, so that a second that grows slower and slower does not grow its buckets each time.
    private mutating func grow(to index: Int) {
        var size = Swift.max(counts.count, LatencyHistogram.linear)
        while size <= index { size *= 2 }
        counts.append(contentsOf: repeatElement(0, count: size - counts.count))
    }

    package mutating func merge(_ other: LatencyHistogram) {
        if other.counts.count > counts.count {
            counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
        }
        for index in other.counts.indices { counts[index] += other.counts[index] }
        count += other.count
        sum += other.sum
        max = Swift.max(max, other.max)
    }

    /// The smallest bucket's upper end that `share` (0...1) of the values do not exceed, by nearest rank; 0 without values.
    package func value(at share: Double) -> Int {
        guard count > 0 else { return 0 }
        let rank = Swift.max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (index, here) in counts.enumerated() where here > 0 {
            seen += Int(here)
            if seen >= rank { return Swift.min(LatencyHistogram.highest(in: index), max) }
        }
        return max
    }

    /// How many values lie above `microseconds`, by whole buckets.
    package func count(above microseconds: Int) -> Int {
        let index = LatencyHistogram.index(of: Swift.max(0, microseconds))
        guard index + 1 < counts.count else { return 0 }
        return counts[(index + 1)...].reduce(0) { $0 + Int($1) }
    }

    // MARK: buckets

    static func index(of value: Int) -> Int {
        let bucket = (Int.bitWidth - (value | (linear - 1)).leadingZeroBitCount) - linear.trailingZeroBitCount
        return bucket * half + (value >> bucket)
    }

    /// The largest value that falls into a bucket.
    static func highest(in index: Int) -> Int {
        guard index >= linear else { return index }
        let bucket = index / half - 1
        let lowest = (index - bucket * half) << bucket
        return lowest + (1 << bucket) - 1
    }
}
