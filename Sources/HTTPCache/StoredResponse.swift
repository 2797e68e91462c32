import Atomics
package import HTTP1
package import Kernel

/// A response in the cache. Its head never changes; what does (the moment at which it stops being fresh, its use) are
/// atomics, so that any loop may read it without a lock.
///
/// It is one piece of memory: the fixed part below, and behind it the encoded head. Copies of this value are the same response.
package struct StoredResponse: Sendable {
    /// What has the same size in each.
    struct Fixed {
        let body: StoredBody
        let born: Int64
        var freshUntil: UnsafeAtomic<Int64>.Storage
        var hits = UnsafeAtomic<UInt32>.Storage(0)
        /// Bytes of the encoded head.
        let size: UInt32
        let varyCount: UInt16
        let status: UInt16
        let isHitForPass: Bool
        let hasValidator: Bool
        let isBornStale: Bool
        /// Raised by a hit, lowered by the hand that looks for something to evict.
        var use = UnsafeAtomic<UInt8>.Storage(0)
        var isRefreshing = UnsafeAtomic<Bool>.Storage(false)
    }

    /// Nothing but the atomics changes in it once it is made.
    nonisolated(unsafe) let memory: ManagedBuffer<Fixed, UInt8>

    var encoded: UnsafePointer<UInt8> { memory.withUnsafeMutablePointerToElements { UnsafePointer($0) } }
    var varyCount: Int { Int(memory.header.varyCount) }

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
        let over = times.now.addingReportingOverflow(times.ttl)
        let most = StoredResponse.mostBytes(head, names, request, surrogateKeys)
        memory = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: most) { room in
            var encoder = HeadEncoder(room)
            StoredResponse.encode(head, names, request, times, surrogateKeys, &encoder)
            let size = encoder.count
            let memory = ManagedBuffer<Fixed, UInt8>.create(minimumCapacity: size) { _ in
                Fixed(
                    body: body, born: times.born,
                    freshUntil: .init(over.overflow ? .max : over.partialValue), size: UInt32(size),
                    varyCount: UInt16(names.count), status: UInt16(truncatingIfNeeded: head.status),
                    isHitForPass: isHitForPass,
                    hasValidator: !isHitForPass && Freshness.hasValidator(head.headers),
                    isBornStale: times.ttl <= 0 && max(times.grace, times.staleWhileRevalidate) <= 0)
            }
            memory.withUnsafeMutablePointerToElements { $0.update(from: room.baseAddress!, count: size) }
            return memory
        }
    }

    /// Room enough for the encoded head: its bytes, and ten for each number, which no number exceeds.
    private static func mostBytes(
        _ head: ResponseHead, _ names: [HeaderName], _ request: HeaderList, _ surrogateKeys: Bytes
    ) -> Int {
        let number = HeadEncoder.longestNumber
        let fields = head.headers.fields.reduce(0) { $0 + $1.name.count + $1.value.count + 2 * number }
        let vary = names.reduce(0) { $0 + $1.bytes.count + request[$1].count + 2 * number }
        return fields + vary + head.reason.count + surrogateKeys.count + 7 * number
    }

    private static func encode(
        _ head: ResponseHead, _ names: [HeaderName], _ request: HeaderList, _ times: Times,
        _ surrogateKeys: Bytes, _ encoder: inout HeadEncoder
    ) {
        for name in names {
            encoder.put(name: name.bytes, hash: name.hash)
            encoder.put(value: request[name])
        }
        encoder.put(signed: times.grace)
        encoder.put(signed: times.staleWhileRevalidate)
        encoder.put(signed: times.staleIfError)
        encoder.put(value: head.reason)
        encoder.put(number: UInt64(head.headers.count))
        for field in head.headers.fields {
            encoder.put(name: field.name, hash: field.hash)
            encoder.put(value: field.value)
        }
        // Mostly they are a header's value and stand there already.
        let stored = head.headers[.surrogateKey]
        let same = stored.isSet == surrogateKeys.isSet && stored == surrogateKeys
        encoder.put(number: same ? 1 : 0)
        if !same { encoder.put(value: surrogateKeys) }
    }

    /// The names of Vary, each once and as many as can be counted; `*` is the caller's to refuse.
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

    // MARK: what never changes

    package var status: Int { Int(memory.header.status) }
    package var body: StoredBody { memory.header.body }
    /// Nanoseconds since 1970 at which it arrived, less the age that it had then: `now - born` is its age.
    package var born: Int64 { memory.header.born }
    /// A marker that says: do not collapse, this address is not cacheable for now.
    package var isHitForPass: Bool { memory.header.isHitForPass }
    /// Whether the origin can say that it is still good (RFC 9111, section 4.3.1), so that it is kept when it is stale.
    package var hasValidator: Bool { memory.header.hasValidator }
    /// Stale from the beginning: nobody gets it before the origin was asked, so that nobody need wait for another who asks.
    package var isBornStale: Bool { memory.header.isBornStale }
    package var grace: Int64 { life.grace }
    package var staleWhileRevalidate: Int64 { life.staleWhileRevalidate }
    package var staleIfError: Int64 { life.staleIfError }
    /// The memory that it takes with its body.
    package var byteCount: Int {
        // An object's first two words are the language's.
        HeapBlock.bytes(16 + MemoryLayout<Fixed>.size + Int(memory.header.size)) + body.footprint
    }

    // MARK: what does

    // Places of atomics are reckoned, not taken as `&fixed.pointee.hits`: that would claim the whole for this thread alone, while
    // others use it.

    @inline(__always)
    private func freshUntil<R>(_ body: (UnsafeAtomic<Int64>) -> R) -> R {
        memory.withUnsafeMutablePointerToHeader { fixed in
            body(UnsafeAtomic(at: fixed.pointer(to: \.freshUntil)!))
        }
    }

    @inline(__always)
    private func hits<R>(_ body: (UnsafeAtomic<UInt32>) -> R) -> R {
        memory.withUnsafeMutablePointerToHeader { fixed in
            body(UnsafeAtomic(at: fixed.pointer(to: \.hits)!))
        }
    }

    @inline(__always)
    private func use<R>(_ body: (UnsafeAtomic<UInt8>) -> R) -> R {
        memory.withUnsafeMutablePointerToHeader { fixed in
            body(UnsafeAtomic(at: fixed.pointer(to: \.use)!))
        }
    }

    @inline(__always)
    private func refreshing<R>(_ body: (UnsafeAtomic<Bool>) -> R) -> R {
        memory.withUnsafeMutablePointerToHeader { fixed in
            body(UnsafeAtomic(at: fixed.pointer(to: \.isRefreshing)!))
        }
    }

    package var freshUntil: Int64 { freshUntil { $0.load(ordering: .relaxed) } }
    package var hits: Int64 { hits { Int64($0.load(ordering: .relaxed)) } }
    var useCount: UInt8 { use { $0.load(ordering: .relaxed) } }
    func setUse(_ count: UInt8) { use { $0.store(count, ordering: .relaxed) } }

    package func countHit() {
        hits { $0.wrappingIncrement(ordering: .relaxed) }
        let use = useCount
        if use < CacheLimits.mostUse { setUse(use + 1) }
    }

    /// Stale from `now` on, though still there for `stale-*`.
    package func expire(now: Int64) {
        freshUntil { if $0.load(ordering: .relaxed) > now { $0.store(now, ordering: .relaxed) } }
    }

    /// True for the one caller that shall revalidate; `endRefresh` lets the next one try.
    package func beginRefresh() -> Bool { !refreshing { $0.exchange(true, ordering: .acquiring) } }
    package func endRefresh() { refreshing { $0.store(false, ordering: .releasing) } }

    /// The last moment at which this can be of any use.
    package var usableUntil: Int64 {
        let life = life
        let asking = hasValidator ? CacheLimits.validatorNanoseconds : 0
        let longest = max(life.grace, life.staleWhileRevalidate, life.staleIfError, asking)
        let (sum, over) = freshUntil.addingReportingOverflow(longest)
        return over ? .max : sum
    }
}
