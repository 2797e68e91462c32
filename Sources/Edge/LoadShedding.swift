/// How many fetches one loop may have under way. As long as the loop has time there is no limit but a high one; when its
/// clock goes late, because the processors are busy, it shrinks to fewer than there are, and grows again slowly (additive
/// increase, multiplicative decrease). A fetch costs several hits: while misses drown, hits stay alive. Confined to its
/// loop.
struct LoadShedding: Sendable {
    /// Fetches at once when there is time for all: each holds a context and its buffers, some 20 KiB.
    static let most = 4000
    /// However late it is, so many go on: origins must be asked by somebody, and the cache must fill.
    static let least = 64
    /// A clock that is so late makes visitors wait as long, in nanoseconds.
    static let lateNanoseconds: Int64 = 50_000_000

    private(set) var limit = LoadShedding.most
    private(set) var underWay = 0

    /// False when there is no room for one more.
    mutating func begin() -> Bool {
        guard underWay < limit else { return false }
        underWay += 1
        return true
    }

    mutating func end() { underWay -= 1 }

    /// Several times a second, with how late the loop's clock was.
    mutating func tick(late nanoseconds: Int64) {
        if nanoseconds > LoadShedding.lateNanoseconds {
            limit = max(LoadShedding.least, min(limit, underWay) * 3 / 4)
        } else if limit < LoadShedding.most {
            limit = min(LoadShedding.most, limit + max(8, limit / 16))
        }
    }
}
