package import Kernel
package import VCL

/// An immutable map from strings: a `table` of the program or a dictionary of the campaign. Open addressing over one block
/// of bytes, so that ten thousand entries are two allocations and a look-up makes none. Values of another type than STRING
/// were read when the program was compiled and lie in a list of their own.
package final class Table: Sendable {
    /// The values of a table in the order of its entries.
    package enum Values: Sendable {
        /// BOOL (0 or 1), INTEGER, RTIME (nanoseconds), ACL and BACKEND (places in the program's lists).
        case numbers([Int64], ValueType)
        case floats([Double])
        case addresses([IPAddress])
        case patterns([Regex])
    }

    private struct Slot {
        var hash: UInt64 = 0
        var key = Bytes.notSet
        var value = Bytes.notSet
        var index: Int32 = -1
    }

    package let name: String
    package let count: Int
    /// Nil for a table of STRING.
    let values: Values?
    nonisolated(unsafe) private let slots: UnsafeMutablePointer<Slot>
    nonisolated(unsafe) private let block: UnsafeMutablePointer<UInt8>
    private let mask: Int

    /// Of two entries with one key the later one counts.
    package convenience init(name: String, entries: some Collection<(key: String, value: String)>) {
        self.init(name: name, entries: entries, values: nil)
    }

    /// A table of another type than STRING; `values` has one for each key.
    package convenience init(name: String, keys: [String], values: Values) {
        self.init(name: name, entries: keys.map { (key: $0, value: "") }, values: values)
    }

    private init(name: String, entries: some Collection<(key: String, value: String)>, values: Values?) {
        self.name = name
        self.values = values
        var capacity = 4
        while capacity < entries.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(), count: capacity)
        block = .allocate(
            capacity: max(1, entries.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }))
        var end = block
        var distinct = 0
        for (order, (key, value)) in entries.enumerated() {
            let stored = Table.store(key, at: &end)
            let hash = ByteHash.process(stored)
            let index = Table.place(slots, mask, hash, stored)
            if !slots[index].key.isSet { distinct += 1 }
            slots[index] = Slot(
                hash: hash, key: stored, value: Table.store(value, at: &end), index: Int32(order))
        }
        count = distinct
    }

    private static func store(_ text: String, at end: inout UnsafeMutablePointer<UInt8>) -> Bytes {
        let stored = text.withBytes { bytes in
            if let start = bytes.start { end.update(from: start, count: bytes.count) }
            return Bytes(start: end, count: bytes.count)
        }
        end += stored.count
        return stored
    }

    deinit {
        slots.deallocate()
        block.deallocate()
    }

    package var type: ValueType {
        switch values {
        case nil: .string
        case .numbers(_, let type): type
        case .floats: .float
        case .addresses: .ip
        case .patterns: .regex
        }
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

    /// A table of STRING with more entries, which win over those of the same key.
    package func adding(_ more: [(key: String, value: String)]) -> Table {
        Table(name: name, entries: entries + more)
    }

    private func slot(_ key: Bytes) -> Int { Table.place(slots, mask, ByteHash.process(key), key) }

    /// The value of exactly this key, or "not set". Valid as long as the table is.
    package func lookup(_ key: Bytes) -> Bytes { key.isSet ? slots[slot(key)].value : .notSet }

    package func contains(_ key: Bytes) -> Bool { key.isSet && slots[slot(key)].key.isSet }

    private func index(of key: Bytes) -> Int? {
        guard key.isSet else { return nil }
        let found = Int(slots[slot(key)].index)
        return found >= 0 ? found : nil
    }

    func number(_ key: Bytes) -> Int64? {
        guard case .numbers(let all, _)? = values, let index = index(of: key) else { return nil }
        return all[index]
    }

    func float(_ key: Bytes) -> Double? {
        guard case .floats(let all)? = values, let index = index(of: key) else { return nil }
        return all[index]
    }

    func address(_ key: Bytes) -> IPAddress? {
        guard case .addresses(let all)? = values, let index = index(of: key) else { return nil }
        return all[index]
    }

    func pattern(_ key: Bytes) -> Regex? {
        guard case .patterns(let all)? = values, let index = index(of: key) else { return nil }
        return all[index]
    }
}
