package import Journey

/// Bounds of what lets people into the console.
package enum SessionLimits {
    /// Milliseconds that a one-time link is good for.
    package static let linkLife: Int64 = 15 * 60_000
    /// A session ends after this time, however much it is used: a working day.
    package static let life: Int64 = 12 * 3_600_000
    /// And after this time without a request.
    package static let idle: Int64 = 2 * 3_600_000
    /// Wrong codes of the second factor after which a session ends; six digits do not fall to five guesses.
    package static let attempts: Int64 = 5
    /// Wrong codes of one person within `wrongCodesPeriod` milliseconds, over all sessions, after which none is looked at until
    /// that time is over.
    package static let wrongCodes: Int64 = 15
    package static let wrongCodesPeriod: Int64 = 3_600_000
    /// Without the second factor nobody may do more than this.
    package static let roleWithoutFactor = Role.editor
}
