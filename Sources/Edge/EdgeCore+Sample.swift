package import EdgeLink
import HTTPCache
import Kernel

/// What a loop says of itself to readers on other threads.
struct LoopReport: Sendable {
    var statistics = EdgeStatistics()
    var openConnections = 0
    var backends: [EdgeSample.Backend] = []
    var topPaths: [EdgeSample.TopPath] = []
}

extension EdgeCore {
    /// The sum over all loops. Read without stopping them, so that it may be a few requests behind.
    package func statistics() -> EdgeStatistics {
        reports().reduce(into: EdgeStatistics()) { $0.add($1.statistics) }
    }

    /// How the edge fares; like `statistics` a few requests behind, and with top paths up to a second behind.
    package func sample() -> EdgeSample {
        var sample = EdgeSample(edge: identity, at: wallClock() / 1_000_000, started: started)
        let reports = reports()
        for report in reports {
            sample.statistics.add(report.statistics)
            sample.openConnections += report.openConnections
        }
        sample.backends = EdgeCore.sum(reports.map(\.backends))
        sample.topPaths = EdgeCore.most(reports.map(\.topPaths))
        sample.cachedObjects = cache.count
        sample.cachedBytes = cache.byteCount
        return sample
    }

    private func reports() -> [LoopReport] {
        loops.withLock { $0 }.map { loop in loop.published.withLock { $0 } }
    }

    private static func sum(_ parts: [[EdgeSample.Backend]]) -> [EdgeSample.Backend] {
        let groups = Dictionary(grouping: parts.joined()) { [$0.name, $0.address] }
        let sums = groups.values.map { group in
            group.dropFirst().reduce(into: group[0]) { sum, part in
                sum.fetches += part.fetches
                sum.failures += part.failures
                sum.errors += part.errors
                sum.firstByteNanoseconds += part.firstByteNanoseconds
            }
        }
        return sums.sorted { ($0.name, $0.address) < ($1.name, $1.address) }
    }

    private static func most(_ parts: [[EdgeSample.TopPath]]) -> [EdgeSample.TopPath] {
        let groups = Dictionary(grouping: parts.joined()) { [$0.host, $0.path] }
        let sums = groups.values.map { group in
            EdgeSample.TopPath(
                host: group[0].host, path: group[0].path, count: group.reduce(0) { $0 + $1.count })
        }
        let sorted = sums.sorted { ($1.count, $0.host, $0.path) < ($0.count, $1.host, $1.path) }
        return Array(sorted.prefix(EdgeLimits.topPaths))
    }
}
