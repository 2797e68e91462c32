/// Bounds of the console, each with its reason.
enum ConsoleLimits {
    /// Entries on one page of the timeline; older ones are a link away.
    static let entries = 40
    /// Entries of a dictionary on its page; a filter finds the others. Keeps the page below 30 KB or so.
    static let dictionaryEntries = 100
    /// Secrets that were filled in and wait for a decision; each waits for a minute or two.
    static let keptProposals = 200
    /// Entries that a search names; whoever searches on names more letters.
    static let found = 50
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
    /// Simulations that run or wait; they run one after the other.
    static let simulations = 8
    /// How long the requests of one simulation may take together.
    static let simulationTime = Duration.seconds(2)
    /// How often one request is simulated in a row: enough to see what a cache does.
    static let simulatedTimes = 10
    /// Bytes of a URL and of a message's headers in a simulation; more than any server takes.
    static let simulatedHeaders = 16 * 1024
    /// Bytes of the body that a simulated origin sends; it stands in the page's address.
    static let simulatedBody = 32 * 1024
    /// Bytes of a body that a page shows.
    static let bodyExcerpt = 2000
    /// Steps of a trace, and lines of the program beside it, that one page shows: a megabyte or so.
    static let traceSteps = 3000
    static let sourceLines = 6000
    /// Requests that two programs are compared by at once.
    static let comparedRequests = 100
    /// Addresses that are offered for a comparison.
    static let offeredPaths = 20
    /// Mistakes of a program that are shown; the first explains most of the others.
    static let mistakes = 20
    /// Lines between the first and the last difference of two texts; a comparison of so many takes some 64 MB for a moment.
    static let differingLines = 4000
}
