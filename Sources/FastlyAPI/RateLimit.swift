import Kernel

/// How many changes each token has left in its hour. Hours are of the clock, so that a client knows from `reset` when it may go on.
struct RateLimit: Sendable {
    private var counts: [Int64: Int] = [:]
    private var hour: Int64 = 0
    let most: Int

    init(most: Int = FastlyLimits.changesEachHour) { self.most = most }

    struct Standing: Sendable, Equatable {
        let remaining: Int
        /// Seconds since 1970.
        let reset: Int64
        let isOver: Bool
    }

    /// Counts a request that changes something; `now` in milliseconds since 1970.
    mutating func take(_ token: Int64, now: Int64, counts isCounted: Bool) -> Standing {
        let current = now / 3_600_000
        if current != hour {
            hour = current
            counts = [:]
        }
        let used = counts[token] ?? 0
        let reset = (current + 1) * 3600
        guard isCounted else { return Standing(remaining: max(0, most - used), reset: reset, isOver: false) }
        guard used < most else { return Standing(remaining: 0, reset: reset, isOver: true) }
        if counts[token] == nil, counts.count >= FastlyLimits.countedTokens,
            let least = counts.min(by: { $0.key < $1.key })?.key
        {
            counts[least] = nil
        }
        counts[token] = used + 1
        return Standing(remaining: most - used - 1, reset: reset, isOver: false)
    }
}
