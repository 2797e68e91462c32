package enum CacheLimits {
    /// Enough that two loops seldom meet at one. A small cache has fewer, so that a shard holds the largest response.
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
    /// A key longer than this is not kept: its length shares a word with flags, and a request's head is far smaller.
    static let keyBytes = 1 << 20
    /// How often a hit counts for staying; the paper's two bits.
    static let mostUse: UInt8 = 3
    /// Addresses of a shard that left unused and are remembered: as many as the main queue holds, which is the paper's
    /// number, and at most these, which serve a cache of four million addresses and take 64 MiB then, one percent of it.
    static let ghosts = 1 << 16
    /// Addresses that a purge of everything gives back to the allocator in each shard before it returns: a few milliseconds in
    /// all, so that no loop stands still for longer.
    static let releasedByPurge = 64
    /// And those that each insertion gives back afterwards: more than it takes, so that nothing has to leave for them.
    static let releasedByInsertion = 4
}
