import Foundation
import Journey
import Kernel
import Store

/// The changes that wait, a table of the store.
enum Schedules {
    static let kind = "schedule.item"

    static let migrations: [Migration] = [
        Migration(
            "schedule/1",
            "CREATE TABLE schedule_item (id TEXT PRIMARY KEY, at BIGINT NOT NULL, text TEXT NOT NULL);")
    ]

    static func list(in transaction: StoreTransaction) throws -> [ScheduledChange] {
        // One that cannot be read hides itself and not the others.
        try transaction.rows("SELECT text FROM schedule_item ORDER BY at, id").compactMap {
            try? decode($0.text("text"))
        }
    }

    static func due(_ now: Int64, in transaction: StoreTransaction) throws -> [ScheduledChange] {
        try transaction.rows("SELECT text FROM schedule_item WHERE at <= ? ORDER BY at, id", [.integer(now)])
            .compactMap { try? decode($0.text("text")) }
            // Of what is due at one moment, ends come first: what begins then was planned without what ends.
            .sorted {
                ($0.at, $0.undoes == nil ? 1 : 0, Int64($0.id) ?? 0) < (
                    $1.at, $1.undoes == nil ? 1 : 0, Int64($1.id) ?? 0
                )
            }
    }

    static func current(_ path: [String], in transaction: StoreTransaction) throws -> String? {
        try transaction.row("SELECT text FROM schedule_item WHERE id = ?", [.text(path[0])])?.text("text")
    }

    static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM schedule_item WHERE id = ?", [.text(edit.path[0])])
        guard let text = edit.after else { return }
        let count = try transaction.row("SELECT COUNT(*) AS n FROM schedule_item")?.integer("n") ?? 0
        guard count < ScheduleLimits.waiting else {
            throw Failure(
                .limit, "\(ScheduleLimits.waiting) changes are scheduled, which is the most",
                hint: "hq calendar shows them")
        }
        try transaction.execute(
            "INSERT INTO schedule_item VALUES (?, ?, ?)",
            [.text(edit.path[0]), .integer(try decode(text).at), .text(text)])
    }

    static func creation(_ item: ScheduledChange) throws -> Edit {
        Edit(kind, [item.id], before: nil, after: try JSON.string(of: item))
    }

    /// Whoever may make the change may cancel it.
    static func role(toChange edit: Edit) -> Role {
        (edit.after ?? edit.before).flatMap { try? decode($0).needs } ?? .operator
    }

    /// When it is due, in milliseconds since 1970.
    static func time(of text: String) -> Int64? { try? decode(text).at }

    static func removal(_ item: ScheduledChange) throws -> Edit { try creation(item).inverse }

    private static func decode(_ text: String) throws -> ScheduledChange {
        try JSONDecoder().decode(ScheduledChange.self, from: Data(text.utf8))
    }
}
