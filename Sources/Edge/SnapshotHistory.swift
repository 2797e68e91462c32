import VCLRuntime

/// The snapshots that were in effect of late, so that what fails now can be tried under what was before.
struct SnapshotHistory {
    private struct Kept {
        let snapshot: Snapshot
        /// The latest update while it was in effect: a purge, for example, is an update and no snapshot.
        var until: Int64
    }

    /// Oldest first, never empty.
    private var kept: [Kept]

    init(_ first: Snapshot) { kept = [Kept(snapshot: first, until: first.number)] }

    var latest: Snapshot { kept[kept.count - 1].snapshot }

    /// Of two snapshots with one number the newer counts: numbers begin again with a control plane that lost its state.
    mutating func install(_ snapshot: Snapshot) {
        kept.removeAll { $0.snapshot.number == snapshot.number }
        kept.append(Kept(snapshot: snapshot, until: snapshot.number))
        if kept.count > EdgeLimits.keptSnapshots { kept.removeFirst() }
    }

    /// The latest snapshot is still in effect at update `number`.
    mutating func note(_ number: Int64) {
        kept[kept.count - 1].until = max(kept[kept.count - 1].until, number)
    }

    /// What was in effect at update `number`. Nil when that is kept no longer, and when the edge was away then: what it
    /// had meanwhile was not what others had.
    func inEffect(at number: Int64) -> Snapshot? {
        kept.last { $0.snapshot.number <= number && number <= $0.until }?.snapshot
    }
}
