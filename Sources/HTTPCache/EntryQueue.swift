/// First in, first out, linked through the entries' own records, so that whatever leaves the cache leaves its queue too and
/// nothing that is gone is waited for.
struct EntryQueue {
    private(set) var first: UInt32 = 0
    private var last: UInt32 = 0
    private(set) var count = 0
    /// What is counted for its entries.
    var bytes = 0

    mutating func append(_ number: UInt32, in entries: borrowing Slab<Entry>) {
        let entry = entries[number]
        (entry.pointee.before, entry.pointee.after) = (last, 0)
        if last == 0 { first = number } else { entries[last].pointee.after = number }
        last = number
        count += 1
        bytes += Int(entry.pointee.accounted)
    }

    mutating func remove(_ number: UInt32, in entries: borrowing Slab<Entry>) {
        let entry = entries[number]
        let (before, after) = (entry.pointee.before, entry.pointee.after)
        if before == 0 { first = after } else { entries[before].pointee.after = after }
        if after == 0 { last = before } else { entries[after].pointee.before = before }
        count -= 1
        bytes -= Int(entry.pointee.accounted)
    }
}
