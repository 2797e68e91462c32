/// Bounds of dictionaries; those of keys and values are Fastly's, so that a campaign can move there.
package enum DictionaryLimits {
    package static let keyCharacters = 256
    package static let valueCharacters = 8000
    /// Fastly's default is 1,000; an edge of our own holds more, and a table of this size is swapped in milliseconds.
    package static let entries = 10_000
    /// Entries of one import, so that its change can be read and undone as one.
    package static let importEntries = 10_000
    /// Redirects that one visit may be sent over; browsers give up after about twenty.
    package static let redirectSteps = 20
    /// Entries of one change that are compared with all others of a list of addresses.
    package static let overlapsLookedFor = 100
}
