// An import of a hundred thousand entries is one entry of the ledger with a text of many megabytes. Whoever shows a list of entries
// would read, and take apart, all of them for one line each.

extension Ledger {
    /// Characters of a change that are read whole; of a longer one its beginning and its end.
    static let briefCharacters = 200_000
    /// Characters of a longer one's end, where its summary stands.
    static let tailCharacters = 20_000

    /// The columns of an entry, with what is left of a long change in two.
    static let briefColumns = """
        number, at, actor, person, door, argv, verdicts, outcome, because, undoes, previous_hash, hash,
        CASE WHEN LENGTH(change) <= \(briefCharacters) THEN change ELSE SUBSTR(change, 1, \(briefCharacters / 4)) END AS change,
        CASE WHEN LENGTH(change) <= \(briefCharacters) THEN ''
        ELSE SUBSTR(change, LENGTH(change) - \(tailCharacters - 1)) END AS tail
        """

    /// A change's text with its first edits alone; nil when its parts are not found. Keys of the text are in order: edits come first,
    /// each an object. A quote inside of a text has a backslash before it, so that what is looked for stands between texts.
    static func shortened(_ start: String, _ tail: String) -> String? {
        guard start.hasPrefix("{\"edits\":["),
            let edit = start.ranges(of: "},{\"").last,
            let end = tail.ranges(of: "}],\"").last
        else { return nil }
        return String(start[..<edit.lowerBound] + tail[end.lowerBound...])
    }
}
