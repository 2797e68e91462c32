import Crypto
package import Journey
import Kernel
package import Store

/// The people of the campaign and the tokens by which programs act for them. A token is shown once and kept as a hash.
package enum People {
    package static let migrations: [Migration] = [
        Migration(
            "people/1",
            """
            CREATE TABLE people_person (name TEXT PRIMARY KEY, role TEXT NOT NULL);
            CREATE TABLE people_removed (name TEXT PRIMARY KEY);
            CREATE TABLE people_token (
                hash TEXT PRIMARY KEY, id BIGINT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, label TEXT NOT NULL,
                created BIGINT NOT NULL, expires BIGINT NOT NULL);
            """)
    ]

    package static let personKind = "people.person"
    /// Days that a token may live at most: longer than a campaign's last year.
    package static let tokenDays: Int64 = 400

    package struct Token: Sendable, Hashable {
        package let id: Int64
        package let person: String
        package let role: Role
        package let label: String
        /// Milliseconds since 1970.
        package let expires: Int64

        package init(id: Int64, person: String, role: Role, label: String, expires: Int64) {
            self.id = id
            self.person = person
            self.role = role
            self.label = label
            self.expires = expires
        }
    }

    package static func hash(_ token: String) -> String {
        SHA256.hash(data: Array(token.utf8)).hexadecimal
    }

    /// 256 bits from the system's generator, with a beginning that secret scanners can know.
    package static func newToken() -> String {
        "hq_"
            + (0..<4).map { _ in
                let part = String(UInt64.random(in: .min ... .max), radix: 36)
                return String(repeating: "0", count: 13 - part.count) + part
            }.joined()
    }

    // MARK: reading

    package static func list(in transaction: StoreTransaction) throws -> [(name: String, role: Role)] {
        try transaction.rows("SELECT name, role FROM people_person ORDER BY name").map {
            ($0.text("name"), Role(rawValue: $0.text("role")) ?? .viewer)
        }
    }

    package static func role(of name: String, in transaction: StoreTransaction) throws -> Role? {
        try transaction.row("SELECT role FROM people_person WHERE name = ?", [.text(name)]).flatMap {
            Role(rawValue: $0.text("role"))
        }
    }

    package static func tokens(in transaction: StoreTransaction) throws -> [Token] {
        try transaction.rows("SELECT * FROM people_token ORDER BY id").map { token($0) }
    }

    /// Whose token this is, with the smaller of the token's and the person's roles; nil for an unknown or expired one, and for
    /// one whose person is gone.
    package static func actor(token: String, door: Door, now: Int64, in transaction: StoreTransaction) throws
        -> Actor?
    {
        try bearer(token: token, door: door, now: now, in: transaction)?.actor
    }

    /// The same with the token's number.
    package static func bearer(
        token: String, door: Door, now: Int64, in transaction: StoreTransaction
    ) throws -> (actor: Actor, token: Int64)? {
        guard
            let row = try transaction.row(
                "SELECT * FROM people_token WHERE hash = ? AND expires > ?",
                [.text(hash(token)), .integer(now)])
        else { return nil }
        let found = self.token(row)
        guard let role = try role(of: found.person, in: transaction) else { return nil }
        return (Actor(name: found.person, role: min(role, found.role), door: door), found.id)
    }

    private static func token(_ row: StoreRow) -> Token {
        Token(
            id: row.integer("id"), person: row.text("person"),
            role: Role(rawValue: row.text("role")) ?? .viewer, label: row.text("label"),
            expires: row.integer("expires"))
    }

    package static func admins(in transaction: StoreTransaction) throws -> [String] {
        try list(in: transaction).filter { $0.role == .admin }.map(\.name)
    }

    package static func tokenHashes(in transaction: StoreTransaction) throws -> Set<String> {
        Set(try transaction.rows("SELECT hash FROM people_token").map { $0.text("hash") })
    }

    // MARK: writing

    /// Ends every token that is not among `known`.
    package static func endTokens(except known: Set<String>, in transaction: StoreTransaction) throws {
        for hash in try tokenHashes(in: transaction).subtracting(known) {
            try transaction.execute("DELETE FROM people_token WHERE hash = ?", [.text(hash)])
        }
    }

    package static func insert(_ token: String, _ row: Token, now: Int64, in transaction: StoreTransaction)
        throws
    {
        try transaction.execute(
            "INSERT INTO people_token VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .text(hash(token)), .integer(row.id), .text(row.person), .text(row.role.rawValue),
                .text(row.label), .integer(now),
                .integer(row.expires),
            ])
    }

    package static func nextTokenID(in transaction: StoreTransaction) throws -> Int64 {
        try nextNumber("token", in: transaction)
    }

    package static func removeTokens(label: String, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM people_token WHERE label = ?", [.text(label)])
    }

    package static func revoke(_ id: Int64, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM people_token WHERE id = ?", [.integer(id)])
    }

    package static func current(_ path: [String], in transaction: StoreTransaction) throws -> String? {
        try role(of: path[0], in: transaction)?.rawValue
    }

    /// Takes over what the campaign file says anew: whoever it names and nobody knows joins, whoever it no longer names leaves,
    /// and a role that it changed is changed. What it said before and says again changes nothing, so that what was done by
    /// command holds; somebody who was removed by command stays so until invited.
    package static func declare(
        _ people: [(name: String, role: Role)], after old: [(name: String, role: Role)],
        in transaction: StoreTransaction
    ) throws {
        let before = Dictionary(old.map { ($0.name, $0.role) }, uniquingKeysWith: { $1 })
        for (name, role) in people {
            let known = try self.role(of: name, in: transaction)
            if known == nil {
                let removed = try transaction.row(
                    "SELECT name FROM people_removed WHERE name = ?", [.text(name)])
                guard removed == nil else { continue }
            } else if before[name] == nil || before[name] == role {
                continue
            }
            try apply(Edit(personKind, [name], before: nil, after: role.rawValue), in: transaction)
        }
        for (name, _) in old where !people.contains(where: { $0.name == name }) {
            try leave(name, in: transaction)
        }
    }

    /// Whoever is removed loses every token at once.
    package static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        let name: StoreValue = .text(edit.path[0])
        try transaction.execute("DELETE FROM people_person WHERE name = ?", [name])
        try transaction.execute("DELETE FROM people_removed WHERE name = ?", [name])
        if let role = edit.after {
            try transaction.execute("INSERT INTO people_person VALUES (?, ?)", [name, .text(role)])
        } else {
            try leave(edit.path[0], in: transaction)
            try transaction.execute("INSERT INTO people_removed VALUES (?)", [name])
        }
    }

    private static func leave(_ name: String, in transaction: StoreTransaction) throws {
        for table in ["people_person", "people_token", "people_session", "people_link", "people_factor"] {
            let column = table == "people_person" ? "name" : "person"
            try transaction.execute("DELETE FROM \(table) WHERE \(column) = ?", [.text(name)])
        }
    }
}
