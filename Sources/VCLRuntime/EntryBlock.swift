package import Kernel

/// Entries of a dictionary as one block of bytes, the same in memory, on an edge's disk and on the way to it. Each entry is the
/// length of its key and of its value (32 bits, little-endian, the first with a mark on top for an entry that takes one away),
/// the two texts, and zeros up to a multiple of four. Immutable.
package final class EntryBlock: Sendable {
    /// The most bytes that places of entries, counted in fours, can tell apart.
    static let mostBytes = Int(UInt32.max) * 4 - 16
    static let headBytes = 8
    static let goneMark: UInt32 = 1 << 31

    nonisolated(unsafe) let start: UnsafeMutableRawPointer
    package let byteCount: Int
    /// Entries, those of one key each counted.
    package let count: Int

    /// Takes the memory over.
    fileprivate init(owning start: UnsafeMutableRawPointer, byteCount: Int, count: Int) {
        (self.start, self.byteCount, self.count) = (start, byteCount, count)
    }

    deinit { start.deallocate() }

    package static let empty = EntryBlock(entries: [(key: String, value: String)]())

    package convenience init(entries: some Sequence<(key: String, value: String)>) {
        var builder = EntryBlockBuilder()
        for (key, value) in entries { builder.add(key, value) }
        self.init(taking: &builder)
    }

    fileprivate convenience init(taking builder: inout EntryBlockBuilder) {
        let (start, byteCount) = builder.release()
        self.init(owning: start, byteCount: byteCount, count: builder.count)
    }

    /// Takes over what came into `room`; nil when bytes are missing, or are no entries.
    package convenience init?(_ room: EntryBlockRoom) {
        guard let (start, byteCount, count) = room.release() else { return nil }
        self.init(owning: start, byteCount: byteCount, count: count)
    }

    /// What was written elsewhere; nil for bytes that are no entries.
    package convenience init?(copying bytes: UnsafeRawBufferPointer) {
        guard let count = EntryBlock.countEntries(bytes) else { return nil }
        let start = LargeMemory.allocate(byteCount: bytes.count)
        if let from = bytes.baseAddress { start.copyMemory(from: from, byteCount: bytes.count) }
        self.init(owning: start, byteCount: bytes.count, count: count)
    }

    /// Nil unless the bytes are whole entries, none of which takes one away.
    fileprivate static func countEntries(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count <= mostBytes else { return nil }
        var (offset, count) = (0, 0)
        while offset < bytes.count {
            guard bytes.count - offset >= headBytes else { return nil }
            let key = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
            let value = Int(
                UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)))
            let size = EntryRecord.size(key, value)
            guard size <= bytes.count - offset, key < Int(goneMark) else { return nil }
            offset += size
            count += 1
        }
        return count
    }

    package var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: byteCount) }

    /// Each entry's key and value, in the order in which they were added. The views live as long as the block.
    package func forEach(_ body: (_ key: Bytes, _ value: Bytes) throws -> Void) rethrows {
        try forEachRecord { try body($0.key, $0.value) }
    }

    func forEachRecord(_ body: (EntryRecord) throws -> Void) rethrows {
        var offset = 0
        while offset < byteCount {
            let record = EntryRecord(start + offset)
            try body(record)
            offset += record.size
        }
    }
}

extension EntryBlock: Equatable {
    /// The same entries in the same order.
    package static func == (one: EntryBlock, other: EntryBlock) -> Bool {
        one === other
            || one.byteCount == other.byteCount
                && Bytes(one.bytes) == Bytes(other.bytes)
    }
}

/// One entry in a block.
struct EntryRecord {
    let start: UnsafeRawPointer

    @inline(__always) init(_ start: UnsafeRawPointer) { self.start = start }

    @inline(__always)
    private func number(_ offset: Int) -> UInt32 {
        UInt32(littleEndian: start.load(fromByteOffset: offset, as: UInt32.self))
    }

    @inline(__always) private var keyCount: Int { Int(number(0) & ~EntryBlock.goneMark) }
    /// It says that there is no entry of its key.
    @inline(__always) var isGone: Bool { number(0) & EntryBlock.goneMark != 0 }

