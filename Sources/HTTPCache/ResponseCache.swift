import Atomics
package import HTTP1
package import Kernel

// The cache is cut into shards, each with a lock of its own that is held for a look-up or an insertion and never while
// VCL runs or something is written. Eviction is S3-FIFO (Yang et al., SOSP 2023): new responses enter a small queue;
// one that was used there moves on to the main queue, one that was not leaves, so that a scan of many addresses that
// nobody asks for twice displaces nothing. A hit raises a counter and takes no lock to do so.

/// What a look-up found.
package enum Lookup: Sendable {
    case hit(StoredResponse)
    /// Stale, and nobody may have it without asking the origin; kept for `stale-if-error` and revalidation.
    case stale(StoredResponse)
    case hitForPass
    case miss
}

package final class ResponseCache: Sendable {
    fileprivate final class Entry {
        let key: [UInt8]
        let hash: UInt64
        var variants: [StoredResponse] = []
        var inMain = false
        var accounted = 0

        init(key: [UInt8], hash: UInt64) {
            self.key = key
            self.hash = hash
        }
    }

    private struct Shard {
        var table: [UInt64: [Entry]] = [:]
        var small: Queue = Queue()
        var main: Queue = Queue()
        /// Hashes of what left the small queue unused, to let it straight into the main one if it comes back.
        var ghosts: [UInt64] = []
        var ghostNext = 0
    }

    /// First in, first out, with removal marked in the entry: what is no longer in the table is passed over.
    private struct Queue {
        var entries: [Entry] = []
        var head = 0
        var bytes = 0

        mutating func append(_ entry: Entry) { entries.append(entry) }
        mutating func popFirst() -> Entry? {
            guard head < entries.count else { return nil }
            let first = entries[head]
            head += 1
            if head > 1024, head * 2 > entries.count {
                entries.removeFirst(head)
                head = 0
            }
            return first
        }
    }

    private let shards: [Guarded<Shard>]
    private let shardCapacity: Int
    private let totalBytes = ManagedAtomic<Int>(0)
    private let totalCount = ManagedAtomic<Int>(0)
    private let evictions = ManagedAtomic<Int>(0)

    package init(capacity: ByteCount) {
        shards = (0..<CacheLimits.shards).map { _ in Guarded(Shard()) }
        shardCapacity = max(1, capacity.bytes / CacheLimits.shards)
    }

    package var byteCount: Int { totalBytes.load(ordering: .relaxed) }
    package var count: Int { totalCount.load(ordering: .relaxed) }
    package var evicted: Int { evictions.load(ordering: .relaxed) }

    private func shard(_ hash: UInt64) -> Guarded<Shard> { shards[Int(truncatingIfNeeded: hash >> 58)] }

    // MARK: look-up

    /// What is there for `key` and these request headers at `now` (nanoseconds since 1970). Unless it `counts`, a hit leaves
    /// no trace.
    package func lookup(_ key: Bytes, _ request: HeaderList, now: Int64, counts: Bool = true) -> Lookup {
        let hash = ByteHash.process(key)
        let found = shard(hash).withLock { shard -> StoredResponse? in
            guard let entry = shard.table[hash]?.first(where: { $0.matches(key) }) else { return nil }
            return entry.variants.first { $0.answers(request) }
        }
        guard let found else { return .miss }
        if found.isHitForPass { return found.freshUntil > now ? .hitForPass : .miss }
        if found.freshUntil > now {
            if counts { found.countHit() }
            return .hit(found)
        }
        return found.usableUntil > now ? .stale(found) : .miss
    }

    // MARK: insertion

    package func insert(_ response: StoredResponse, key: Bytes) {
        guard response.byteCount <= min(CacheLimits.objectBytes, shardCapacity) else { return }
        let hash = ByteHash.process(key)
        let evicted = shard(hash).withLock { shard -> [StoredResponse] in
            let entry: Entry
            if let known = shard.table[hash]?.first(where: { $0.matches(key) }) {
                entry = known
            } else {
                entry = Entry(key: key.array, hash: hash)
                shard.table[hash, default: []].append(entry)
                entry.inMain = shard.ghosts.contains(hash)
                if entry.inMain { shard.main.append(entry) } else { shard.small.append(entry) }
                totalCount.wrappingIncrement(ordering: .relaxed)
            }
            var gone = entry.variants.filter { $0.sameVariant(as: response) }
            entry.variants.removeAll { $0.sameVariant(as: response) }
            entry.variants.insert(response, at: 0)
            if entry.variants.count > CacheLimits.variants { gone.append(entry.variants.removeLast()) }
            account(entry, in: &shard)
            evict(&shard, sparing: entry, into: &gone)
            return gone
        }
        // Freed here, outside the lock.
        withExtendedLifetime(evicted) {}
    }

    private func account(_ entry: Entry, in shard: inout Shard) {
        let bytes = entry.variants.reduce(entry.key.count + 160) { $0 + $1.byteCount }
        let change = bytes - entry.accounted
        entry.accounted = bytes
        if entry.inMain { shard.main.bytes += change } else { shard.small.bytes += change }
        totalBytes.wrappingIncrement(by: change, ordering: .relaxed)
    }

    private func evict(_ shard: inout Shard, sparing kept: Entry, into gone: inout [StoredResponse]) {
        var steps = 0
        while shard.small.bytes + shard.main.bytes > shardCapacity, steps < 100_000 {
            steps += 1
            let fromSmall =
                shard.small.bytes * 100 > shardCapacity * CacheLimits.smallShare || shard.main.bytes == 0
            guard let entry = fromSmall ? shard.small.popFirst() : shard.main.popFirst() else {
                if fromSmall ? shard.main.bytes == 0 : shard.small.bytes == 0 { return }
                continue
            }
            guard entry.accounted > 0 else { continue }
            let use = entry.variants.map { $0.useCount.load(ordering: .relaxed) }.max() ?? 0
            if entry === kept || fromSmall && use > 0 || !fromSmall && use > 0 {
                keep(entry, use: use, in: &shard)
                continue
            }
            if fromSmall { remember(entry.hash, in: &shard) }
            evictions.wrappingIncrement(ordering: .relaxed)
            gone += remove(entry, from: &shard)
        }
    }

    private func keep(_ entry: Entry, use: UInt8, in shard: inout Shard) {
        if !entry.inMain {
            shard.small.bytes -= entry.accounted
            shard.main.bytes += entry.accounted
            entry.inMain = true
        }
        for variant in entry.variants { variant.useCount.store(use > 0 ? use - 1 : 0, ordering: .relaxed) }
        shard.main.append(entry)
    }

    private func remember(_ hash: UInt64, in shard: inout Shard) {
        if shard.ghosts.count < 256 { return shard.ghosts.append(hash) }
        shard.ghosts[shard.ghostNext] = hash
        shard.ghostNext = (shard.ghostNext + 1) % 256
    }

    private func remove(_ entry: Entry, from shard: inout Shard) -> [StoredResponse] {
        let gone = entry.variants
        entry.variants = []
        if entry.inMain { shard.main.bytes -= entry.accounted } else { shard.small.bytes -= entry.accounted }
        totalBytes.wrappingDecrement(by: entry.accounted, ordering: .relaxed)
        totalCount.wrappingDecrement(ordering: .relaxed)
        entry.accounted = 0
        shard.table[entry.hash]?.removeAll { $0 === entry }
        if shard.table[entry.hash]?.isEmpty == true { shard.table[entry.hash] = nil }
        return gone
    }

    // MARK: purge

    /// Removes an address with all its variants, or (soft) marks them stale. Returns how many responses it met.
    @discardableResult
    package func purge(_ key: Bytes, soft: Bool, now: Int64) -> Int {
        let hash = ByteHash.process(key)
        return shard(hash).withLock { shard in
            guard let entry = shard.table[hash]?.first(where: { $0.matches(key) }) else { return 0 }
            return drop(entry, soft: soft, now: now, from: &shard)
        }
    }

    /// Every response that carries this surrogate key. It reads the whole cache, shard by shard.
    @discardableResult
    package func purge(surrogateKey: Bytes, soft: Bool, now: Int64) -> Int {
        let wanted = ByteHash.process(surrogateKey)
        return purgeAll(soft: soft, now: now) { $0.variants.contains { $0.surrogateKeys.contains(wanted) } }
    }

    @discardableResult
    package func purgeAll(soft: Bool = false, now: Int64) -> Int {
        purgeAll(soft: soft, now: now) { _ in true }
    }

    private func purgeAll(soft: Bool, now: Int64, _ test: (Entry) -> Bool) -> Int {
        var count = 0
        for shard in shards {
            count += shard.withLock { shard in
                let entries = shard.table.values.joined().filter(test)
                return entries.reduce(0) { $0 + drop($1, soft: soft, now: now, from: &shard) }
            }
        }
        return count
    }

    private func drop(_ entry: Entry, soft: Bool, now: Int64, from shard: inout Shard) -> Int {
        let count = entry.variants.count
        if soft {
            for variant in entry.variants { variant.expire(now: now) }
        } else {
            _ = remove(entry, from: &shard)
        }
        return count
    }
}

private extension ResponseCache.Entry {
    func matches(_ other: Bytes) -> Bool { key.withUnsafeBytes { Bytes($0) == other } }
}

extension StoredResponse {
    func sameVariant(as other: StoredResponse) -> Bool {
        guard vary.count == other.vary.count else { return false }
        for (mine, theirs) in zip(vary, other.vary) {
            guard mine.name.bytes.equalsIgnoringCase(theirs.name.bytes),
                mine.value.isSet == theirs.value.isSet,
                mine.value == theirs.value
            else { return false }
        }
        return true
    }
}
