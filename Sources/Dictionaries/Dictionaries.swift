package import CampaignFile
import Foundation
package import Journey
import Kernel
package import Store

/// The campaign's dictionaries: names from the campaign file, entries from people.
package enum Dictionaries {
    package static let kind = "dict.entry"

    package static let migrations: [Migration] = [
        Migration(
            "dict/1",
            """
            CREATE TABLE dict_entry (
                dict TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (dict, key));
            CREATE TABLE dict_declared (name TEXT PRIMARY KEY, about TEXT NOT NULL);
            """),
        Migration(
            "dict/2",
            """
            ALTER TABLE dict_declared ADD COLUMN owner TEXT NOT NULL DEFAULT '';
            ALTER TABLE dict_declared ADD COLUMN declaration TEXT NOT NULL DEFAULT '';
            """),
        Migration(
            "dict/state",
            """
            CREATE TABLE dict_state (dict TEXT PRIMARY KEY, entries BIGINT NOT NULL, changes BIGINT NOT NULL);
            INSERT INTO dict_state SELECT dict, COUNT(*), 0 FROM dict_entry GROUP BY dict;
            """),
    ]

    /// Makes of a secret what is kept of it.
    package typealias Seal = @Sendable (String) throws -> String

    package struct Declared: Sendable, Hashable {
        package let declaration: DictionaryDeclaration
        package let count: Int

        package var name: String { declaration.name }
        package var about: String { declaration.about }
        package var kind: DictionaryKind { declaration.kind }
    }

    // MARK: reading

    package static func list(in transaction: StoreTransaction) throws -> [Declared] {
        try transaction.rows(
            """
            SELECT name, about, declaration, COALESCE(entries, 0) AS entries
            FROM dict_declared LEFT JOIN dict_state ON dict = name ORDER BY name
            """
        ).map { Declared(declaration: declaration($0), count: Int($0.integer("entries"))) }
    }

    private static func declaration(_ row: StoreRow) -> DictionaryDeclaration {
        let text = row.text("declaration")
        return (try? JSONDecoder().decode(DictionaryDeclaration.self, from: Data(text.utf8)))
            ?? DictionaryDeclaration(name: row.text("name"), about: row.text("about"))
    }

    /// What is declared of this dictionary. Throws `Failure(.notFound)` with the name that was meant.
    package static func declaration(of name: String, in transaction: StoreTransaction) throws
        -> DictionaryDeclaration
    {
        let row = try transaction.row(
            "SELECT name, about, declaration FROM dict_declared WHERE name = ?", [.text(name)])
        if let row { return declaration(row) }
        let names = try transaction.rows("SELECT name FROM dict_declared ORDER BY name").map {
            $0.text("name")
        }
        let meant = nearest(name, among: names).map { "did you mean '\($0)'?" }
        throw Failure(
            .notFound, "no dictionary is named '\(name)'",
            hint: meant ?? "there are \(names.joined(separator: ", "))")
    }

    package static func entries(of dictionary: String, in transaction: StoreTransaction) throws -> [(
        key: String, value: String
    )] {
        _ = try declaration(of: dictionary, in: transaction)
        return try transaction.rows(
            "SELECT key, value FROM dict_entry WHERE dict = ? ORDER BY key", [.text(dictionary)]
        )
        .map { ($0.text("key"), $0.text("value")) }
    }

    /// One entry of a list of many.
    package struct Entry: Sendable, Hashable {
        package let dictionary: String
        package let key: String
        /// Masked, if it is a secret.
        package let value: String

        package init(dictionary: String, key: String, value: String) {
            self.dictionary = dictionary
            self.key = key
            self.value = Sealed.masked(value)
        }
    }

    /// The first entries by key whose key or value has these letters in it, of one dictionary or of all.
    package static func find(
        _ text: String, of dictionary: String? = nil, limit: Int, in transaction: StoreTransaction
    ) throws -> [Entry] {
        let part = text.replacing("!", with: "!!").replacing("%", with: "!%").replacing("_", with: "!_")
        var sql = """
            SELECT dict, key, value FROM dict_entry WHERE dict IN (SELECT name FROM dict_declared)
            AND (key LIKE ? ESCAPE '!' OR (value LIKE ? ESCAPE '!' AND value NOT LIKE ?))
            """
        var arguments: [StoreValue] = [.text("%\(part)%"), .text("%\(part)%"), .text("\(Sealed.mark)%")]
        if let dictionary {
            sql += " AND dict = ?"
            arguments.append(.text(dictionary))
        }
        sql += " ORDER BY dict, key LIMIT ?"
        arguments.append(.integer(Int64(limit)))
        return try transaction.rows(sql, arguments).map {
            Entry(dictionary: $0.text("dict"), key: $0.text("key"), value: $0.text("value"))
        }
    }

    package static func value(_ dictionary: String, _ key: String, in transaction: StoreTransaction) throws
        -> String?
    {
        try transaction.row(
            "SELECT value FROM dict_entry WHERE dict = ? AND key = ?", [.text(dictionary), .text(key)])?.text(
                "value")
    }

    // MARK: planning

    /// What the store keeps of a value.
    static func stored(_ value: String, _ declared: DictionaryDeclaration, _ seal: Seal) throws -> String {
        declared.kind == .secrets ? Sealed.mark + (try seal(value)) : value
    }

    /// The key as it is kept: an address has more than one way to be written, and one entry.
    static func canonical(_ key: String, _ declared: DictionaryDeclaration) -> String {
        declared.kind == .addresses ? AddressEntry(key)?.text ?? key : key
    }

    /// `expected`: what the entry must be now, empty for not there; nil for whatever it is.
    package static func planSet(
        _ dictionary: String, _ written: String, _ value: String, expected: String? = nil, seal: Seal,
        in transaction: StoreTransaction
    ) throws -> Change {
        let declared = try declaration(of: dictionary, in: transaction)
        let key = canonical(written, declared)
        try EntryCheck.require(key, value, in: declared)
        let before = try self.value(dictionary, key, in: transaction)
        try requireExpected(expected, before, dictionary, key)
        if before == nil { try checkRoom(dictionary, adding: 1, in: transaction) }
        guard before != value else {
            throw Failure(
                .conflict, "\(dictionary): '\(key)' is '\(value)' already", hint: "nothing to change")
        }
        let edit = Edit(
            kind, [dictionary, key], before: before, after: try stored(value, declared, seal))
        guard declared.kind != .secrets else {
            return Change(
                summary: "\(dictionary): \(key) \(before == nil ? "set" : "set anew"), a secret",
                edits: [edit])
        }
        let summary =
            before.map { "\(dictionary): \(key) -> \(value) (was \($0))" }
            ?? "\(dictionary): \(key) -> \(value)"
        return Change(summary: summary, edits: [edit])
    }

    private static func requireExpected(
        _ expected: String?, _ now: String?, _ dictionary: String, _ key: String
    ) throws {
        guard let expected, expected != now ?? "" else { return }
        throw Failure(
            .conflict,
            "\(dictionary): '\(key)' was changed meanwhile: it \(now.map { "is '\($0)'" } ?? "is not there")",
            hint: "look again and decide anew")
    }

    package static func planUnset(
        _ dictionary: String, _ written: String, expected: String? = nil, in transaction: StoreTransaction
    ) throws -> Change {
        let declared = try declaration(of: dictionary, in: transaction)
        // What was kept before there was one way of writing stays removable.
        let key =
            try value(dictionary, written, in: transaction) == nil ? canonical(written, declared) : written
        try requireExpected(expected, try value(dictionary, key, in: transaction), dictionary, key)
        guard let before = try value(dictionary, key, in: transaction) else {
            let count = try state(of: dictionary, in: transaction).entries
            let keys =
                count > DictionaryLimits.keysCompared
                ? [] : try entries(of: dictionary, in: transaction).map(\.key)
            let meant = nearest(key, among: keys).map { "did you mean '\($0)'?" }
            throw Failure(
                .notFound, "\(dictionary) has no entry '\(key)'", hint: meant ?? "hq dict show \(dictionary)")
        }
        return Change(
            summary: "\(dictionary): \(key) removed (was \(Sealed.masked(before)))",
            edits: [Edit(kind, [dictionary, key], before: before, after: nil)])
    }

    /// What differs when the dictionary becomes `wanted`; with `replace`, entries that `wanted` lacks go.
    package static func planImport(
        _ dictionary: String, _ wanted: [String: String], replace: Bool, seal: Seal,
        in transaction: StoreTransaction
    ) throws -> Change {
        let declared = try declaration(of: dictionary, in: transaction)
        var edits: [Edit] = []
        func add(_ key: String, _ before: String?, _ after: String?) throws {
            guard edits.count < DictionaryLimits.importEntries else {
                throw Failure(
                    .limit,
                    "an import changes \(DictionaryLimits.importEntries) entries at most, this one more",
                    hint: "split the file")
            }
            edits.append(Edit(kind, [dictionary, key], before: before, after: after))
        }
        // Each by itself: the dictionary may be much larger than the file.
        let wanted = Dictionary(
            wanted.map { (canonical($0.key, declared), $0.value) }, uniquingKeysWith: { $1 })
        for (key, value) in wanted.sorted(by: { $0.key < $1.key }) {
            let before = try self.value(dictionary, key, in: transaction)
            guard before != value else { continue }
            try EntryCheck.require(key, value, in: declared)
            try add(key, before, try stored(value, declared, seal))
        }
        if replace {
            try forEachEntry(of: dictionary, in: transaction) { key, value in
                if wanted[key] == nil { try add(key, value, nil) }
            }
        }
        guard !edits.isEmpty else {
            throw Failure(.conflict, "\(dictionary) holds all of that already", hint: "nothing to change")
        }
        let added = edits.filter { $0.before == nil }.count
        let removed = edits.filter { $0.after == nil }.count
        try checkRoom(dictionary, adding: added - removed, in: transaction)
        let summary =
            "\(dictionary): import of \(added) new, \(edits.count - added - removed) changed, \(removed) removed"
        return Change(summary: summary, edits: edits)
    }

    static func checkRoom(_ dictionary: String, adding count: Int, in transaction: StoreTransaction)
        throws
    {
        let now = try state(of: dictionary, in: transaction).entries
        guard now + count > DictionaryLimits.entries else { return }
        throw Failure(
            .limit, "\(dictionary) holds \(now) entries; \(DictionaryLimits.entries) is the most",
            hint: "remove some first")
    }

    // MARK: applying

    package static func current(_ path: [String], in transaction: StoreTransaction) throws -> String? {
        try value(path[0], path[1], in: transaction)
    }

    package static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        let place: [StoreValue] = [.text(edit.path[0]), .text(edit.path[1])]
        let gone = try transaction.rowsChanged(
            by: "DELETE FROM dict_entry WHERE dict = ? AND key = ?", place)
        try count(edit.path[0], added: (edit.after == nil ? 0 : 1) - gone, changes: 1, in: transaction)
        if let value = edit.after {
            try transaction.execute("INSERT INTO dict_entry VALUES (?, ?, ?)", place + [.text(value)])
        }
    }

    /// What a dictionary held before it became one of secrets is one from then on.
    private static func sealAll(of dictionary: String, _ seal: Seal, in transaction: StoreTransaction) throws
    {
        var clear: [(key: String, value: String)] = []
        try forEachEntry(of: dictionary, in: transaction) { key, value in
            if !value.hasPrefix(Sealed.mark) { clear.append((key, value)) }
        }
        for (key, value) in clear {
            try transaction.execute(
                "UPDATE dict_entry SET value = ? WHERE dict = ? AND key = ?",
                [.text(Sealed.mark + (try seal(value))), .text(dictionary), .text(key)])
        }
        try count(dictionary, added: 0, changes: clear.count, in: transaction)
    }

    /// Makes the set of dictionaries of this owner what is declared. A dictionary that is new gets its first entries; entries of
    /// one that is gone stay, in case it comes back. The owner is empty for the campaign file, else a service of the Fastly API.
    package static func declare(
        _ declared: [DictionaryDeclaration], owner: String = "", seal: Seal = { $0 },
        in transaction: StoreTransaction
    ) throws {
        let known = Set(try list(in: transaction).map(\.name))
        try transaction.execute("DELETE FROM dict_declared WHERE owner = ?", [.text(owner)])
        for one in declared {
            try transaction.execute(
                "INSERT INTO dict_declared (name, about, owner, declaration) VALUES (?, ?, ?, ?)",
                [.text(one.name), .text(one.about), .text(owner), .text(try JSON.string(of: one))])
            if one.kind == .secrets { try sealAll(of: one.name, seal, in: transaction) }
            guard !known.contains(one.name), try state(of: one.name, in: transaction).entries == 0 else {
                continue
            }
            for (key, value) in one.first.sorted(by: { $0.key < $1.key }) {
                try transaction.execute(
                    "INSERT INTO dict_entry VALUES (?, ?, ?)", [.text(one.name), .text(key), .text(value)])
            }
            let count = one.first.count
            try self.count(one.name, added: count, changes: count, in: transaction)
        }
    }
}
