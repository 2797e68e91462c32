import VCLRuntime

/// The snapshots that were in effect of late, so that what fails now can be tried under what was before.
struct SnapshotHistory {
    /// Oldest first, never empty.
    private var kept: [Snapshot]

    init(_ first: Snapshot) { kept = [first] }

    var latest: Snapshot { kept[kept.count - 1] }

    /// Of two snapshots with one number the newer counts: numbers begin again with a control plane that lost its state.
    mutating func install(_ snapshot: Snapshot) {
        kept.removeAll { $0.number == snapshot.number }
        kept.append(snapshot)
        if kept.count > EdgeLimits.keptSnapshots { kept.removeFirst() }
    }

    subscript(number: Int64) -> Snapshot? { kept.first { $0.number == number } }
}
