/// Bounds of what is asked of Fastly's API, or of another HQ.
package enum RemoteLimits {
    /// How long one answer may take; a validation compiles the program.
    package static let answer: Duration = .seconds(30)
    /// Entries of one batch: Fastly takes no more.
    package static let batch = 1000
    /// Entries of one page of a list, and pages.
    static let pageEntries = 1000
    static let pages = 100
    /// Between two looks whether the service is still as it was left.
    package static let drift: Duration = .seconds(60)
    /// Between two tries when it does not answer.
    package static let retry: Duration = .seconds(5)
    /// Entries of the ledger that one round mirrors.
    package static let round = 500
}
