import Kernel

/// Where an address is: buckets of entries that are chained through their records. Each step compares the whole hash, then the
/// key, so that two addresses with the same hash are two addresses.
struct EntryTable {
    /// A bucket for each entry at least and two at most, on average one and a half.
    static let bytesOfAnEntry = 6

    private var buckets: [UInt32] = []
    private(set) var count = 0

    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (buckets.count - 1) }

    /// The number of the entry with this key, or 0.
    func find(_ hash: UInt64, _ key: Bytes, in entries: borrowing Slab<Entry>) -> UInt32 {
        guard count > 0 else { return 0 }
        var number = buckets[bucket(hash)]
        while number != 0 {
            let entry = entries[number]
            if entry.pointee.hash == hash, entry.pointee.key == key { return number }
            number = entry.pointee.chain
        }
        return 0
    }

    mutating func add(_ number: UInt32, in entries: borrowing Slab<Entry>) {
        if count >= buckets.count { grow(entries) }
        count += 1
        link(number, entries)
    }

    mutating func remove(_ number: UInt32, in entries: borrowing Slab<Entry>) {
        let removed = entries[number]
        count -= 1
        let bucket = bucket(removed.pointee.hash)
        guard buckets[bucket] != number else { return buckets[bucket] = removed.pointee.chain }
        var previous = entries[buckets[bucket]]
        while previous.pointee.chain != number { previous = entries[previous.pointee.chain] }
        previous.pointee.chain = removed.pointee.chain
    }

    /// Each entry's number, in no order.
    func forEach(in entries: borrowing Slab<Entry>, _ body: (UInt32) -> Void) {
        for first in buckets {
            var number = first
            while number != 0 {
                let next = entries[number].pointee.chain
                body(number)
                number = next
            }
        }
    }

    private mutating func link(_ number: UInt32, _ entries: borrowing Slab<Entry>) {
        let entry = entries[number]
        let bucket = bucket(entry.pointee.hash)
        entry.pointee.chain = buckets[bucket]
        buckets[bucket] = number
    }

    private mutating func grow(_ entries: borrowing Slab<Entry>) {
        let old = buckets
        buckets = [UInt32](repeating: 0, count: max(16, old.count * 2))
        for first in old {
            var number = first
            while number != 0 {
                let next = entries[number].pointee.chain
                link(number, entries)
                number = next
            }
        }
    }
}
