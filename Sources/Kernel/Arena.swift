/// Memory for what one transaction makes. It only grows until `reset`, which keeps the first block, so that a
/// typical request allocates nothing. Not thread-safe: it belongs to one event loop.
package final class Arena {
    /// Bytes of the first block: a request's head, its VCL strings and its response head fit for nearly all.
    package static let firstBlock = 16 * 1024

    // Read and assigned whole, so that no two accesses can overlap: a check each time would cost a hit 2% of its time.
    @exclusivity(unchecked) @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @exclusivity(unchecked) @usableFromInline var used = 0
    @exclusivity(unchecked) @usableFromInline var capacity: Int
    private let first: UnsafeMutablePointer<UInt8>
    private let firstCapacity: Int
    private var further: [UnsafeMutablePointer<UInt8>] = []
    private var retired = 0

    package init(firstBlock: Int = Arena.firstBlock) {
        first = .allocate(capacity: firstBlock)
        firstCapacity = firstBlock
        base = first
        capacity = firstBlock
    }

    deinit {
        for block in further { block.deallocate() }
        first.deallocate()
    }

    /// Bytes handed out since the last reset, those lost at the end of blocks included.
    package var byteCount: Int { retired + used }

    /// Room for `count` bytes, valid until `reset`; the bytes are not initialised.
    @inlinable package func allocate(_ count: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(count >= 0, "a negative size")
        if used + count > capacity { grow(count) }
        let result = base + used
        used += count
        return result
    }

    @usableFromInline func grow(_ count: Int) {
        retired += used
        let size = max(count, capacity * 2)
        base = .allocate(capacity: size)
        further.append(base)
        capacity = size
        used = 0
    }

    /// Gives back the end of the latest allocation: of `reserved` bytes only `kept` are used.
    @inlinable package func shrink(reserved: Int, kept: Int) {
        used -= reserved - kept
    }

    @inlinable package func copy(_ bytes: Bytes) -> Bytes {
        guard let start = bytes.start else { return .notSet }
        let to = allocate(bytes.count)
        to.update(from: start, count: bytes.count)
        return Bytes(start: to, count: bytes.count)
    }

    package func copy(_ string: String) -> Bytes { string.withBytes { copy($0) } }

    package func copy(_ raw: UnsafeRawBufferPointer) -> Bytes { copy(Bytes(raw)) }

    /// Forgets everything. Every view into this arena is invalid from here on.
    package func reset() {
        for block in further { block.deallocate() }
        if !further.isEmpty { further.removeAll(keepingCapacity: true) }
        base = first
        capacity = firstCapacity
        used = 0
        retired = 0
    }
}

extension Arena {
    /// Two pieces as one; "not set" counts as empty.
    package func concatenate(_ left: Bytes, _ right: Bytes) -> Bytes {
        let to = allocate(left.count + right.count)
        if let start = left.start { to.update(from: start, count: left.count) }
        if let start = right.start { (to + left.count).update(from: start, count: right.count) }
        return Bytes(start: to, count: left.count + right.count)
    }

    /// One piece out of many; "not set" counts as empty.
    package func concatenate(_ parts: [Bytes]) -> Bytes {
        let total = parts.reduce(0) { $0 + $1.count }
        let to = allocate(total)
        var at = to
        for part in parts {
            guard let start = part.start else { continue }
            at.update(from: start, count: part.count)
            at += part.count
        }
        return Bytes(start: to, count: total)
    }
}
