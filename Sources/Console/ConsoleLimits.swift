/// Bounds of the console, each with its reason.
enum ConsoleLimits {
    /// Entries on one page of the timeline; older ones are a link away.
    static let entries = 40
    /// Entries of a dictionary on its page; a filter finds the others. Keeps the page below 30 KB or so.
    static let dictionaryEntries = 100
    /// Pages that are live at once; a campaign's war room has fewer.
    static let livePages = 200
    /// Milliseconds between two looks for what is new.
    static let liveInterval = 500
    /// Bytes of a form; the longest is an import.
    static let formBytes = 1_000_000
    /// Notices that wait for their session's next page; each waits for a moment only.
    static let notices = 1000
    /// Characters of a summary, and of a value, in a list; an entry's own page shows more.
    static let summary = 240
    /// Edits that an entry's page shows.
    static let edits = 100
}
