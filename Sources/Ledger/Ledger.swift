import Crypto
import Foundation
package import Journey
import Kernel
package import Store

/// One change that was asked for, and what became of it. Entries are never changed: that one was undone is said by the
/// entry that undid it.
package struct LedgerEntry: Sendable, Codable, Hashable {
    package enum Outcome: String, Sendable, Codable { case applied, refused }

    package let number: Int64
    /// Milliseconds since 1970.
    package let at: Int64
    package let actor: Actor
    package let argv: [String]
    package let change: Change
    package let verdicts: [Verdict]
    package let outcome: Outcome
    package let because: String?
    /// The entry that this one takes back.
    package let undoes: Int64?
    package let previousHash: String
    package let hash: String
}

/// What an entry will hold before it has a number.
package struct LedgerDraft: Sendable {
    package var at: Int64
    package var actor: Actor
    package var argv: [String]
    package var change: Change
    package var verdicts: [Verdict]
    package var outcome: LedgerEntry.Outcome
    package var because: String?
    package var undoes: Int64?

    package init(
        at: Int64, actor: Actor, argv: [String], change: Change, verdicts: [Verdict],
        outcome: LedgerEntry.Outcome, because: String?,
        undoes: Int64? = nil
    ) {
        self.at = at
        self.actor = actor
        self.argv = argv
        self.change = change
        self.verdicts = verdicts
        self.outcome = outcome
        self.because = because
        self.undoes = undoes
    }
}

