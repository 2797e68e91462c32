package enum CacheLimits {
    /// Enough that two loops seldom meet at one.
    package static let shards = 64
    /// The small queue's share of the memory, in percent (the paper's 10).
    static let smallShare = 10
    /// Variants of one address; more mean that Vary names something personal.
    package static let variants = 32
    /// Waiters for one fetch; those beyond fetch by themselves rather than wait in an endless line.
    package static let waiters = 10_000
    /// How long a stale response with an ETag or a Last-Modified is kept, to ask the origin whether it is still good; memory
    /// for what is fresh goes before it all the while.
    static let validatorNanoseconds: Int64 = 24 * 3600 * 1_000_000_000
    /// A response larger than this is passed on and not kept; the issue of the edge adds a disk for such.
    package static let objectBytes = 64 * 1024 * 1024
}
