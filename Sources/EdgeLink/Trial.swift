// After a change that is followed by errors the control plane asks: would it be better without? The edge answers by trying
// the requests that failed once more, under the snapshots before the change and under the one in effect. A backend that is
// down fails under all of them and accuses nobody.

/// Tries what failed again, under each of these snapshots.
package struct TrialOrder: Sendable, Codable, Equatable {
    package let id: Int64
    /// Numbers of snapshots, oldest first; the last is the one in effect.
    package let snapshots: [Int64]
    /// Only requests that failed at or after this time, in milliseconds since 1970.
    package let since: Int64

    package init(id: Int64, snapshots: [Int64], since: Int64) {
        self.id = id
        self.snapshots = snapshots
        self.since = since
    }
}

/// How the tries ended.
package struct TrialResult: Sendable, Codable, Equatable {
    package let edge: String
    package let id: Int64
    /// Requests that were tried under every snapshot that the edge still has.
    package var tried = 0
    /// For each snapshot tried, how many were answered with 5xx again. A snapshot that the edge has no more is left out.
    package var failures: [Int64: Int] = [:]
    /// Paths among those that failed, a few, for people.
    package var examples: [String] = []

    package init(edge: String, id: Int64) {
        self.edge = edge
        self.id = id
    }
}
