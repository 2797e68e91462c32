package import EdgeLink
import HTTPCache
import Kernel

extension EdgeCore {
    /// The sum over all loops. Read without stopping them, so that it may be a few requests behind.
    package func statistics() -> EdgeStatistics { total(of: samples()) }

    /// How the edge fares; like `statistics` a few requests behind, and with top paths up to a second behind.
    package func sample() -> EdgeSample {
        let samples = samples()
        var sample = emptySample()
        sample.statistics = total(of: samples)
        sample.openConnections = samples.reduce(0) { $0 + $1.openConnections }
        sample.backends = EdgeSample.mergedBackends(samples)
        sample.topPaths = Array(EdgeSample.mergedPaths(samples).prefix(EdgeLimits.topPaths))
        sample.cachedObjects = cache.count
        sample.cachedBytes = cache.byteCount
        return sample
    }

    /// One that a loop fills, or that sums up those of all loops.
    func emptySample() -> EdgeSample {
        EdgeSample(edge: identity, at: wallClock() / 1_000_000, started: started)
    }

    /// What each loop showed last.
    private func samples() -> [EdgeSample] {
        loops.withLock { $0 }.map { loop in loop.published.withLock { $0 } }
    }

    private func total(of samples: [EdgeSample]) -> EdgeStatistics {
        samples.reduce(into: EdgeStatistics()) { $0.add($1.statistics) }
    }
}
