/// What a person may do. Each role may do what the ones before it may.
package enum Role: String, Sendable, Codable, CaseIterable, Comparable {
    /// Sees everything.
    case viewer
    /// Changes dictionaries, and content that names them.
    case editor
    /// Changes how the campaign's systems run.
    case `operator`
    /// Invites people and hands out tokens.
    case admin

    package static func < (left: Role, right: Role) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}

package enum Door: String, Sendable, Codable, CaseIterable {
    case terminal, console, api, chat
    /// HQ itself: the watch, a schedule, a file that changed on disk.
    case hq
}

/// Who asks, and through which door.
package struct Actor: Sendable, Codable, Hashable {
    package let name: String
    package let role: Role
    package let door: Door
    /// Where the person's request came from, if that is known. Never written down.
    package var address: String?

    private enum CodingKeys: CodingKey { case name, role, door }

    package init(name: String, role: Role, door: Door, address: String? = nil) {
        self.name = name
        self.role = role
        self.door = door
        self.address = address
    }

    package static let hq = Actor(name: "hq", role: .admin, door: .hq)
}

/// One thing that differs: `before` and `after` are nil where the thing does not exist. Every state of HQ that can change
/// is a set of such things, so that an undo is the same edit the other way round.
package struct Edit: Sendable, Codable, Hashable {
    /// The kind of thing, which names its owner (`dict.entry`), and the thing itself (`redirects`, `/debate`).
    package let kind: String
    package let path: [String]
    package let before: String?
    package let after: String?

    package init(_ kind: String, _ path: [String], before: String?, after: String?) {
        self.kind = kind
        self.path = path
        self.before = before
        self.after = after
    }

    package var inverse: Edit { Edit(kind, path, before: after, after: before) }
    /// One key for each thing, for look-ups in the ledger.
    package var resource: String { ([kind] + path).joined(separator: "\u{1F}") }
}

/// What will differ when a command is carried out. Made by planning, judged by guards, stored with its entry.
package struct Change: Sendable, Codable, Hashable {
    /// In words for everybody: `redirects: /debate -> https://...`.
    package let summary: String
    package let edits: [Edit]
    /// Why there is no undo, when there is none.
    package let noUndo: String?

    package init(summary: String, edits: [Edit], noUndo: String? = nil) {
        self.summary = summary
        self.edits = edits
        self.noUndo = noUndo
    }

    package var inverse: [Edit] { edits.reversed().map(\.inverse) }
}

/// What a guard says of a change.
package struct Verdict: Sendable, Codable, Hashable {
    package enum Decision: String, Sendable, Codable { case pass, warn, block }

    /// `calendar`, `vcl`, `urls`: also what `--override` names.
    package let guardName: String
    package let decision: Decision
    /// For somebody who is no engineer.
    package let reason: String
    /// What to type to go on all the same; nil where nothing leads past.
    package let wayPast: String?
    /// Set when it blocked and was overridden.
    package var overridden = false

    package init(_ guardName: String, _ decision: Decision, _ reason: String, wayPast: String? = nil) {
        self.guardName = guardName
        self.decision = decision
        self.reason = reason
        self.wayPast = wayPast
    }

    /// The same as a warning: what it speaks against waits, and is not refused.
    package var softened: Verdict { Verdict(guardName, .warn, reason, wayPast: wayPast) }
}
