package import Journey
import Kernel
package import Store

/// Somebody at the console.
package struct Session: Sendable, Hashable {
    package let id: Int64
    package let person: String
    /// The person's own role; `role` is what this session may do.
    package let fullRole: Role
    /// Milliseconds since 1970.
    package let created: Int64
    package let seen: Int64
    package let expires: Int64
    /// Where it came from; empty when that was kept long enough.
    package let address: String
    /// What every form of this session carries, so that no other site can send one.
    package let formToken: String
    /// Whether the person has a second factor, and whether this session has shown it.
    package let hasFactor: Bool
    package let isConfirmed: Bool

    package var role: Role { isConfirmed ? fullRole : min(fullRole, SessionLimits.roleWithoutFactor) }
    /// The second factor exists and is still to be shown: until then there is nothing but that question.
    package var awaitsCode: Bool { hasFactor && !isConfirmed }
    package var actor: Actor { Actor(name: person, role: role, door: .console) }
}

extension People {
    package static let sessionMigrations: [Migration] = [
        Migration(
            "people/2-sessions",
            """
            CREATE TABLE people_link (
                hash TEXT PRIMARY KEY, person TEXT NOT NULL, role TEXT NOT NULL, expires BIGINT NOT NULL);
            CREATE TABLE people_session (
                hash TEXT PRIMARY KEY, id BIGINT NOT NULL, person TEXT NOT NULL, role TEXT NOT NULL, created BIGINT NOT NULL,
                seen BIGINT NOT NULL, expires BIGINT NOT NULL, address TEXT NOT NULL, form_token TEXT NOT NULL,
                confirmed BIGINT NOT NULL, attempts BIGINT NOT NULL, offer TEXT NOT NULL);
            CREATE TABLE people_factor (
                person TEXT PRIMARY KEY, secret TEXT NOT NULL, last_step BIGINT NOT NULL, wrong BIGINT NOT NULL,
                wrong_since BIGINT NOT NULL);
            CREATE TABLE people_number (name TEXT PRIMARY KEY, last BIGINT NOT NULL);
            """)
    ]

    // MARK: links

    /// A word that opens one session of `person`, once.
    /// The session may do no more than `role`, whatever its person may.
    package static func newLink(
        for person: String, role: Role, now: Int64, in transaction: StoreTransaction
    ) throws -> String {
        try transaction.execute("DELETE FROM people_link WHERE expires <= ?", [.integer(now)])
        let token = newToken()
        try transaction.execute(
            "INSERT INTO people_link VALUES (?, ?, ?, ?)",
            [.text(hash(token)), .text(person), .text(role.rawValue), .integer(now + SessionLimits.linkLife)])
        return token
    }

    /// Whose link this is; nil when it is unknown, used or too old.
    package static func person(ofLink token: String, now: Int64, in transaction: StoreTransaction) throws
        -> String?
    {
        try transaction.row(
            "SELECT person FROM people_link WHERE hash = ? AND expires > ?",
            [.text(hash(token)), .integer(now)])?.text("person")
    }

    // MARK: sessions

    /// Uses the link up. Returns the session's secret, which goes into a cookie and nowhere else.
    package static func openSession(
        link: String, address: String, now: Int64, in transaction: StoreTransaction
    ) throws -> String? {
        let row = try transaction.row(
            "SELECT person, role FROM people_link WHERE hash = ? AND expires > ?",
            [.text(hash(link)), .integer(now)])
        guard let row, try role(of: row.text("person"), in: transaction) != nil else { return nil }
        try transaction.execute("DELETE FROM people_link WHERE hash = ?", [.text(hash(link))])
        try transaction.execute("DELETE FROM people_session WHERE expires <= ?", [.integer(now)])
        let secret = newToken()
        try transaction.execute(
            "INSERT INTO people_session VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, '')",
            [
                .text(hash(secret)), .integer(try nextNumber("session", in: transaction)),
                .text(row.text("person")), .text(row.text("role")), .integer(now), .integer(now),
                .integer(now + SessionLimits.life), .text(address), .text(newToken()),
            ])
        return secret
    }

    /// Numbers that are given once: one that people have read means the same for ever.
    static func nextNumber(_ name: String, in transaction: StoreTransaction) throws -> Int64 {
        let last = try transaction.row("SELECT last FROM people_number WHERE name = ?", [.text(name)])
        var next = (last?.integer("last") ?? 0) + 1
        if last == nil, name == "token" {
            next =
                (try transaction.row("SELECT MAX(id) AS id FROM people_token")?.optionalInteger("id") ?? 0)
                + 1
        }
        try transaction.execute("DELETE FROM people_number WHERE name = ?", [.text(name)])
        try transaction.execute("INSERT INTO people_number VALUES (?, ?)", [.text(name), .integer(next)])
        return next
    }

    private static let sessionColumns = """
        SELECT s.*, p.role AS own, CASE WHEN f.person IS NULL THEN 0 ELSE 1 END AS factor FROM people_session s
        JOIN people_person p ON p.name = s.person LEFT JOIN people_factor f ON f.person = s.person
        """

    package static func session(secret: String, now: Int64, in transaction: StoreTransaction) throws
        -> Session?
    {
        try transaction.row(
            sessionColumns + " WHERE s.hash = ? AND s.expires > ? AND s.seen > ?",
            [.text(hash(secret)), .integer(now), .integer(now - SessionLimits.idle)]
        ).map { session($0) }
    }

    package static func sessions(now: Int64, in transaction: StoreTransaction) throws -> [Session] {
        try transaction.rows(
            sessionColumns + " WHERE s.expires > ? AND s.seen > ? ORDER BY s.id",
            [.integer(now), .integer(now - SessionLimits.idle)]
        ).map { session($0) }
    }

