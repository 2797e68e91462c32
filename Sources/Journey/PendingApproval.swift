/// A change that waits until somebody else says yes.
package struct PendingApproval: Sendable, Codable, Hashable {
    /// What was planned; its `at` is 0 for a change that takes effect when it is approved, its `id` the number of the entry that
    /// asked for it.
    package let change: ScheduledChange
    /// When it was asked for, in milliseconds since 1970.
    package let asked: Int64
    /// What the second person must be at least.
    package let by: Role
    /// Why a second person is needed, in words.
    package let reason: String

    package init(change: ScheduledChange, asked: Int64, by: Role, reason: String) {
        self.change = change
        self.asked = asked
        self.by = by
        self.reason = reason
    }
}
