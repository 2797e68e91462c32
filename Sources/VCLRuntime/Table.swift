package import Kernel
package import VCL

// A table of a million entries must take a change of one in less time than it takes to build it, which is a few tenths of a second.
// So a table is a base and, when it is large and was changed, up to two small layers above it, the newest first: what was changed
// of late, made anew with each change, and what was changed before that, made anew when the first has grown. When that one has
// grown too, all of it becomes a new base. Tables of some thousand entries are always made anew, and cost a look-up nothing.

/// An immutable map from strings: a `table` of the program or a dictionary of the campaign. A look-up makes no allocation. Values
/// of another type than STRING were read when the program was compiled and lie in a list of their own.
package final class Table: Sendable {
    /// The values of a table in the order of its entries.
    package enum Values: Sendable {
        /// BOOL (0 or 1), INTEGER, RTIME (nanoseconds), ACL and BACKEND (places in the program's lists).
        case numbers([Int64], ValueType)
        case floats([Double])
        case addresses([IPAddress])
        case patterns([Regex])
    }

    package let name: String
    package let count: Int
    /// Nil for a table of STRING.
    let values: Values?
    private let base: TableLayer
    private let middle: TableLayer?
    private let recent: TableLayer?

    /// Of two entries with one key the later one counts.
    package convenience init(name: String, entries: some Sequence<(key: String, value: String)>) {
        self.init(name: name, EntryBlock(entries: entries))
    }

    /// Of STRING.
    package convenience init(name: String, _ block: EntryBlock) {
        self.init(name: name, base: TableLayer(block))
    }

    /// A table of another type than STRING; `values` has one for each key.
    package convenience init(name: String, keys: [String], values: Values) {
        var builder = EntryBlockBuilder()
        for (index, key) in keys.enumerated() {
            let number = UInt32(index).littleEndian
            withUnsafeBytes(of: number) { number in key.withBytes { builder.add($0, Bytes(number)) } }
        }
        self.init(name: name, base: TableLayer(builder.finished()), values: values)
    }

    private init(
        name: String, base: TableLayer, middle: TableLayer? = nil, recent: TableLayer? = nil,
        count: Int? = nil,
        values: Values? = nil
    ) {
        self.name = name
        self.base = base
        self.middle = middle
        self.recent = recent
        self.count = count ?? base.count
        self.values = values
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

    // MARK: looking up

    @inline(__always)
    private func record(_ key: Bytes) -> EntryRecord? {
        let hash = ByteHash.process(key)
        guard recent != nil || middle != nil else { return base.find(hash, key) }
        return layered(hash, key)
    }

    private func layered(_ hash: UInt64, _ key: Bytes) -> EntryRecord? {
        if let found = recent?.find(hash, key) ?? middle?.find(hash, key) {
            return found.isGone ? nil : found
        }
        return base.find(hash, key)
    }

    /// The value of exactly this key, or "not set". Valid as long as the table is.
    package func lookup(_ key: Bytes) -> Bytes { key.isSet ? record(key)?.value ?? .notSet : .notSet }

    package func contains(_ key: Bytes) -> Bool { key.isSet && record(key) != nil }

    private func index(of key: Bytes) -> Int? {
        guard key.isSet, let value = record(key)?.value.start else { return nil }
        return Int(UInt32(littleEndian: UnsafeRawPointer(value).loadUnaligned(as: UInt32.self)))
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

    // MARK: all of it

    /// Each entry, in no order. The values of a table of another type than STRING are not texts.
    package func forEach(_ body: (_ key: Bytes, _ value: Bytes) throws -> Void) rethrows {
        let layers = [recent, middle, base].compactMap(\.self)
        for (depth, layer) in layers.enumerated() {
            try layer.block.forEachRecord { record in
                guard !record.isGone else { return }
                if depth > 0 || layer.count != layer.block.count {
                    let hash = ByteHash.process(record.key)
                    guard layer.isCurrent(record, hash),
                        !layers[..<depth].contains(where: { $0.find(hash, record.key) != nil })
                    else { return }
                }
                try body(record.key, record.value)
            }
        }
    }

    package var entries: [(key: String, value: String)] {
        var all: [(key: String, value: String)] = []
        all.reserveCapacity(count)
        forEach { all.append(($0.string, values == nil ? $1.string : "")) }
        return all
    }

    /// All entries as one block.
    package var block: EntryBlock {
        if recent == nil, middle == nil, base.count == base.block.count { return base.block }
        var builder = EntryBlockBuilder(capacity: base.block.byteCount)
        forEach { builder.add($0, $1) }
        return builder.finished()
    }

    /// Whether these are its entries, in whatever order.
    package func holds(_ other: EntryBlock) -> Bool {
        guard other.count == count else { return false }
        if block === other { return true }
        var isSame = true
        other.forEachRecord { record in
            guard isSame else { return }
            let found = lookup(record.key)
            isSame = found.isSet && found == record.value
        }
        return isSame
    }

    /// The memory that entries and their places take.
    package var byteCount: Int {
        [base, middle, recent].compactMap(\.self).reduce(0) { $0 + $1.byteCount }
    }

    // MARK: changing

    /// A table of STRING with more entries, which win over those of the same key.
    package func adding(_ more: [(key: String, value: String)]) -> Table {
        setting(more.map { (key: $0.key, value: $0.value) }, removing: [])
    }

    /// A table of STRING with these entries in place of those of the same keys, and without others.
    package func setting(_ set: some Sequence<(key: String, value: String)>, removing unset: [String])
        -> Table
    {
        guard values == nil else { return Table(name: name, entries: entries + Array(set)) }
        var builder = EntryBlockBuilder()
        for key in unset { key.withBytes { builder.add($0, .empty, gone: true) } }
        for (key, value) in set { builder.add(key, value) }
        let change = TableLayer(builder.finished())
        var count = count
        change.block.forEachRecord { record in
            let hash = ByteHash.process(record.key)
            guard change.isCurrent(record, hash), (layered(hash, record.key) == nil) != record.isGone else {
                return
            }
            count += record.isGone ? -1 : 1
        }
        if base.block.count <= TableLimits.madeAnew || change.count > base.block.count / 8 {
            return made(of: [change, recent, middle, base])
        }
        let recent = Table.merged([change, recent])
        if recent.count <= TableLimits.recent {
            return Table(name: name, base: base, middle: middle, recent: recent, count: count)
        }
        let middle = Table.merged([recent, middle])
        if middle.count <= max(TableLimits.middle, base.block.count / 16) {
            return Table(name: name, base: base, middle: middle, count: count)
        }
        return made(of: [middle, base])
    }

    private func made(of layers: [TableLayer?]) -> Table {
        Table(name: name, base: Table.merged(layers, keepingMarks: false))
    }

    /// One layer of several, the newest first. Marks of entries that are gone stay while something may lie below.
    private static func merged(_ all: [TableLayer?], keepingMarks: Bool = true) -> TableLayer {
        let layers = all.compactMap(\.self)
        guard layers.count > 1 || !keepingMarks else { return layers[0] }
        var builder = EntryBlockBuilder(capacity: layers.reduce(0) { $0 + $1.block.byteCount })
        for (depth, layer) in layers.enumerated() {
            layer.block.forEachRecord { record in
                guard keepingMarks || !record.isGone else { return }
                let hash = ByteHash.process(record.key)
                guard layer.isCurrent(record, hash),
                    !layers[..<depth].contains(where: { $0.find(hash, record.key) != nil })
                else { return }
                builder.add(record.key, record.value, gone: record.isGone)
            }
        }
        return TableLayer(builder.finished())
    }
}

/// Bounds of the layers of large tables.
enum TableLimits {
    /// Entries of a table that is made anew with each change: a thousand take 0.1 ms.
    static let madeAnew = 4096
    /// Entries of the layer that is made anew with each change of a large table.
    static let recent = 256
    /// Entries at least of the layer below; making it takes a few milliseconds. Of a large table it is one in sixteen.
    static let middle = 16_384
}
