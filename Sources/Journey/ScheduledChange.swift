/// A change that waits for its time: what was planned, not the words that planned it.
package struct ScheduledChange: Sendable, Codable, Hashable {
    /// The number of the entry that scheduled it; undoing that entry cancels this.
    package let id: String
    /// Milliseconds since 1970.
    package let at: Int64
    package let summary: String
    package let edits: [Edit]
    package let person: String
    /// What a person must be allowed when the time has come.
    package let needs: Role
    package let argv: [String]
    package let because: String?
    package let overrides: [String]
    /// When it is taken back by itself.
    package let until: Int64?
    /// The entry that this one takes back.
    package let undoes: Int64?
    /// What the person was when it was asked for: a token may do less than its person. Nil in what was scheduled before this was kept.
    package let role: Role?

    package init(
        id: String, at: Int64, change: Change, person: String, needs: Role, argv: [String], because: String?,
        overrides: [String], until: Int64?, undoes: Int64?, role: Role? = nil
    ) {
        self.id = id
        self.at = at
        summary = change.summary
        edits = change.edits
        self.person = person
        self.needs = needs
        self.argv = argv
        self.because = because
        self.overrides = overrides
        self.until = until
        self.undoes = undoes
        self.role = role
    }
}
