package import Store

/// When things were touched, for who shows them with their times. In milliseconds since 1970.
extension Ledger {
    /// First and last, of all things from one `Edit.resource` to another, both included.
    package static func times(
        from first: String, through last: String, in transaction: StoreTransaction
    ) throws -> [String: (first: Int64, last: Int64)] {
        let rows = try transaction.rows(
            """
            SELECT resource, MIN(at) AS first, MAX(at) AS last FROM ledger_touched
            JOIN ledger_entry ON ledger_entry.number = ledger_touched.number
            WHERE resource >= ? AND resource <= ? GROUP BY resource
            """,
            [.text(first), .text(last)])
        return Dictionary(
            rows.map { ($0.text("resource"), ($0.integer("first"), $0.integer("last"))) },
            uniquingKeysWith: { $1 })
    }

    /// The last time at which anything was touched whose `Edit.resource` begins with `prefix`; nil for never.
    package static func lastTime(touching prefix: String, in transaction: StoreTransaction) throws -> Int64? {
        try transaction.row(
            """
            SELECT at FROM ledger_entry WHERE number =
            (SELECT MAX(number) FROM ledger_touched WHERE resource >= ? AND resource < ?)
            """,
            [.text(prefix), .text(prefix + "\u{10FFFF}")])?.integer("at")
    }
}
