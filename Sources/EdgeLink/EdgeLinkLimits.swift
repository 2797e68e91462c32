/// Bounds of what control and edges tell each other.
package enum EdgeLinkLimits {
    /// Bytes of a dictionary that stands in the snapshot itself, on the line and on the disk; a larger one goes beside it.
    package static let inlineEntryBytes = 64 * 1024
    /// Bytes of one piece of a dictionary on the line: a line is read whole before it is understood.
    package static let partBytes = 192 * 1024
    /// Bytes of one dictionary: a million entries of a thousand. Nothing more is made room for, whatever a line says.
    package static let entryBytes = 1 << 30
    /// Bytes of the journal of changes on an edge's disk, some ten thousand, beyond which the whole is written anew.
    package static let journalBytes = 4 * 1024 * 1024
    /// Entries of one change of a dictionary that go as a change, in one line; of more, the dictionaries go whole.
    package static let deltaEntries = 100_000
}
