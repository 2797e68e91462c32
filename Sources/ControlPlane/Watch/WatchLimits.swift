/// Bounds of the watch.
enum WatchLimits {
    /// Seconds over which the share of errors is taken: the short one is quick, the long one serves quiet sites.
    static let windows: [Int64] = [5, 20]
    /// Fewer errors than this are no evidence.
    static let errors = 5
    /// Failed requests that must have been tried again.
    static let tried = 3
    /// The part of those tried that must fail with the change and succeed without it.
    static let guiltyShare = 0.5
    /// Trials in a row that must agree.
    static let agreeing = 2
    /// Milliseconds between two trials of one edge.
    static let pause: Int64 = 1500
    /// Milliseconds after which a trial that was not answered is given up.
    static let patience: Int64 = 15_000
    /// Changes watched at once; older ones are given up first.
    static let changes = 12
}
