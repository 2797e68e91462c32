import HTTP1
import Kernel

/// One part of the cache, with all that it takes to keep, find, evict and purge. Its owner holds the lock; what leaves is given
/// to `gone`, to be freed when the lock is open again.
final class CacheShard {
    var entries = Slab<Entry>()
    var table = EntryTable()
    var small = EntryQueue()
    var main = EntryQueue()
    var ghosts = GhostList()
    private(set) var index = SurrogateIndex()
    /// What entries hold besides their latest response, latest first.
    private var variants: [UInt32: [StoredResponse]] = [:]
    let capacity: Int
    private(set) var evicted = 0
    private(set) var gone: [StoredResponse] = []

    /// What was here before a purge of everything. Nobody is answered from it; it is given back piece by piece, as giving back
    /// a million responses at once takes seconds, and counted until it is.
    private var predecessor: CacheShard?

    init(capacity: Int) { self.capacity = capacity }

    /// An empty one in its place.
    init(replacing old: CacheShard) {
        capacity = old.capacity
        predecessor = old.count > 0 ? old : old.predecessor
        old.ghosts = GhostList()
        release(CacheLimits.releasedByPurge)
    }

    deinit { discard() }

    var bytes: Int { small.bytes + main.bytes + ghosts.bytes + leavingBytes }
    var leavingBytes: Int { predecessor?.bytes ?? 0 }
    var count: Int { table.count }

    /// What has left since the last time.
    func takeGone() -> [StoredResponse] {
        guard !gone.isEmpty else { return [] }
        defer { gone = [] }
        return gone
    }

    // MARK: look-up and insertion

    func find(_ hash: UInt64, _ key: Bytes, _ request: HeaderList) -> StoredResponse? {
        let number = table.find(hash, key, in: entries)
        guard number != 0 else { return nil }
        let entry = entries[number]
        if entry.pointee.response.answers(request) { return entry.pointee.response }
        guard entry.pointee.hasVariants else { return nil }
        return variants[number]?.first { $0.answers(request) }
    }

    /// Whether this very response is there.
    func keeps(_ response: StoredResponse, _ hash: UInt64, _ key: Bytes) -> Bool {
        let number = table.find(hash, key, in: entries)
        return number != 0 && all(number).contains { $0.body === response.body }
    }

    func insert(_ response: StoredResponse, _ hash: UInt64, _ key: Bytes) {
        var number = table.find(hash, key, in: entries)
        if number == 0 {
            number = entries.add(Entry(hash: hash, key: key, response: response))
            table.add(number, in: entries)
            let returns = ghosts.take(hash, limit: main.count)
            entries[number].pointee.isInMain = returns
            if returns { main.append(number, in: entries) } else { small.append(number, in: entries) }
        } else {
            var others = all(number).filter { other in
                guard other.sameVariant(as: response) else { return true }
                gone.append(other)
                return false
            }
            if others.count >= CacheLimits.variants { gone.append(others.removeLast()) }
            keep([response] + others, at: number)
        }
        account(number)
        release(CacheLimits.releasedByInsertion)
        while bytes > capacity, predecessor != nil { release(CacheLimits.releasedByInsertion) }
        // An address alone may not take more than there is: its oldest variants go first.
        while entries[number].pointee.accounted > capacity, entries[number].pointee.hasVariants {
            var responses = all(number)
            gone.append(responses.removeLast())
            keep(responses, at: number)
            account(number)
        }
        evict(sparing: number)
    }

    /// Removes the variant that `response` would replace, which is too large to be kept.
    func forgetVariant(like response: StoredResponse, _ hash: UInt64, _ key: Bytes) {
        let number = table.find(hash, key, in: entries)
        if number != 0 { removeVariants(of: number) { $0.sameVariant(as: response) } }
    }

    // MARK: variants

    /// All responses of an entry, latest first.
    func all(_ number: UInt32) -> [StoredResponse] {
        let entry = entries[number]
        return [entry.pointee.response] + (entry.pointee.hasVariants ? variants[number] ?? [] : [])
    }

    private func keep(_ responses: [StoredResponse], at number: UInt32) {
        let entry = entries[number]
        entry.pointee.response = responses[0]
        if responses.count > 1 {
            variants[number] = Array(responses.dropFirst())
        } else if entry.pointee.hasVariants {
            variants[number] = nil
        }
        entry.pointee.hasVariants = responses.count > 1
    }

