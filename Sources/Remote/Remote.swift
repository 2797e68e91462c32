package import Journey
import Kernel
package import Store

/// What HQ wants a service elsewhere to be, and how far that has come. The store decides; a reconciler makes it so there.
package enum Remote {
    /// Which version is to be live: the path is the service's id, the value the version's number.
    package static let kind = "remote.version"

    package static let migrations: [Migration] = [
        Migration(
            "remote/1",
            """
            CREATE TABLE remote_service (
                service TEXT PRIMARY KEY, wanted TEXT, reached TEXT, mirrored BIGINT NOT NULL DEFAULT 0,
                purged BIGINT NOT NULL DEFAULT 0);
            """)
    ]

    package struct State: Sendable, Hashable {
        /// The version that is to be live; nil before the first push.
        package let wanted: String?
        /// The version that was live when it was last made so.
        package let reached: String?
        /// The entry of the ledger up to which entries have followed.
        package let mirrored: Int64
        /// The update of edges up to which purges have followed.
        package let purged: Int64
    }

    package static func state(of service: String, in transaction: StoreTransaction) throws -> State {
        let row = try transaction.row("SELECT * FROM remote_service WHERE service = ?", [.text(service)])
        return State(
            wanted: row?.optionalText("wanted"), reached: row?.optionalText("reached"),
            mirrored: row?.integer("mirrored") ?? 0, purged: row?.integer("purged") ?? 0)
    }

    package static func current(_ path: [String], in transaction: StoreTransaction) throws -> String? {
        try state(of: path[0], in: transaction).wanted
    }

    package static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        try save(edit.path[0], "wanted", StoreValue(edit.after), in: transaction)
    }

    /// What was found live there, when nobody here had a say in it.
    package static func note(live version: Int, of service: String, in transaction: StoreTransaction) throws {
        try save(service, "wanted", .text("\(version)"), in: transaction)
        try save(service, "reached", .text("\(version)"), in: transaction)
    }

    package static func reached(_ version: String, of service: String, in transaction: StoreTransaction)
        throws
    {
        try save(service, "reached", .text(version), in: transaction)
    }

    package static func mirrored(_ entry: Int64, of service: String, in transaction: StoreTransaction) throws
    {
        try save(service, "mirrored", .integer(entry), in: transaction)
    }

    package static func purged(_ number: Int64, of service: String, in transaction: StoreTransaction) throws {
        try save(service, "purged", .integer(number), in: transaction)
    }

    private static func save(
        _ service: String, _ column: String, _ value: StoreValue, in transaction: StoreTransaction
    ) throws {
        let known = try transaction.row(
            "SELECT service FROM remote_service WHERE service = ?", [.text(service)])
        if known == nil {
            try transaction.execute("INSERT INTO remote_service (service) VALUES (?)", [.text(service)])
        }
        try transaction.execute(
            "UPDATE remote_service SET \(column) = ? WHERE service = ?", [value, .text(service)])
    }
}
