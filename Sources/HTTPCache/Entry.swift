import Kernel

/// An address in the cache, as a record of 48 bytes. Numbers are those of its shard's slabs; 0 is none.
struct Entry {
    let hash: UInt64
    /// The latest response. What other variants there are is kept aside, as most addresses have one.
    var response: StoredResponse
    private let keyStart: UnsafeMutablePointer<UInt8>
    /// The key's length and two flags above it.
    private var lengthAndFlags: UInt32
    /// What is counted for it.
    var accounted: UInt32 = 0
    /// The next entry of the same bucket.
    var chain: UInt32 = 0
    /// Neighbours in the queue, towards its head and its tail.
    var before: UInt32 = 0
    var after: UInt32 = 0
    /// The first of its surrogate keys in the index.
    var firstTag: UInt32 = 0

    init(hash: UInt64, key: Bytes, response: StoredResponse) {
        self.hash = hash
        self.response = response
        keyStart = .allocate(capacity: max(1, key.count))
        lengthAndFlags = UInt32(key.count)
        if let start = key.start { keyStart.update(from: start, count: key.count) }
    }

    private static let mainFlag: UInt32 = 1 << 31
    private static let variantsFlag: UInt32 = 1 << 30

    private var keyCount: Int { Int(lengthAndFlags & (Entry.variantsFlag - 1)) }
    var key: Bytes { Bytes(start: keyStart, count: keyCount) }
    func freeKey() { keyStart.deallocate() }

    /// Whether it is in the main queue, else in the small one.
    var isInMain: Bool {
        get { lengthAndFlags & Entry.mainFlag != 0 }
        set { lengthAndFlags = newValue ? lengthAndFlags | Entry.mainFlag : lengthAndFlags & ~Entry.mainFlag }
    }
    var hasVariants: Bool {
        get { lengthAndFlags & Entry.variantsFlag != 0 }
        set {
            lengthAndFlags =
                newValue ? lengthAndFlags | Entry.variantsFlag : lengthAndFlags & ~Entry.variantsFlag
        }
    }

    /// What it takes besides its responses and its surrogate keys: its record, its key, its places in the table.
    var overhead: Int {
        MemoryLayout<Entry>.stride + HeapBlock.bytes(keyCount) + EntryTable.bytesOfAnEntry
    }
}
