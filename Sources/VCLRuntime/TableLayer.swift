import Kernel

/// Entries that can be found by their keys: open addressing over a block. A place is eight bytes, half of it a piece of the key's
/// hash, so that a look-up reads one line of memory to find its entry and one to read it.
final class TableLayer: Sendable {
    let block: EntryBlock
    /// The piece of the hash above, the entry's offset in fours plus one below; 0 for a place that is free.
    nonisolated(unsafe) private let places: UnsafeMutablePointer<UInt64>
    private let mask: Int
    /// Keys; fewer than the block's entries when some came twice.
    let count: Int

    private static let tagMask: UInt64 = 0xFFFF_FFFF_0000_0000

    /// Of two entries with one key the later one counts.
    init(_ block: EntryBlock) {
        self.block = block
        var capacity = 4
        while capacity < block.count * 2 { capacity *= 2 }
        mask = capacity - 1
        places = LargeMemory.allocate(byteCount: capacity * 8).bindMemory(to: UInt64.self, capacity: capacity)
        places.initialize(repeating: 0, count: capacity)
        var (distinct, offset) = (0, 0)
        while offset < block.byteCount {
            let record = EntryRecord(block.start + offset)
            let hash = ByteHash.process(record.key)
            let index = TableLayer.place(places, mask, block, hash, record.key)
            if places[index] == 0 { distinct += 1 }
            places[index] = hash & TableLayer.tagMask | UInt64(offset / 4 + 1)
            offset += record.size
        }
        count = distinct
    }

    deinit { places.deallocate() }

    var byteCount: Int { block.byteCount + (mask + 1) * 8 }

    /// Where this key is, or would be.
    @inline(__always)
    private static func place(
        _ places: UnsafeMutablePointer<UInt64>, _ mask: Int, _ block: EntryBlock, _ hash: UInt64, _ key: Bytes
    ) -> Int {
        var index = Int(truncatingIfNeeded: hash) & mask
        while places[index] != 0 {
            if (places[index] ^ hash) & tagMask == 0, record(places[index], block).key == key { break }
            index = (index &+ 1) & mask
        }
        return index
    }

    @inline(__always)
    private static func record(_ place: UInt64, _ block: EntryBlock) -> EntryRecord {
        EntryRecord(block.start + Int(place & ~tagMask &- 1) * 4)
    }

    @inline(__always)
    func find(_ hash: UInt64, _ key: Bytes) -> EntryRecord? {
        let found = places[TableLayer.place(places, mask, block, hash, key)]
        return found == 0 ? nil : TableLayer.record(found, block)
    }

    /// Whether `record`, which lies in the block, is the one that counts for its key.
    func isCurrent(_ record: EntryRecord, _ hash: UInt64) -> Bool {
        count == block.count || find(hash, record.key)?.start == record.start
    }
}
