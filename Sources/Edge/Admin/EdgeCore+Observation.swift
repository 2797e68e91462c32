package import EdgeLink
import EdgeRecords
import HTTPCache
import Kernel
import NIOCore
import VCLRuntime

extension EdgeCore {
    /// How the edge fares. Counts are up to `EdgeLimits.publishMilliseconds` behind, latencies and paths up to a second.
    /// Whoever asks `withClients` makes the loops count clients for a while.
    package func observed(withClients: Bool = false) async -> EdgeObservation {
        let all = loops.withLock { $0 }
        var latencies = LatencyCounts()
        var shown: [EdgeObservation.Loop] = []
        for loop in all {
            loop.observer.published.withLock { latencies.add($0) }
            let sample = loop.published.withLock { $0 }
            shown.append(.init(requests: sample.statistics.requests, openConnections: sample.openConnections))
        }
        return EdgeObservation(
            sample: sample(), latencies: latencies, snapshot: snapshot.number, loops: shown,
            topClients: withClients ? await topClients() : [], logs: logs,
            lostRecords: observation.hub.counts.lost)
    }

    private var logs: [EdgeObservation.Log] {
        observation.hub.destinations.map { destination in
            let counts = destination.counts
            return .init(
                place: destination.title, written: counts.written, lost: counts.lost,
                failures: counts.failures)
        }
    }

    private func topClients() async -> [EdgeObservation.Client] {
        var counts: [String: Int] = [:]
        for loop in loops.withLock({ $0 }) {
            let most = try? await loop.loop.submit { loop.observer.mostClients(EdgeLimits.topPathsOfLoop) }
                .get()
            for (client, count) in most ?? [] { counts[client, default: 0] += count }
        }
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        return sorted.prefix(EdgeLimits.topPaths).map { .init(client: $0.key, count: $0.value) }
    }

    // MARK: requests that are remembered

    /// The latest requests of a client, by address or `client.identity`, as lines of JSON, oldest first. Nil without a recorder.
    package func requests(ofClient id: String) async -> [[UInt8]]? {
        var records: [[UInt8]] = []
        var hasRecorder = false
        for loop in loops.withLock({ $0 }) {
            let found = try? await loop.loop.submit { loop.observer.flight?.requests(of: id) }.get()
            guard let found else { continue }
            hasRecorder = true
            records += found
        }
        return hasRecorder ? EdgeCore.lines(of: records) : nil
    }

    /// The latest slow or large requests, as lines of JSON, oldest first; nil for a kind that there is not.
    package func samples(_ kind: String) -> [[UInt8]]? {
        RequestSamples.Kind(rawValue: kind).map { EdgeCore.lines(of: observation.samples.all($0)) }
    }

    private static func lines(of records: [[UInt8]]) -> [[UInt8]] {
        var formatter = RecordFormatter(.json)
        let written = records.map { bytes in
            bytes.withUnsafeBytes { raw in
                let record = RecordView(raw.baseAddress!)
                var line = LineWriter()
                formatter.write(record, to: &line)
                return (began: record.began, line: line.bytes)
            }
        }
        return written.sorted { $0.began < $1.began }.map(\.line)
    }
}

extension LogDestination {
    /// Its place, with the endpoint that it serves.
    package var title: String {
        switch content {
        case .requests: "\(place)"
        case .endpoint(let name): "\(name)=\(place)"
        }
    }
}
