/// What the edges have served of late: one point a second, kept in memory alone.
package struct Traffic: Sendable {
    /// Points kept for each edge: a quarter of an hour.
    package static let points = 900
    /// Edges remembered; more names than this are somebody's mistake.
    static let edges = 64

    package struct Point: Sendable, Codable, Equatable {
        /// Milliseconds since 1970, by our clock.
        package var at: Int64
        package var requests = 0
        /// Answered from the cache, stale ones included.
        package var hits = 0
        package var statuses: [Int] = [0, 0, 0, 0, 0]
        package var bodyBytes = 0

        package init(at: Int64) { self.at = at }
    }

    private var latest: [String: (sample: EdgeSample, arrived: Int64)] = [:]
    private var series: [String: [Point]] = [:]

    /// What was asked for most of late.
    package private(set) var hour = TopHour()

    package init() {}

    package mutating func received(_ sample: EdgeSample, now: Int64) {
        guard latest[sample.edge] != nil || latest.count < Traffic.edges else { return }
        hour.received(sample, now: now)
        defer { latest[sample.edge] = (sample, now) }
        // What an edge counted before we knew it, or before it was started again, has no place in time.
        guard let before = latest[sample.edge]?.sample.statistics,
            latest[sample.edge]?.sample.started == sample.started
        else { return }
        let after = sample.statistics
        var point = Point(at: now)
        point.requests = max(0, after.requests - before.requests)
        point.hits = max(0, after.hits + after.stale - before.hits - before.stale)
        point.statuses = zip(after.statuses, before.statuses).map { max(0, $0 - $1) }
        point.bodyBytes = max(0, after.bodyBytes - before.bodyBytes)
        series[sample.edge, default: []].append(point)
        if series[sample.edge]!.count > Traffic.points { series[sample.edge]!.removeFirst() }
    }

    /// The latest samples that are not older than ten seconds, by name.
    package func samples(now: Int64) -> [EdgeSample] {
        latest.values.filter { now - $0.arrived < 10_000 }.map(\.sample).sorted { $0.edge < $1.edge }
    }

    /// One point for each of the last `seconds` that are complete, oldest first, over all edges.
    package func sum(seconds: Int, now: Int64) -> [Point] {
        let last = now / 1000 - 1
        var result = (0..<seconds).map { Point(at: (last - Int64(seconds - 1 - $0)) * 1000) }
        for points in series.values {
            for point in points {
                let index = seconds - 1 - Int(last - point.at / 1000)
                guard result.indices.contains(index) else { continue }
                result[index].requests += point.requests
                result[index].hits += point.hits
                result[index].bodyBytes += point.bodyBytes
                for status in point.statuses.indices {
                    result[index].statuses[status] += point.statuses[status]
                }
            }
        }
        return result
    }
}

extension Traffic {
    /// What a stretch of time amounts to.
    package struct Totals: Sendable {
        package let requests: Int
        package let requestsPerSecond: Double
        /// Nil when nobody asked for anything.
        package let hitShare: Double?
        package let errorShare: Double?
        package let statuses: [Int]

        package init(_ points: [Point]) {
            requests = points.reduce(0) { $0 + $1.requests }
            let hits = points.reduce(0) { $0 + $1.hits }
            statuses = points.reduce(into: [0, 0, 0, 0, 0]) { sum, point in
                for index in sum.indices { sum[index] += point.statuses[index] }
            }
            let answers = statuses.reduce(0, +)
            requestsPerSecond = Double(requests) / Double(max(points.count, 1))
            hitShare = requests > 0 ? min(1, Double(hits) / Double(requests)) : nil
            errorShare = answers > 0 ? Double(statuses[4]) / Double(answers) : nil
        }
    }
}
