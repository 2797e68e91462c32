import Kernel
import Store

/// The number of the latest update for edges. It only grows, over restarts and restores too, so that an edge never takes an
/// old update for a new one.
enum Revision {
    static let migrations: [Migration] = [
        Migration(
            "control/1",
            """
            CREATE TABLE control_revision (only_row INTEGER PRIMARY KEY, number BIGINT NOT NULL);
            INSERT INTO control_revision (only_row, number) VALUES (1, 0);
            """)
    ]

    /// Takes the next number, above `least` and above every number before.
    static func next(after least: Int64, in transaction: StoreTransaction) throws -> Int64 {
        let last = try transaction.row("SELECT number FROM control_revision WHERE only_row = 1")?.integer(
            "number")
        let next = max(last ?? 0, least) + 1
        try transaction.execute("UPDATE control_revision SET number = ? WHERE only_row = 1", [.integer(next)])
        return next
    }
}
