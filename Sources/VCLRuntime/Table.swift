package import Kernel

/// An immutable map of strings: a `table` of the program or a dictionary of the campaign. Open addressing over one block
/// of bytes, so that ten thousand entries are two allocations and a look-up makes none.
package final class Table: Sendable {
    private struct Slot {
        var hash: UInt64 = 0
        var key = Bytes.notSet
        var value = Bytes.notSet
    }

    package let name: String
    package let count: Int
    nonisolated(unsafe) private let slots: UnsafeMutablePointer<Slot>
    nonisolated(unsafe) private let block: UnsafeMutablePointer<UInt8>
    private let mask: Int

    /// Of two entries with one key the later one counts.
    package init(name: String, entries: some Collection<(key: String, value: String)>) {
        self.name = name
        var capacity = 4
        while capacity < entries.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        block = .allocate(
            capacity: max(1, entries.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }))
        var end = block
        var distinct = 0
        for (key, value) in entries {
            func store(_ text: String) -> Bytes {
                text.withBytes { bytes in
                    if let start = bytes.start { end.update(from: start, count: bytes.count) }
                    defer { end += bytes.count }
                    return Bytes(start: end, count: bytes.count)
                }
            }
            let stored = store(key)
            let hash = ByteHash.process(stored)
            let index = Table.place(slots, mask, hash, stored)
            if !slots[index].key.isSet { distinct += 1 }
            slots[index] = Slot(hash: hash, key: stored, value: store(value))
        }
        count = distinct
    }

    deinit {
        slots.deallocate()
        block.deallocate()
    }

    private static func place(_ slots: UnsafeMutablePointer<Slot>, _ mask: Int, _ hash: UInt64, _ key: Bytes)
        -> Int
    {
        var index = Int(truncatingIfNeeded: hash) & mask
        while slots[index].key.isSet, slots[index].hash != hash || !(slots[index].key == key) {
            index = (index + 1) & mask
        }
        return index
    }

    package var entries: [(key: String, value: String)] {
        (0...mask).compactMap { slots[$0].key.isSet ? (slots[$0].key.string, slots[$0].value.string) : nil }
    }

    /// The same with more entries, which win over those of the same key.
    package func adding(_ more: [(key: String, value: String)]) -> Table {
        Table(name: name, entries: entries + more)
    }

    /// The value of exactly this key, or "not set". Valid as long as the table is.
    package func lookup(_ key: Bytes) -> Bytes {
        guard key.isSet else { return .notSet }
        return slots[Table.place(slots, mask, ByteHash.process(key), key)].value
    }
}
