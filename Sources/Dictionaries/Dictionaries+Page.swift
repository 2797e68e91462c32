package import Store

extension Dictionaries {
    /// Some of a dictionary's entries, in the order of keys (that of their bytes) or the other way round.
    package static func page(
        of dictionary: String, offset: Int, limit: Int, descending: Bool, in transaction: StoreTransaction
    ) throws -> [(key: String, value: String)] {
        _ = try declaration(of: dictionary, in: transaction)
        return try transaction.rows(
            """
            SELECT key, value FROM dict_entry WHERE dict = ? ORDER BY key \(descending ? "DESC" : "ASC")
            LIMIT ? OFFSET ?
            """,
            [.text(dictionary), .integer(Int64(limit)), .integer(Int64(offset))]
        ).map { ($0.text("key"), $0.text("value")) }
    }
}
