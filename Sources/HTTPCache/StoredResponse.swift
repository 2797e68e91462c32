import Atomics
package import HTTP1
package import Kernel

/// The body of a stored response. The engine knows its size alone; the edge keeps its own buffers in a subclass, so that a
/// hit shares them and copies nothing.
open class StoredBody: @unchecked Sendable {
    public init() {}
    /// Bytes that it holds now; it may still grow while it is fetched.
    open var byteCount: Int { 0 }
}

/// A response in the cache. Its head never changes; what does (the moment at which it stops being fresh, its use) are
/// atomics, so that any loop may read it without a lock.
package final class StoredResponse: @unchecked Sendable {
    package let status: Int
    package let reason: Bytes
    /// Views into `block`.
    package let headers: HeaderList
    package let body: StoredBody
    /// Request header names that chose this response, with the values that they had.
    package let vary: [(name: HeaderName, value: Bytes)]
    /// Hashes of its surrogate keys.
    let surrogateKeys: [UInt64]
    /// Nanoseconds since 1970 at which it arrived, less the age that it had then: `now - born` is its age.
    package let born: Int64
    package let grace: Int64
    package let staleWhileRevalidate: Int64
    package let staleIfError: Int64
    /// A marker that says: do not collapse, this address is not cacheable for now.
    package let isHitForPass: Bool
    /// Whether the origin can say that it is still good (RFC 9111, section 4.3.1), so that it is kept when it is stale.
    package let hasValidator: Bool
    /// Stale from the beginning: nobody gets it before the origin was asked, so that nobody need wait for another who asks.
    package let isBornStale: Bool
    /// The memory that it takes besides its body.
    let overhead: Int

    private let block: UnsafeMutablePointer<UInt8>
    private let freshUntilNanoseconds: ManagedAtomic<Int64>
    private let hitCount = ManagedAtomic<Int64>(0)
    /// Raised by a hit, lowered by the hand that looks for something to evict.
    let useCount = ManagedAtomic<UInt8>(0)
    private let refreshing = ManagedAtomic<Bool>(false)

    package struct Times: Sendable {
        package var born: Int64
        package var ttl: Int64
        package var grace: Int64
        package var staleWhileRevalidate: Int64
        package var staleIfError: Int64
        package var now: Int64

        package init(
            born: Int64, now: Int64, ttl: Int64, grace: Int64, staleWhileRevalidate: Int64,
            staleIfError: Int64
        ) {
            self.born = born
            self.now = now
            self.ttl = ttl
            self.grace = grace
            self.staleWhileRevalidate = staleWhileRevalidate
            self.staleIfError = staleIfError
        }
    }

    /// Copies the head into memory of its own. Names in `vary` are looked up in `request`.
    package init(
        head: ResponseHead, body: StoredBody, times: Times, request: HeaderList,
        surrogateKeys: Bytes = .notSet, isHitForPass: Bool = false
    ) {
        let names = StoredResponse.varyNames(head.headers)
        let values = names.map { name in request[name] }
        let size =
            head.reason.count + head.headers.fields.reduce(0) { $0 + $1.name.count + $1.value.count }
            + names.reduce(0) { $0 + $1.bytes.count } + values.reduce(0) { $0 + $1.count }
        block = .allocate(capacity: max(1, size))
        var end = block
        func store(_ bytes: Bytes) -> Bytes {
            guard let start = bytes.start else { return .notSet }
            end.update(from: start, count: bytes.count)
            defer { end += bytes.count }
            return Bytes(start: end, count: bytes.count)
        }
        status = head.status
        reason = store(head.reason)
        var list = HeaderList(capacity: head.headers.count)
        for field in head.headers.fields {
            list.append(HeaderField(name: store(field.name), value: store(field.value)))
        }
        headers = list
        vary = zip(names, values).map { (HeaderName(store($0.bytes)), store($1)) }
        self.body = body
        var keys: [UInt64] = []
        surrogateKeys.forEachPart(separator: 0x20) { keys.append(ByteHash.process($0)) }
        self.surrogateKeys = keys
        born = times.born
        grace = times.grace
        staleWhileRevalidate = times.staleWhileRevalidate
        staleIfError = times.staleIfError
        hasValidator = !isHitForPass && Freshness.hasValidator(list)
        isBornStale = times.ttl <= 0 && max(times.grace, times.staleWhileRevalidate) <= 0
        self.isHitForPass = isHitForPass
        freshUntilNanoseconds = ManagedAtomic(
            times.now.addingReportingOverflow(times.ttl).overflow ? .max : times.now + times.ttl)
        overhead = size + list.count * MemoryLayout<HeaderField>.stride + keys.count * 8 + 320
    }

    deinit { block.deallocate() }

    /// The names of Vary, each once; `*` is the caller's to refuse.
    package static func varyNames(_ headers: HeaderList) -> [HeaderName] {
        var names: [HeaderName] = []
        for field in headers.fields
        where field.hash == HeaderName.vary.hash && field.name.equalsIgnoringCase("Vary") {
            field.value.forEachPart(separator: UInt8(ascii: ",")) { part in
                if !names.contains(where: { $0.bytes.equalsIgnoringCase(part) }) {
                    names.append(HeaderName(part))
                }
            }
        }
        return names
    }

    package var byteCount: Int { overhead + body.byteCount }
    package var freshUntil: Int64 { freshUntilNanoseconds.load(ordering: .relaxed) }
    package var hits: Int64 { hitCount.load(ordering: .relaxed) }

    package func countHit() {
        hitCount.wrappingIncrement(ordering: .relaxed)
        let use = useCount.load(ordering: .relaxed)
        if use < 3 { useCount.store(use + 1, ordering: .relaxed) }
    }

    /// Stale from `now` on, though still there for `stale-*`.
    package func expire(now: Int64) {
        if freshUntil > now { freshUntilNanoseconds.store(now, ordering: .relaxed) }
    }

    /// True for the one caller that shall revalidate; `endRefresh` lets the next one try.
    package func beginRefresh() -> Bool { !refreshing.exchange(true, ordering: .acquiring) }
    package func endRefresh() { refreshing.store(false, ordering: .releasing) }

    /// The last moment at which this can be of any use.
    package var usableUntil: Int64 {
        let asking = hasValidator ? CacheLimits.validatorNanoseconds : 0
        let longest = max(grace, staleWhileRevalidate, staleIfError, asking)
        let (sum, over) = freshUntil.addingReportingOverflow(longest)
        return over ? .max : sum
    }

    /// Whether a request with these headers may have it (RFC 9111, section 4.1).
    package func answers(_ request: HeaderList) -> Bool {
        for (name, value) in vary {
            guard VaryMatching.matches(name, request[name], value, headers) else { return false }
        }
        return true
    }
}
