import EdgeRecords
import Kernel

/// Collects one loop's records and hands them over. Confined to its loop, which it never keeps waiting: when the pump does not
/// keep up, chunks are dropped and counted.
final class LoopRecorder {
    private let hub: RecordHub
    private var chunk: RecordChunk?

    init(hub: RecordHub) { self.hub = hub }

    func record(_ draft: RecordDraft) {
        if let chunk, chunk.append(draft) { return }
        handOver()
        let next = RecordChunk()
        // A chunk has room for the largest record.
        _ = next.append(draft)
        chunk = next
    }

    /// Gives what is there to the pump.
    func handOver() {
        guard let full = chunk else { return }
        chunk = nil
        hub.take(full)
    }
}