    @discardableResult
    private func removeVariants(of number: UInt32, where test: (StoredResponse) -> Bool) -> Int {
        let responses = all(number)
        let kept = responses.filter { !test($0) }
        guard kept.count < responses.count else { return 0 }
        if kept.isEmpty {
            remove(number)
        } else {
            gone += responses.filter(test)
            keep(kept, at: number)
            account(number)
        }
        return responses.count - kept.count
    }

    /// Counts an entry anew, whose responses have changed, and has its surrogate keys in the index.
    private func account(_ number: UInt32) {
        let entry = entries[number]
        index.removeAll(from: entry.pointee.firstTag)
        entry.pointee.firstTag = 0
        var bytes = entry.pointee.overhead
        for response in all(number) {
            bytes += response.byteCount
            response.surrogateKeys.forEachPart(separator: 0x20) { key in
                entry.pointee.firstTag = index.add(
                    ByteHash.process(key), of: number, first: entry.pointee.firstTag)
            }
        }
        if entry.pointee.hasVariants {
            bytes += CacheShard.bytesOfVariants + (variants[number]?.count ?? 0) * 8
        }
        bytes += index.count(from: entry.pointee.firstTag) * SurrogateIndex.bytesOfATag
        let change = bytes - Int(entry.pointee.accounted)
        entry.pointee.accounted = UInt32(clamping: bytes)
        if entry.pointee.isInMain { main.bytes += change } else { small.bytes += change }
    }

    /// An array with its place in the dictionary.
    private static let bytesOfVariants = 80

    // MARK: removal

    func countEviction() { evicted += 1 }

    func remove(_ number: UInt32) {
        let entry = entries[number]
        gone.append(entry.pointee.response)
        if entry.pointee.hasVariants, let others = variants.removeValue(forKey: number) { gone += others }
        index.removeAll(from: entry.pointee.firstTag)
        if entry.pointee.isInMain {
            main.remove(number, in: entries)
        } else {
            small.remove(number, in: entries)
        }
        table.remove(number, in: entries)
        entries.remove(number).freeKey()
    }

    /// Gives back so many entries of what was purged as a whole.
    private func release(_ most: Int) {
        var left = most
        while left > 0, let old = predecessor {
            let first = old.small.count > 0 ? old.small.first : old.main.first
            guard first != 0 else {
                predecessor = old.predecessor
                continue
            }
            old.remove(first)
            gone += old.takeGone()
            left -= 1
        }
    }

    /// Forgets everything at once.
    private func discard() {
        table.forEach(in: entries) { entries.remove($0).freeKey() }
        entries.discard()
        index.discard()
    }

    // MARK: purge

    func purge(_ hash: UInt64, _ key: Bytes, soft: Bool, now: Int64) -> Int {
        let number = table.find(hash, key, in: entries)
        return number == 0 ? 0 : drop(number, soft: soft, now: now) { _ in true }
    }

    func purge(
        surrogateKey: Bytes, _ hash: UInt64, soft: Bool, now: Int64, within scope: KeyScope
    ) -> Int {
        index.candidates(hash).reduce(0) { count, number in
            guard scope.contains(entries[number].pointee.key) else { return count }
            return count + drop(number, soft: soft, now: now) { $0.carries(surrogateKey: surrogateKey) }
        }
    }

    func purgeAll(within scope: KeyScope, soft: Bool, now: Int64) -> Int {
        var met: [UInt32] = []
        table.forEach(in: entries) { if scope.contains(entries[$0].pointee.key) { met.append($0) } }
        return met.reduce(0) { $0 + drop($1, soft: soft, now: now) { _ in true } }
    }

    func expireAll(now: Int64) -> Int {
        var count = 0
        table.forEach(in: entries) { count += drop($0, soft: true, now: now) { _ in true } }
        return count
    }

    var responseCount: Int { table.count + variants.values.reduce(0) { $0 + $1.count } }

    private func drop(_ number: UInt32, soft: Bool, now: Int64, where test: (StoredResponse) -> Bool) -> Int {
        guard soft else { return removeVariants(of: number, where: test) }
        let met = all(number).filter(test)
        for response in met { response.expire(now: now) }
        return met.count
    }
}
