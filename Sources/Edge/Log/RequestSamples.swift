import EdgeRecords
import Kernel

/// The latest requests that were slow, and those whose answers were large.
final class RequestSamples: Sendable {
    enum Kind: String, Sendable, CaseIterable { case slow, large }

    private struct Ring {
        var records: [[UInt8]] = []
        var next = 0
        var count = 0
    }

    private let rings = Guarded<[Kind: Ring]>([:])

    func keep(_ draft: RecordDraft, _ kind: Kind) {
        var draft = draft
        draft.lines = []
        let bytes = [UInt8](unsafeUninitializedCapacity: LogLimits.sampleBytes) { room, count in
            count = draft.encode(to: UnsafeMutableRawPointer(room.baseAddress!), room: LogLimits.sampleBytes)
        }
        rings.withLock { rings in
            var ring = rings[kind] ?? Ring()
            rings[kind] = nil
            if ring.records.count < LogLimits.samples {
                ring.records.append(bytes)
            } else {
                ring.records[ring.next] = bytes
            }
            ring.next = (ring.next + 1) % LogLimits.samples
            ring.count += 1
            rings[kind] = ring
        }
    }

    /// Their bytes, oldest first.
    func all(_ kind: Kind) -> [[UInt8]] {
        let ring = rings.withLock { $0[kind] } ?? Ring()
        guard ring.records.count == LogLimits.samples else { return ring.records }
        return Array(ring.records[ring.next...] + ring.records[..<ring.next])
    }

    /// How many there were of each kind that were kept.
    func count(_ kind: Kind) -> Int { rings.withLock { $0[kind]?.count ?? 0 } }
}
