/// Bounds of dictionaries; those of keys and values are Fastly's, so that a campaign can move there.
package enum DictionaryLimits {
    package static let keyCharacters = 256
    package static let valueCharacters = 8000
    /// Fastly's default is 1,000. A million take an edge and the control plane some 100 MB each, and one of them is changed as fast
    /// as one of a thousand: what docs/performance.md measures ends here.
    package static let entries = 1_000_000
    /// Entries of one import: its change is kept whole in the ledger, so that it can be read and undone as one, and takes some 20 MB
    /// there. A million come in ten parts.
    package static let importEntries = 100_000
    /// Entries of a dictionary among whose keys the one that was meant is looked for; more take seconds.
    package static let keysCompared = 10_000
    /// Redirects that one visit may be sent over; browsers give up after about twenty.
    package static let redirectSteps = 20
    /// Entries of one change that are compared with all others of a list of addresses.
    package static let overlapsLookedFor = 100
}
