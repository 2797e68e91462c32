import Foundation
import Journey
import Kernel
package import Rehearsal
package import Store

/// The reports of the last rehearsals, kept so that one can be compared with the one before.
package enum Rehearsals {
    package static let migrations: [Migration] = [
        Migration(
            "rehearsals/1",
            """
            CREATE TABLE rehearsals_report (
                id TEXT PRIMARY KEY, person TEXT NOT NULL, shape TEXT NOT NULL, target TEXT NOT NULL,
                began INTEGER NOT NULL, ended INTEGER NOT NULL, outcome TEXT NOT NULL, gave_first TEXT NOT NULL,
                account TEXT NOT NULL);
            CREATE INDEX rehearsals_report_began ON rehearsals_report (began);
            """)
    ]

    /// What a list says of a report.
    package struct Summary: Sendable, Hashable {
        package let id: String
        package let person: String
        package let shape: String
        package let target: String
        /// Milliseconds since 1970.
        package let began: Int64
        package let ended: Int64
        package let outcome: RehearsalAccount.Outcome
        /// Empty when nothing did.
        package let gaveFirst: String
    }

    /// Keeps a report, once, and lets go of the oldest beyond `RehearsalsLimits.reports`.
    package static func keep(_ record: RehearsalRecord, in transaction: StoreTransaction) throws {
        let account = record.account
        guard try report(account.id, in: transaction) == nil else { return }
        let text = String(decoding: try JSON.text(of: account), as: UTF8.self)
        try transaction.execute(
            "INSERT INTO rehearsals_report VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(account.id), .text(record.person), .text(account.shape), .text(account.target),
                .integer(account.began), .integer(account.ended ?? account.began),
                .text(account.outcome.rawValue), .text(account.gaveFirst ?? ""), .text(text),
            ])
        try transaction.execute(
            """
            DELETE FROM rehearsals_report WHERE id NOT IN
                (SELECT id FROM rehearsals_report ORDER BY began DESC, id DESC LIMIT \(RehearsalsLimits.reports))
            """)
    }

    /// The latest first.
    package static func list(in transaction: StoreTransaction) throws -> [Summary] {
        try transaction.rows(
            """
            SELECT id, person, shape, target, began, ended, outcome, gave_first FROM rehearsals_report
            ORDER BY began DESC, id DESC
            """
        ).map { row in
            Summary(
                id: row.text("id"), person: row.text("person"), shape: row.text("shape"),
                target: row.text("target"), began: row.integer("began"), ended: row.integer("ended"),
                outcome: RehearsalAccount.Outcome(rawValue: row.text("outcome")) ?? .endedEarly,
                gaveFirst: row.text("gave_first"))
        }
    }

    /// Nil when there is none of this name, or one that an older program wrote otherwise.
    package static func report(_ id: String, in transaction: StoreTransaction) throws -> RehearsalRecord? {
        guard
            let row = try transaction.row(
                "SELECT person, account FROM rehearsals_report WHERE id = ?", [.text(id)]),
            let account = try? JSONDecoder().decode(
                RehearsalAccount.self, from: Data(row.text("account").utf8))
        else { return nil }
        return RehearsalRecord(account, person: row.text("person"))
    }
}
