/// Bounds of what is kept of rehearsals, each with its reason.
package enum RehearsalsLimits {
    /// Rehearsals that go on at once. Two of one edge already measure each other; more is several people at several edges.
    package static let running = 8
    /// Reports that stay: a campaign that rehearses each week has those of a year. Each takes some 30 KiB.
    package static let reports = 50
    /// Bytes of what is sent each second: 300 points of four numbers, five tables and sentences.
    package static let accountBytes = 128 * 1024
    /// Milliseconds after which a rehearsal that says nothing more is taken for one that was killed. It speaks each second, and a
    /// machine under load is late.
    package static let silenceMilliseconds: Int64 = 20_000
}