/// The hash chain of entries. Each entry's hash covers its content and the hash before it; the head is kept beside the
/// chain, so that a removed last entry shows as well as a removed or altered one in the middle.
package enum Ledger {
    package static let migrations: [Migration] = [
        Migration(
            "ledger/1",
            """
            CREATE TABLE ledger_entry (
                number BIGINT PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, person TEXT NOT NULL, door TEXT NOT NULL,
                argv TEXT NOT NULL, change TEXT NOT NULL, verdicts TEXT NOT NULL, outcome TEXT NOT NULL, because TEXT,
                undoes BIGINT, previous_hash TEXT NOT NULL, hash TEXT NOT NULL);
            CREATE INDEX ledger_entry_undoes ON ledger_entry (undoes);
            CREATE TABLE ledger_touched (resource TEXT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (resource, number));
            CREATE TABLE ledger_head (only_row INTEGER PRIMARY KEY, number BIGINT NOT NULL, hash TEXT NOT NULL);
            INSERT INTO ledger_head (only_row, number, hash) VALUES (1, 0, '');
            """)
    ]

    /// Appends in the caller's transaction, so that a change and its entry are committed together.
    package static func append(_ draft: LedgerDraft, in transaction: StoreTransaction) throws -> LedgerEntry {
        let head = try head(in: transaction)
        let entry = try seal(draft, number: head.number + 1, after: head.hash)
        let texts = try columns(entry)
        try transaction.execute(
            "INSERT INTO ledger_entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(entry.number), .integer(entry.at), .text(texts.actor), .text(entry.actor.name),
                .text(entry.actor.door.rawValue),
                .text(texts.argv), .text(texts.change), .text(texts.verdicts), .text(entry.outcome.rawValue),
                StoreValue(entry.because),
                StoreValue(entry.undoes), .text(entry.previousHash), .text(entry.hash),
            ])
        if entry.outcome == .applied {
            for resource in Set(entry.change.edits.map(\.resource)) {
                try transaction.execute(
                    "INSERT INTO ledger_touched VALUES (?, ?)", [.text(resource), .integer(entry.number)])
            }
        }
        try transaction.execute(
            "UPDATE ledger_head SET number = ?, hash = ? WHERE only_row = 1",
            [.integer(entry.number), .text(entry.hash)])
        return entry
    }

    package static func head(in transaction: StoreTransaction) throws -> (number: Int64, hash: String) {
        guard let row = try transaction.row("SELECT number, hash FROM ledger_head WHERE only_row = 1") else {
            return (0, "")
        }
        return (row.integer("number"), row.text("hash"))
    }

    package static func entry(_ number: Int64, in transaction: StoreTransaction) throws -> LedgerEntry? {
        try transaction.row("SELECT * FROM ledger_entry WHERE number = ?", [.integer(number)]).map {
            try decode($0)
        }
    }

    /// Characters of `Filter.containing` that are looked at: longer patterns take a reader's time and find nothing more.
    static let filterCharacters = 200

    /// Which entries `list` returns.
    package struct Filter: Sendable {
        package var person: String?
        package var door: Door?
        package var after: Int64 = 0
        package var before: Int64?
        /// What `Edit.resource` of one of its edits begins with.
        package var resource: String?
        /// `resource` is the whole of it.
        package var isWholeResource = false
        /// Part of the summary or of a resource's name.
        package var containing: String?
        package var limit = 50
        /// For who shows entries and does nothing else with them: of a change of thousands of edits the first ones suffice. Without
        /// `resource`.
        package var isBrief = false
        package init() {}
    }

    /// The newest that fit, newest first.
    package static func list(_ filter: Filter, in transaction: StoreTransaction) throws -> [LedgerEntry] {
        let isBrief = filter.isBrief && filter.resource == nil
        var sql = "SELECT \(isBrief ? briefColumns : "*") FROM ledger_entry WHERE number > ?"
        var arguments: [StoreValue] = [.integer(filter.after)]
        if let person = filter.person {
            sql += " AND person = ?"
            arguments.append(.text(person))
        }
        if let door = filter.door {
            sql += " AND door = ?"
            arguments.append(.text(door.rawValue))
        }
        if let part = filter.containing {
            sql += " AND (change LIKE ? ESCAPE '!' OR because LIKE ? ESCAPE '!')"
            let escaped = part.prefix(filterCharacters).replacing("!", with: "!!").replacing("%", with: "!%")
                .replacing("_", with: "!_")
            arguments += [.text("%\(escaped)%"), .text("%\(escaped)%")]
        }
        if let resource = filter.resource {
            sql += " AND number IN (SELECT number FROM ledger_touched WHERE resource >= ? AND resource <= ?)"
            arguments += [
                .text(resource), .text(filter.isWholeResource ? resource : resource + "\u{10FFFF}"),
            ]
        }
        if let before = filter.before {
            sql += " AND number < ?"
            arguments.append(.integer(before))
        }
        sql += " ORDER BY number DESC LIMIT ?"
        arguments.append(.integer(Int64(filter.limit)))
        return try transaction.rows(sql, arguments).map { row in
            guard isBrief, !row.text("tail").isEmpty else { return try decode(row) }
            if let brief = shortened(row.text("change"), row.text("tail")) { return try decode(row, brief) }
            // What is long for another reason is read whole.
            return try entry(row.integer("number"), in: transaction) ?? decode(row)
        }
    }

    /// The latest applied entry after `number` that touched `resource`.
    package static func laterEntry(
        touching resource: String, after number: Int64, in transaction: StoreTransaction
    ) throws -> Int64? {
        try transaction.row(
            "SELECT MAX(number) AS number FROM ledger_touched WHERE resource = ? AND number > ?",
            [.text(resource), .integer(number)]
        )?.optionalInteger("number")
    }

    /// The entry that undid `number` and was not itself undone.
    package static func undoer(of number: Int64, in transaction: StoreTransaction) throws -> Int64? {
        let row = try transaction.row(
            "SELECT MAX(number) AS number FROM ledger_entry WHERE undoes = ? AND outcome = 'applied'",
            [.integer(number)])
        guard let undoer = row?.optionalInteger("number") else { return nil }
        return try self.undoer(of: undoer, in: transaction) == nil ? undoer : nil
    }

    /// The first thing wrong with the chain, or nil.
    package static func verify(in transaction: StoreTransaction) throws -> String? {
        var hash = ""
        var number: Int64 = 0
        for row in try transaction.rows("SELECT * FROM ledger_entry ORDER BY number") {
            number += 1
            let found = row.integer("number")
            guard found == number else { return "entry \(number) is missing" }
            guard row.text("previous_hash") == hash else {
                return "entry \(number) does not follow entry \(number - 1)"
            }
            guard let entry = try? decode(row) else { return "entry \(number) cannot be read" }
            let draft = LedgerDraft(
                at: entry.at, actor: entry.actor, argv: entry.argv, change: entry.change,
                verdicts: entry.verdicts, outcome: entry.outcome,
                because: entry.because, undoes: entry.undoes)
            guard try seal(draft, number: number, after: hash).hash == entry.hash,
                row.text("person") == entry.actor.name, row.text("door") == entry.actor.door.rawValue
            else { return "entry \(number) was altered" }
            hash = entry.hash
        }
        let head = try head(in: transaction)
        if head.number > number { return "entries \(number + 1) to \(head.number) are missing at the end" }
        return head.number == number && head.hash == hash
            ? nil : "the ledger's head does not fit entry \(number)"
    }

    // MARK: parts

    private struct Texts {
        let actor: String
        let argv: String
        let change: String
        let verdicts: String
    }

    private static func columns(_ entry: LedgerEntry) throws -> Texts {
        Texts(
            actor: try JSON.string(of: entry.actor), argv: try JSON.string(of: entry.argv),
            change: try JSON.string(of: entry.change), verdicts: try JSON.string(of: entry.verdicts))
    }

    private static func seal(_ draft: LedgerDraft, number: Int64, after hash: String) throws -> LedgerEntry {
        func entry(_ own: String) -> LedgerEntry {
            LedgerEntry(
                number: number, at: draft.at, actor: draft.actor, argv: draft.argv, change: draft.change,
                verdicts: draft.verdicts,
                outcome: draft.outcome, because: draft.because, undoes: draft.undoes, previousHash: hash,
                hash: own)
        }
        let digest = SHA256.hash(data: try JSON.text(of: entry("")))
        return entry(digest.hexadecimal)
    }

    /// `change`: its text, when that is not what the row has.
    private static func decode(_ row: StoreRow, _ change: String? = nil) throws -> LedgerEntry {
        func value<T: Decodable>(_ column: String, _ type: T.Type) throws -> T {
            try JSONDecoder().decode(type, from: Data(row.text(column).utf8))
        }
        guard let outcome = LedgerEntry.Outcome(rawValue: row.text("outcome")) else {
            throw Failure(.internal, "entry \(row.integer("number")) has an unknown outcome")
        }
        return LedgerEntry(
            number: row.integer("number"), at: row.integer("at"), actor: try value("actor", Actor.self),
            argv: try value("argv", [String].self),
            change: try JSONDecoder().decode(
                Change.self, from: Data((change ?? row.text("change")).utf8)),
            verdicts: try value("verdicts", [Verdict].self),
            outcome: outcome,
            because: row.optionalText("because"), undoes: row.optionalInteger("undoes"),
            previousHash: row.text("previous_hash"),
            hash: row.text("hash"))
    }
}