    @inline(__always) var key: Bytes {
        Bytes(
            start: (start + EntryBlock.headBytes).assumingMemoryBound(to: UInt8.self), count: keyCount)
    }

    @inline(__always) var value: Bytes {
        Bytes(
            start: (start + EntryBlock.headBytes + keyCount).assumingMemoryBound(to: UInt8.self),
            count: Int(number(4)))
    }

    @inline(__always) var size: Int { EntryRecord.size(keyCount, Int(number(4))) }

    @inline(__always)
    static func size(_ key: Int, _ value: Int) -> Int { (EntryBlock.headBytes + key + value + 3) & ~3 }
}

/// Puts a block together, entry by entry.
package struct EntryBlockBuilder: ~Copyable {
    private var start: UnsafeMutableRawPointer
    private var capacity: Int
    private var end = 0
    package private(set) var count = 0

    /// `capacity`: bytes that are foreseen.
    package init(capacity: Int = 256) {
        self.capacity = max(capacity, 64)
        start = LargeMemory.allocate(byteCount: self.capacity)
    }

    deinit { start.deallocate() }

    package mutating func add(_ key: String, _ value: String) {
        key.withBytes { key in value.withBytes { add(key, $0) } }
    }

    package mutating func add(_ key: Bytes, _ value: Bytes) { add(key, value, gone: false) }

    mutating func add(_ key: Bytes, _ value: Bytes, gone: Bool) {
        let size = EntryRecord.size(key.count, value.count)
        precondition(key.count < Int(EntryBlock.goneMark) && end + size <= EntryBlock.mostBytes)
        if end + size > capacity { grow(to: end + size) }
        let place = start + end
        (place + size - 4).storeBytes(of: 0, as: UInt32.self)
        let mark = gone ? EntryBlock.goneMark : 0
        place.storeBytes(of: (UInt32(key.count) | mark).littleEndian, as: UInt32.self)
        (place + 4).storeBytes(of: UInt32(value.count).littleEndian, as: UInt32.self)
        if let from = key.start { (place + 8).copyMemory(from: from, byteCount: key.count) }
        if let from = value.start { (place + 8 + key.count).copyMemory(from: from, byteCount: value.count) }
        end += size
        count += 1
    }

    private mutating func grow(to least: Int) {
        // By half, as a block may have many megabytes.
        let larger = max(least, capacity + capacity / 2)
        start = EntryBlockBuilder.moved(start, end, to: larger)
        capacity = larger
    }

    /// The block; nothing may be added behind it.
    package consuming func finished() -> EntryBlock { EntryBlock(taking: &self) }

    fileprivate mutating func release() -> (UnsafeMutableRawPointer, Int) {
        let made = (
            start: capacity - end > capacity / 8 ? EntryBlockBuilder.moved(start, end, to: end) : start, end
        )
        start = .allocate(byteCount: 8, alignment: 8)
        return made
    }

    private static func moved(_ old: UnsafeMutableRawPointer, _ count: Int, to capacity: Int)
        -> UnsafeMutableRawPointer
    {
        let new = LargeMemory.allocate(byteCount: capacity)
        new.copyMemory(from: old, byteCount: count)
        old.deallocate()
        return new
    }
}

/// Room for a block that comes in pieces. Used by one reader.
package final class EntryBlockRoom: @unchecked Sendable {
    private let start: UnsafeMutableRawPointer
    private let byteCount: Int
    private var end = 0
    private var isTaken = false

    package init(byteCount: Int) {
        self.byteCount = byteCount
        start = LargeMemory.allocate(byteCount: byteCount)
    }

    deinit { if !isTaken { start.deallocate() } }

    /// False when there is no room for so many.
    package func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= byteCount - end else { return false }
        if let from = bytes.baseAddress { (start + end).copyMemory(from: from, byteCount: bytes.count) }
        end += bytes.count
        return true
    }

    /// What is in it, once; nil when bytes are missing, or are no entries.
    fileprivate func release() -> (start: UnsafeMutableRawPointer, byteCount: Int, count: Int)? {
        guard end == byteCount, !isTaken,
            let count = EntryBlock.countEntries(UnsafeRawBufferPointer(start: start, count: byteCount))
        else { return nil }
        isTaken = true
        return (start, byteCount, count)
    }
}
