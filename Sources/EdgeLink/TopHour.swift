/// What visitors asked for most in the last hour: for each minute the addresses that edges name, as they count them at its end.
package struct TopHour: Sendable {
    private struct Place: Hashable {
        let edge: String
        let host: String
        let path: String
    }

    static let minutes = 60
    /// Addresses of one minute; what is asked for less matters less.
    static let paths = 200

    private var counts: [Int64: [Place: Int]] = [:]

    mutating func received(_ sample: EdgeSample, now: Int64) {
        let minute = now / 60_000
        if counts[minute] == nil {
            counts = counts.filter { $0.key > minute - Int64(TopHour.minutes) }
            counts[minute] = [:]
        }
        for path in sample.topPaths {
            let place = Place(edge: sample.edge, host: path.host, path: path.path)
            guard counts[minute]!.count < TopHour.paths || counts[minute]![place] != nil else { continue }
            counts[minute]![place] = max(counts[minute]![place] ?? 0, path.count)
        }
    }

    /// The first `limit`, most asked for first.
    package func most(_ limit: Int) -> [EdgeSample.TopPath] {
        var sums: [Place: Int] = [:]
        for minute in counts.values {
            for (place, count) in minute {
                sums[Place(edge: "", host: place.host, path: place.path), default: 0] += count
            }
        }
        return sums.map { EdgeSample.TopPath(host: $0.host, path: $0.path, count: $1) }
            .sorted { ($1.count, $0.host, $0.path) < ($0.count, $1.host, $1.path) }
            .prefix(limit).map(\.self)
    }
}
