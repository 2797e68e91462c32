import EdgeRecords

/// Records, one behind the other, on their way from a loop to the pump. One of them has it at a time.
final class RecordChunk: @unchecked Sendable {
    private let memory = UnsafeMutableRawPointer.allocate(
        byteCount: RecordLimits.chunkBytes, alignment: 8)
    private var used = 0
    private(set) var count = 0

    deinit { memory.deallocate() }

    /// False when there is no room for it.
    func append(_ draft: RecordDraft) -> Bool {
        let room = RecordLimits.chunkBytes - used
        guard draft.mostBytes <= room else { return false }
        used += draft.encode(to: memory + used, room: room)
        count += 1
        return true
    }

    func forEach(_ body: (RecordView) -> Void) {
        var at = 0
        while at < used {
            let record = RecordView(memory + at)
            body(record)
            at += record.count
        }
    }
}
