import Kernel

/// Which entries carry a surrogate key. Each key of each entry is a tag of 20 bytes, linked with the others of its bucket in both
/// directions and with the others of its entry: an entry that leaves takes its tags with it in a few steps, however many share
/// its keys, and a purge reads what it removes and little else. It grows with the entries, who count it as theirs.
/// Half of the key's hash stands in the tag; the responses' own text decides in the end.
struct SurrogateIndex {
    struct Tag {
        let hash: UInt32
        let entry: UInt32
        var next: UInt32 = 0
        var before: UInt32 = 0
        let nextOfEntry: UInt32
    }

    /// A tag, and a bucket for each two tags at least and for each at most.
    static let bytesOfATag = MemoryLayout<Tag>.stride + 3

    private var tags = Slab<Tag>()
    private var buckets: [UInt32] = []
    private(set) var count = 0

    private static func half(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 16) }
    private func bucket(_ half: UInt32) -> Int { Int(half) & (buckets.count - 1) }

    /// The entries that may carry this key, each once.
    func candidates(_ hash: UInt64) -> [UInt32] {
        guard count > 0 else { return [] }
        let half = SurrogateIndex.half(hash)
        var found: [UInt32] = []
        var number = buckets[bucket(half)]
        while number != 0 {
            let tag = tags[number]
            if tag.pointee.hash == half { found.append(tag.pointee.entry) }
            number = tag.pointee.next
        }
        return found
    }

    /// Adds a tag unless the entry, whose tags begin with `first`, has it. Returns where they begin then.
    mutating func add(_ hash: UInt64, of entry: UInt32, first: UInt32) -> UInt32 {
        let half = SurrogateIndex.half(hash)
        var known = first
        while known != 0 {
            if tags[known].pointee.hash == half { return first }
            known = tags[known].pointee.nextOfEntry
        }
        if count >= buckets.count * 2 { grow() }
        count += 1
        let number = tags.add(Tag(hash: half, entry: entry, nextOfEntry: first))
        link(number)
        return number
    }

    /// Removes the tags that begin with `first`.
    mutating func removeAll(from first: UInt32) {
        var number = first
        while number != 0 {
            let tag = tags[number].pointee
            if tag.next != 0 { tags[tag.next].pointee.before = tag.before }
            if tag.before != 0 {
                tags[tag.before].pointee.next = tag.next
            } else {
                buckets[bucket(tag.hash)] = tag.next
            }
            _ = tags.remove(number)
            count -= 1
            number = tag.nextOfEntry
        }
    }

    /// How many tags begin with `first`.
    func count(from first: UInt32) -> Int {
        var (number, found) = (first, 0)
        while number != 0 {
            found += 1
            number = tags[number].pointee.nextOfEntry
        }
        return found
    }

    mutating func discard() {
        tags.discard()
        (buckets, count) = ([], 0)
    }

    private mutating func link(_ number: UInt32) {
        let tag = tags[number]
        let bucket = bucket(tag.pointee.hash)
        let next = buckets[bucket]
        (tag.pointee.next, tag.pointee.before) = (next, 0)
        if next != 0 { tags[next].pointee.before = number }
        buckets[bucket] = number
    }

    private mutating func grow() {
        let old = buckets
        buckets = [UInt32](repeating: 0, count: max(16, old.count * 2))
        for first in old {
            var number = first
            while number != 0 {
                let next = tags[number].pointee.next
                link(number)
                number = next
            }
        }
    }
}
