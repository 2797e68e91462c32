/// Records of one kind, found by a number of 32 bits where a pointer would take 64, and without the allocator's word before
/// each. Memory is taken in chunks, so that growing copies nothing and doubles nothing; a record's address stays the same as
/// long as it is there. A number that was given back is given out again.
struct Slab<Record> {
    private static var chunk: Int { 64 }

    private var chunks: [UnsafeMutablePointer<Record>] = []
    private var free: [UInt32] = []
    /// How many numbers were ever given out; the first place of the first chunk stays empty, as its number means none.
    private var used = 1

    subscript(number: UInt32) -> UnsafeMutablePointer<Record> {
        chunks[Int(number) / Slab.chunk] + Int(number) % Slab.chunk
    }

    mutating func add(_ record: Record) -> UInt32 {
        let number: UInt32
        if let again = free.popLast() {
            number = again
        } else {
            number = UInt32(used)
            if used / Slab.chunk >= chunks.count { chunks.append(.allocate(capacity: Slab.chunk)) }
            used += 1
        }
        self[number].initialize(to: record)
        return number
    }

    mutating func remove(_ number: UInt32) -> Record {
        free.append(number)
        return self[number].move()
    }

    /// Gives the memory back. Records that own something must have been removed before.
    mutating func discard() {
        for chunk in chunks { chunk.deallocate() }
        (chunks, free, used) = ([], [], 1)
    }
}
