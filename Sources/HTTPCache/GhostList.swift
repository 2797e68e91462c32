/// Addresses that left the small queue unused, to let one straight into the main queue if it comes back. A set of small
/// buckets, each a line of the processor's cache: who comes later takes the place of the oldest in its bucket, and whoever left
/// longer ago than the last `limit` is forgotten. An address is 32 bits of its hash; one in millions is mistaken for another
/// and then stays a little longer than it deserves.
struct GhostList {
    private static let ways = 8

    private var places: [UInt64] = []
    /// How many have left; 0 marks an empty place, so that it begins with 1.
    private var clock: UInt32 = 1

    /// What it takes.
    var bytes: Int { places.count * MemoryLayout<UInt64>.stride }

    private static func mark(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash >> 24) }
    private func bucket(_ mark: UInt32) -> Int { Int(mark) * GhostList.ways & (places.count - 1) }

    mutating func add(_ hash: UInt64, limit: Int) {
        let limit = min(max(limit, 1), CacheLimits.ghosts)
        if places.count * 2 < limit * 3 { grow(limit) }
        put(GhostList.mark(hash), at: clock)
        clock = clock &+ 1
        if clock == 0 { clock = 1 }
    }

    /// Whether it left among the last `limit`; it is forgotten by the question.
    mutating func take(_ hash: UInt64, limit: Int) -> Bool {
        guard !places.isEmpty else { return false }
        let mark = GhostList.mark(hash)
        let start = bucket(mark)
        for place in start..<start + GhostList.ways where places[place] != 0 && places[place] >> 32 == mark {
            let age = clock &- UInt32(truncatingIfNeeded: places[place])
            places[place] = 0
            return age <= min(max(limit, 1), CacheLimits.ghosts)
        }
        return false
    }

    private mutating func put(_ mark: UInt32, at time: UInt32) {
        let start = bucket(mark)
        var (oldest, greatest) = (start, UInt32(0))
        for place in start..<start + GhostList.ways {
            if places[place] == 0 || places[place] >> 32 == mark {
                oldest = place
                if places[place] != 0 { break }
                greatest = .max
                continue
            }
            let age = time &- UInt32(truncatingIfNeeded: places[place])
            if age > greatest { (oldest, greatest) = (place, age) }
        }
        places[oldest] = UInt64(mark) << 32 | UInt64(time)
    }

    private mutating func grow(_ limit: Int) {
        let old = places.filter { $0 != 0 }
        var count = max(64, places.count)
        while count * 2 < limit * 3 { count *= 2 }
        places = [UInt64](repeating: 0, count: count)
        for place in old {
            put(UInt32(truncatingIfNeeded: place >> 32), at: UInt32(truncatingIfNeeded: place))
        }
    }
}