    private static func session(_ row: StoreRow) -> Session {
        Session(
            id: row.integer("id"), person: row.text("person"),
            fullRole: min(
                Role(rawValue: row.text("own")) ?? .viewer, Role(rawValue: row.text("role")) ?? .viewer),
            created: row.integer("created"),
            seen: row.integer("seen"), expires: row.integer("expires"), address: row.text("address"),
            formToken: row.text("form_token"), hasFactor: row.integer("factor") != 0,
            isConfirmed: row.integer("confirmed") != 0)
    }

    package static func touch(_ session: Session, now: Int64, in transaction: StoreTransaction) throws {
        try transaction.execute(
            "UPDATE people_session SET seen = ? WHERE id = ?", [.integer(now), .integer(session.id)])
    }

    package static func endSession(_ id: Int64, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM people_session WHERE id = ?", [.integer(id)])
    }

    package static func endSessions(of person: String, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM people_session WHERE person = ?", [.text(person)])
        try transaction.execute("DELETE FROM people_link WHERE person = ?", [.text(person)])
    }

    /// Addresses of visitors of the console are kept no longer than the campaign says.
    package static func forgetAddresses(before: Int64, in transaction: StoreTransaction) throws {
        try transaction.execute(
            "UPDATE people_session SET address = '' WHERE created < ? AND address <> ''", [.integer(before)])
    }

    // MARK: the second factor

    /// The sealed secret of somebody's second factor, and the step of the last code that was shown.
    package static func factor(of person: String, in transaction: StoreTransaction) throws -> (
        sealed: String, lastStep: Int64
    )? {
        try transaction.row("SELECT * FROM people_factor WHERE person = ?", [.text(person)]).map {
            ($0.text("secret"), $0.integer("last_step"))
        }
    }

    /// The sealed secret that this session was offered; no other session sees it.
    package static func offer(to session: Session, in transaction: StoreTransaction) throws -> String? {
        let row = try transaction.row(
            "SELECT offer FROM people_session WHERE id = ?", [.integer(session.id)])
        return row.flatMap { $0.text("offer").isEmpty ? nil : $0.text("offer") }
    }

    package static func offerFactor(_ sealed: String, to session: Session, in transaction: StoreTransaction)
        throws
    {
        try transaction.execute(
            "UPDATE people_session SET offer = ? WHERE id = ?", [.text(sealed), .integer(session.id)])
    }

    /// The first right code for an offered secret: it is the person's second factor from now on. Sessions and links that
    /// somebody else may hold end.
    package static func adopt(_ sealed: String, _ session: Session, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM people_factor WHERE person = ?", [.text(session.person)])
        try transaction.execute(
            "INSERT INTO people_factor VALUES (?, ?, 0, 0, 0)", [.text(session.person), .text(sealed)])
        try transaction.execute(
            "DELETE FROM people_session WHERE person = ? AND id <> ?",
            [.text(session.person), .integer(session.id)])
        try transaction.execute("DELETE FROM people_link WHERE person = ?", [.text(session.person)])
    }

    /// A right code was shown: this session may do what its person may.
    package static func confirm(_ session: Session, step: Int64, in transaction: StoreTransaction) throws {
        try transaction.execute(
            "UPDATE people_factor SET last_step = ?, wrong = 0 WHERE person = ?",
            [.integer(step), .text(session.person)])
        try transaction.execute(
            "UPDATE people_session SET confirmed = 1, attempts = 0, offer = '' WHERE id = ?",
            [.integer(session.id)])
    }

    /// A wrong code. True when it was one too many and the session has ended.
    package static func countWrongCode(_ session: Session, now: Int64, in transaction: StoreTransaction)
        throws -> Bool
    {
        let id: StoreValue = .integer(session.id)
        try transaction.execute(
            """
            UPDATE people_factor SET wrong = CASE WHEN wrong_since > ? THEN wrong + 1 ELSE 1 END,
            wrong_since = CASE WHEN wrong_since > ? THEN wrong_since ELSE ? END WHERE person = ?
            """,
            [
                .integer(now - SessionLimits.wrongCodesPeriod),
                .integer(now - SessionLimits.wrongCodesPeriod),
                .integer(now), .text(session.person),
            ])
        try transaction.execute("UPDATE people_session SET attempts = attempts + 1 WHERE id = ?", [id])
        let row = try transaction.row("SELECT attempts FROM people_session WHERE id = ?", [id])
        guard row?.integer("attempts") ?? 0 >= SessionLimits.attempts else { return false }
        try endSession(session.id, in: transaction)
        return true
    }

    /// Whether so many wrong codes were shown for this person, in whatever sessions, that none is looked at for now.
    package static func isLockedOut(_ person: String, now: Int64, in transaction: StoreTransaction) throws
        -> Bool
    {
        let row = try transaction.row(
            "SELECT wrong, wrong_since FROM people_factor WHERE person = ?", [.text(person)])
        guard let row else { return false }
        return row.integer("wrong") >= SessionLimits.wrongCodes
            && row.integer("wrong_since") > now - SessionLimits.wrongCodesPeriod
    }

    package static func removeFactor(of person: String, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM people_factor WHERE person = ?", [.text(person)])
        try transaction.execute("UPDATE people_session SET confirmed = 0 WHERE person = ?", [.text(person)])
    }

    /// What let people in before a restore lets nobody in after it.
    package static func endAllSessions(in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM people_session")
        try transaction.execute("DELETE FROM people_link")
    }
}
