// Latencies are counted in buckets whose bounds are decimal: ninety to a decade, so that none is wider than a tenth of
// where it lies, and each bound that a metric names (1, 2.5 and 5 of a decade) is one of theirs. A quantile is thus at
// most a tenth too high, and a histogram for Prometheus is a sum of whole buckets.

/// How long requests took, by what became of them. A value, which a loop fills and readers add up.
package struct LatencyCounts: Sendable, Equatable {
    /// From a microsecond to a thousand seconds.
    static let decades = 9
    static let perDecade = 90
    static let buckets = decades * perDecade + 1

    private var counts: [UInt64]
    private var sums: [UInt64]

    package init() {
        counts = Array(repeating: 0, count: LatencyCounts.buckets * CacheResult.allCases.count)
        sums = Array(repeating: 0, count: CacheResult.allCases.count)
    }

    /// The bucket of so many nanoseconds. The first holds what is below a microsecond, the last what is above all others.
    @inline(__always)
    static func bucket(_ nanoseconds: Int64) -> Int {
        guard nanoseconds >= 1000 else { return 0 }
        var (unit, base) = (UInt64(100), 0)
        let value = UInt64(nanoseconds)
        while value >= unit * 100 {
            guard base < (decades - 1) * perDecade else { return buckets - 1 }
            unit *= 10
            base += perDecade
        }
        return base + Int(value / unit) - 9
    }

    /// Nanoseconds below which everything in `bucket` lies.
    static func upperBound(_ bucket: Int) -> Double {
        guard bucket > 0 else { return 1000 }
        let (decade, step) = ((bucket - 1) / perDecade, (bucket - 1) % perDecade)
        var unit = 100.0
        for _ in 0..<decade { unit *= 10 }
        return Double(step + 11) * unit
    }

    @inline(__always)
    package mutating func count(_ nanoseconds: Int64, _ result: CacheResult) {
        let state = Int(result.rawValue)
        counts[state * LatencyCounts.buckets + LatencyCounts.bucket(nanoseconds)] &+= 1
        sums[state] &+= UInt64(max(0, nanoseconds))
    }

    package mutating func add(_ other: LatencyCounts) {
        for index in counts.indices { counts[index] &+= other.counts[index] }
        for index in sums.indices { sums[index] &+= other.sums[index] }
    }

    /// What was counted since `earlier`, which is an older state of the same counts.
    package func since(_ earlier: LatencyCounts) -> LatencyCounts {
        var result = self
        for index in counts.indices { result.counts[index] &-= min(counts[index], earlier.counts[index]) }
        for index in sums.indices { result.sums[index] &-= min(sums[index], earlier.sums[index]) }
        return result
    }

    // MARK: reading

    private func slice(_ result: CacheResult) -> ArraySlice<UInt64> {
        let start = Int(result.rawValue) * LatencyCounts.buckets
        return counts[start..<start + LatencyCounts.buckets]
    }

    package func total(_ result: CacheResult) -> Int { Int(clamping: slice(result).reduce(0, &+)) }
    package func seconds(_ result: CacheResult) -> Double { Double(sums[Int(result.rawValue)]) / 1e9 }

    /// How many took at most so many nanoseconds, exact at the bounds of buckets.
    package func count(upTo nanoseconds: Double, _ result: CacheResult) -> Int {
        var sum: UInt64 = 0
        for (bucket, count) in slice(result).enumerated() {
            guard LatencyCounts.upperBound(bucket) <= nanoseconds * 1.000_001 else { break }
            sum &+= count
        }
        return Int(clamping: sum)
    }

    /// Nanoseconds that `share` of the requests (of those results) did not exceed; nil when there were none.
    package func quantile(_ share: Double, of results: [CacheResult] = CacheResult.allCases) -> Double? {
        let merged = (0..<LatencyCounts.buckets).map { bucket in
            results.reduce(UInt64(0)) { $0 &+ counts[Int($1.rawValue) * LatencyCounts.buckets + bucket] }
        }
        let total = merged.reduce(0, &+)
        guard total > 0 else { return nil }
        let rank = max(1, UInt64((Double(total) * share).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in merged.enumerated() {
            seen &+= count
            if seen >= rank { return LatencyCounts.upperBound(bucket) }
        }
        return LatencyCounts.upperBound(LatencyCounts.buckets - 1)
    }
}

extension LatencyCounts: Codable {
    /// Only buckets that counted something travel, as pairs of place and count.
    private struct Sparse: Codable {
        var places: [Int] = []
        var counts: [UInt64] = []
        var sums: [UInt64] = []
    }

    package init(from decoder: any Decoder) throws {
        self.init()
        let sparse = try Sparse(from: decoder)
        for (place, count) in zip(sparse.places, sparse.counts) where counts.indices.contains(place) {
            counts[place] = count
        }
        for (index, sum) in sparse.sums.enumerated() where sums.indices.contains(index) { sums[index] = sum }
    }

    package func encode(to encoder: any Encoder) throws {
        var sparse = Sparse(sums: sums)
        for (place, count) in counts.enumerated() where count > 0 {
            sparse.places.append(place)
            sparse.counts.append(count)
        }
        try sparse.encode(to: encoder)
    }
}
