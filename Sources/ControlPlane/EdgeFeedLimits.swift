/// Bounds of the lines to edges.
enum EdgeFeedLimits {
    /// Updates that wait for a slow edge; one that is further behind is better off with a whole snapshot.
    static let updates = 1000
    /// Names at once; more are somebody's mistake.
    static let edges = 64
    /// People and programs that follow the ledger at once.
    static let followers = 100
}
