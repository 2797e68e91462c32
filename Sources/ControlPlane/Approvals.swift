import Foundation
import Journey
import Kernel
import Store

/// The changes that wait for a second person, a table of the store.
enum Approvals {
    static let kind = "approval.request"

    static let migrations: [Migration] = [
        Migration("approval/1", "CREATE TABLE approval_request (id TEXT PRIMARY KEY, text TEXT NOT NULL);")
    ]

    /// Waiting at once; more would be a list that nobody reads.
    static let most = 200

    static func list(in transaction: StoreTransaction) throws -> [PendingApproval] {
        try transaction.rows("SELECT text FROM approval_request ORDER BY id").compactMap {
            try? decode($0.text("text"))
        }.sorted { $0.asked < $1.asked }
    }

    static func request(_ id: String, in transaction: StoreTransaction) throws -> PendingApproval? {
        try current([id], in: transaction).map(decode)
    }

    static func current(_ path: [String], in transaction: StoreTransaction) throws -> String? {
        try transaction.row("SELECT text FROM approval_request WHERE id = ?", [.text(path[0])])?.text("text")
    }

    static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM approval_request WHERE id = ?", [.text(edit.path[0])])
        guard let text = edit.after else { return }
        let count = try transaction.row("SELECT COUNT(*) AS n FROM approval_request")?.integer("n") ?? 0
        guard count < most else {
            throw Failure(
                .limit, "\(most) changes wait for approval, which is the most",
                hint: "hq approvals shows them")
        }
        try transaction.execute(
            "INSERT INTO approval_request VALUES (?, ?)", [.text(edit.path[0]), .text(text)])
    }

    static func creation(_ pending: PendingApproval) throws -> Edit {
        Edit(kind, [pending.change.id], before: nil, after: try JSON.string(of: pending))
    }

    static func removal(_ pending: PendingApproval) throws -> Edit { try creation(pending).inverse }

    /// Whoever may ask for the change may withdraw it.
    static func role(toChange edit: Edit) -> Role {
        (edit.after ?? edit.before).flatMap { try? decode($0).change.needs } ?? .operator
    }

    private static func decode(_ text: String) throws -> PendingApproval {
        try JSONDecoder().decode(PendingApproval.self, from: Data(text.utf8))
    }
}
