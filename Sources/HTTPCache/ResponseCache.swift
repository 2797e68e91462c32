import Atomics
package import HTTP1
package import Kernel

// The cache is cut into shards, each with a lock of its own that is held for a look-up or an insertion and never while
// VCL runs or something is written or freed. What a shard is made of stands in docs/adr/0011.

/// What a look-up found.
package enum Lookup: Sendable {
    case hit(StoredResponse)
    /// Stale, and nobody may have it without asking the origin; kept for `stale-if-error` and revalidation.
    case stale(StoredResponse)
    case hitForPass
    case miss
}

/// The addresses that a purge is about, by how their keys begin.
package enum KeyScope: Sendable {
    case all
    case beginning(with: Bytes)
    case others(than: Bytes)

    func contains(_ key: Bytes) -> Bool {
        switch self {
        case .all: true
        case .beginning(let prefix): key.hasPrefix(prefix)
        case .others(let prefix): !key.hasPrefix(prefix)
        }
    }
}

package final class ResponseCache: Sendable {
    let shards: [Guarded<CacheShard>]
    private let shardCapacity: Int
    private let totalBytes = ManagedAtomic<Int>(0)
    private let totalCount = ManagedAtomic<Int>(0)
    private let evictions = ManagedAtomic<Int>(0)

    /// `shards` is a power of two; by default as many as leave each room for the largest response.
    package init(capacity: ByteCount, shards wanted: Int? = nil) {
        var count = wanted ?? CacheLimits.shards
        while wanted == nil, count > 1, capacity.bytes / count < CacheLimits.objectBytes { count /= 2 }
        let shardCapacity = max(1, capacity.bytes / count)
        shards = (0..<count).map { _ in Guarded(CacheShard(capacity: shardCapacity)) }
        self.shardCapacity = shardCapacity
    }

    /// The memory that it takes, with what the allocator adds.
    package var byteCount: Int { totalBytes.load(ordering: .relaxed) }
    /// Addresses, each with its variants.
    package var count: Int { totalCount.load(ordering: .relaxed) }
    package var evicted: Int { evictions.load(ordering: .relaxed) }

    func shard(_ hash: UInt64) -> Guarded<CacheShard> {
        shards[Int(truncatingIfNeeded: hash >> 58) & (shards.count - 1)]
    }

    /// Changes a shard and the totals with it. What left is freed outside the lock.
    private func change<R>(_ shard: Guarded<CacheShard>, _ body: (inout CacheShard) -> R) -> R {
        let (result, gone) = shard.withLock { shard in
            let (bytes, count, evicted) = (shard.bytes, shard.count, shard.evicted)
            let result = body(&shard)
            totalBytes.wrappingIncrement(by: shard.bytes - bytes, ordering: .relaxed)
            totalCount.wrappingIncrement(by: shard.count - count, ordering: .relaxed)
            evictions.wrappingIncrement(by: max(0, shard.evicted - evicted), ordering: .relaxed)
            return (result, shard.takeGone())
        }
        withExtendedLifetime(gone) {}
        return result
    }

    // MARK: look-up

    /// What is there for `key` and these request headers at `now` (nanoseconds since 1970). Unless it `counts`, a hit leaves
    /// no trace.
    package func lookup(_ key: Bytes, _ request: HeaderList, now: Int64, counts: Bool = true) -> Lookup {
        let hash = ByteHash.process(key)
        let found = shard(hash).withLock { $0.find(hash, key, request) }
        guard let found else { return .miss }
        if found.isHitForPass { return found.freshUntil > now ? .hitForPass : .miss }
        if found.freshUntil > now {
            if counts { found.countHit() }
            return .hit(found)
        }
        return found.usableUntil > now ? .stale(found) : .miss
    }

    // MARK: insertion

    /// Keeps a response, in place of the one that answered the same requests. One that is too large is not kept, and neither is
    /// the one that it replaces.
    package func insert(_ response: StoredResponse, key: Bytes) { insert(response, key, onlyIfKept: false) }

    /// Counts a response anew whose body has grown. One that was purged or pushed out meanwhile stays gone.
    package func recount(_ response: StoredResponse, key: Bytes) { insert(response, key, onlyIfKept: true) }

    private func insert(_ response: StoredResponse, _ key: Bytes, onlyIfKept: Bool) {
        let hash = ByteHash.process(key)
        let most = min(CacheLimits.objectBytes, shardCapacity)
        let fits = response.byteCount + key.count <= most && key.count <= CacheLimits.keyBytes
        change(shard(hash)) { shard in
            if onlyIfKept, !shard.keeps(response, hash, key) { return }
            if fits {
                shard.insert(response, hash, key)
            } else {
                shard.forgetVariant(like: response, hash, key)
            }
        }
    }

    /// Takes out a response that did not come whole, and puts back the one whose place it took; unless the address was purged
    /// meanwhile.
    package func replace(_ broken: StoredResponse, by old: StoredResponse?, key: Bytes) {
        let hash = ByteHash.process(key)
        change(shard(hash)) { shard in
            guard shard.keeps(broken, hash, key) else { return }
            shard.forgetVariant(like: broken, hash, key)
            if let old { shard.insert(old, hash, key) }
        }
    }

    // MARK: purge

    /// Removes an address with all its variants, or (soft) marks them stale. Returns how many responses it met.
    @discardableResult
    package func purge(_ key: Bytes, soft: Bool, now: Int64) -> Int {
        let hash = ByteHash.process(key)
        return change(shard(hash)) { $0.purge(hash, key, soft: soft, now: now) }
    }

    /// Every response within `scope` that carries this surrogate key; other variants of its address stay.
    @discardableResult
    package func purge(surrogateKey: Bytes, soft: Bool, now: Int64, within scope: KeyScope = .all) -> Int {
        let hash = ByteHash.process(surrogateKey)
        return shards.reduce(0) { count, shard in
            count
                + change(shard) {
                    $0.purge(surrogateKey: surrogateKey, hash, soft: soft, now: now, within: scope)
                }
        }
    }

    /// Everything within `scope`. It takes a look at every address, and holds each shard's lock for as long as its part takes.
    @discardableResult
    package func purgeAll(within scope: KeyScope, soft: Bool, now: Int64) -> Int {
        shards.reduce(0) { count, shard in
            count + change(shard) { $0.purgeAll(within: scope, soft: soft, now: now) }
        }
    }

    /// Everything. It is out of sight when this returns; most of its memory is given back by the insertions that follow.
    @discardableResult
    package func purgeAll(soft: Bool = false, now: Int64) -> Int {
        shards.reduce(0) { count, shard in
            count
                + change(shard) { shard in
                    guard !soft else { return shard.expireAll(now: now) }
                    defer { shard = CacheShard(replacing: shard) }
                    return shard.responseCount
                }
        }
    }
}
