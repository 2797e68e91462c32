import RequestFlow

/// Whether there is a flood: more requests a second, over all loops, than an operator said. Once there is one it lasts until there
/// was none for `ChallengeLimits.calmSeconds`. Pure: who asks says what time it is.
struct FloodGauge: Sendable {
    /// Requests a second.
    let above: Double
    private var began: Int64?
    private var count = 0
    private var calmAt: Int64?

    init(above: Double) { self.above = above }

    /// `requests` came to a loop since it last said so; `now` is in nanoseconds.
    mutating func add(_ requests: Int, now: Int64) -> Bool {
        let began = self.began ?? now
        self.began = began
        count += requests
        let time = now - began
        if time >= FloodGauge.window {
            if Double(count) * 1e9 / Double(time) > above {
                calmAt = now + ChallengeLimits.calmSeconds * 1_000_000_000
            }
            self.began = now
            count = 0
        }
        return calmAt.map { now < $0 } ?? false
    }

    /// Nanoseconds that are judged together: a page with its pictures is no flood.
    private static let window: Int64 = 1_000_000_000
}
