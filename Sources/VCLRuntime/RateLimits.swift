package import Kernel

/// What `ratecounter` and `penaltybox` declarations count. One store serves all event loops and outlives snapshots, so that
/// a change of a dictionary, or of the program, forgets nobody.
///
/// A counter keeps 64 whole seconds for each entry, which gives every window that VCL can ask for. Memory is bounded: entries
/// are found by a keyed 128-bit hash of the names, their number is fixed, and when it is reached the one goes that was used
/// longest ago among those that a hand passes. Locks are one of sixteen each, held for some additions.
package final class RateLimits: Sendable {
    private static let shardCount = 16
    private let shards: [Guarded<Shard>]

    /// `entries` and `penalties` are the most that counters and boxes hold, over all of them.
    package init(
        entries: Int = VCLRuntimeLimits.rateEntries, penalties: Int = VCLRuntimeLimits.penalties
    ) {
        shards = (0..<RateLimits.shardCount).map { _ in
            Guarded(
                Shard(
                    counters: Counters(most: max(1, entries / RateLimits.shardCount)),
                    penalties: Penalties(most: max(1, penalties / RateLimits.shardCount))))
        }
    }

    /// An entry of one counter or box.
    package struct Key: Sendable, Hashable {
        private let first: UInt64
        private let second: UInt64
        private static let other = ByteHash(seed: ByteHash.process(Bytes("rate limits")))

        package init(_ name: Bytes, _ entry: Bytes) {
            let entry = entry.isSet ? entry : .empty
            first = ByteHash(seed: ByteHash.process(name))(entry)
            second = ByteHash(seed: Key.other(name))(entry)
        }

        package static func == (left: Key, right: Key) -> Bool {
            left.first == right.first && left.second == right.second
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(first) }

        var shard: Int { Int(truncatingIfNeeded: second >> 32) & (RateLimits.shardCount - 1) }
    }

    /// Adds to the second of `now` (nanoseconds since 1970) and gives what came in the last minute.
    package func increment(_ key: Key, by delta: Int64, now: Int64) -> Int64 {
        shards[key.shard].withLock { shard in
            let place = shard.counters.place(of: key, second: now / 1_000_000_000)
            shard.counters.add(delta, at: place, second: now / 1_000_000_000)
            return shard.counters.sum(at: place, second: now / 1_000_000_000, seconds: 60)
        }
    }

    /// What came in the last `seconds` (at most 60) whole seconds, the current one included.
    package func count(_ key: Key, seconds: Int, now: Int64) -> Int64 {
        shards[key.shard].withLock { shard in
            guard let place = shard.counters.places[key] else { return 0 }
            return shard.counters.sum(at: place, second: now / 1_000_000_000, seconds: seconds)
        }
    }

    /// Per second over the last 1, 10 or 60 seconds: a window that slides, in which the oldest second counts by its part.
    package func rate(_ key: Key, window: Int, now: Int64) -> Double {
        shards[key.shard].withLock { shard in
            guard let place = shard.counters.places[key] else { return 0 }
            let second = now / 1_000_000_000
            let whole = shard.counters.sum(at: place, second: second, seconds: window)
            let more = shard.counters.sum(at: place, second: second, seconds: window + 1)
            let part = 1 - Double(now % 1_000_000_000) / 1e9
            return (Double(whole) + Double(more - whole) * part) / Double(window)
        }
    }

    package func penalize(_ key: Key, until end: Int64, now: Int64) {
        shards[key.shard].withLock { $0.penalties.add(key, until: end, now: now) }
    }

    package func isPenalized(_ key: Key, now: Int64) -> Bool {
        shards[key.shard].withLock { $0.penalties.ends[key].map { $0 > now } ?? false }
    }

    private struct Shard {
        var counters: Counters
        var penalties: Penalties
    }
}

/// The counters of one shard: 64 seconds in a ring for each entry.
private struct Counters {
    static let ring = 64

    private(set) var places: [RateLimits.Key: Int] = [:]
    private var keys: [RateLimits.Key] = []
    private var latest: [Int64] = []
    private var seconds: [UInt32] = []
    private var hand = 0
    private let most: Int

    init(most: Int) { self.most = most }

    mutating func place(of key: RateLimits.Key, second: Int64) -> Int {
        if let place = places[key] { return place }
        let place: Int
        if keys.count < most {
            place = keys.count
            keys.append(key)
            latest.append(second)
            seconds.append(contentsOf: repeatElement(0, count: Counters.ring))
        } else {
            place = victim()
            places[keys[place]] = nil
            keys[place] = key
            latest[place] = second
            for index in 0..<Counters.ring { seconds[place * Counters.ring + index] = 0 }
        }
        places[key] = place
        return place
    }

    /// Of the next eight, the one that was counted longest ago.
    private mutating func victim() -> Int {
        var found = hand
        for step in 0..<min(8, most) {
            let place = (hand + step) % most
            if latest[place] < latest[found] { found = place }
        }
        hand = (hand + 8) % most
        return found
    }

    mutating func add(_ delta: Int64, at place: Int, second: Int64) {
        let now = max(second, latest[place])
        forget(until: now, at: place)
        let slot = place * Counters.ring + Int(now % Int64(Counters.ring))
        seconds[slot] = UInt32(clamping: Int64(seconds[slot]) + max(0, delta))
    }

    /// Empties the seconds between the latest one and `second`.
    private mutating func forget(until second: Int64, at place: Int) {
        let gone = min(second - latest[place], Int64(Counters.ring))
        for step in 0..<max(0, gone) {
            seconds[place * Counters.ring + Int((second - step) % Int64(Counters.ring))] = 0
        }
        latest[place] = second
    }

    func sum(at place: Int, second: Int64, seconds window: Int) -> Int64 {
        var total: Int64 = 0
        for back in 0..<Int64(min(window, Counters.ring - 1)) {
            let wanted = second - back
            guard wanted >= 0, wanted <= latest[place], latest[place] - wanted < Int64(Counters.ring) else {
                continue
            }
            total += Int64(seconds[place * Counters.ring + Int(wanted % Int64(Counters.ring))])
        }
        return total
    }
}

/// The penalty boxes of one shard: until when each entry is in.
private struct Penalties {
    private(set) var ends: [RateLimits.Key: Int64] = [:]
    private let most: Int

    init(most: Int) { self.most = most }

    mutating func add(_ key: RateLimits.Key, until end: Int64, now: Int64) {
        if ends[key] == nil, ends.count >= most {
            ends = ends.filter { $0.value > now }
            // The one that would be free first gives way, as at Fastly.
            if ends.count >= most, let first = ends.min(by: { $0.value < $1.value }) { ends[first.key] = nil }
        }
        ends[key] = end
    }
}
