package import Store

// How many entries each dictionary has is kept beside them, as counting a million takes longer than changing one.

extension Dictionaries {
    /// How a dictionary stands.
    package struct State: Sendable, Hashable {
        package let entries: Int
        /// Entries written since the beginning: who has seen the same number has seen the same entries.
        package let changes: Int64
    }

    package static func state(of dictionary: String, in transaction: StoreTransaction) throws -> State {
        let row = try transaction.row(
            "SELECT entries, changes FROM dict_state WHERE dict = ?", [.text(dictionary)])
        return State(entries: Int(row?.integer("entries") ?? 0), changes: row?.integer("changes") ?? 0)
    }

    /// Counts what was written; every function that writes entries calls it in the same transaction.
    static func count(
        _ dictionary: String, added: Int, changes: Int, in transaction: StoreTransaction
    ) throws {
        let met = try transaction.rowsChanged(
            by: "UPDATE dict_state SET entries = entries + ?, changes = changes + ? WHERE dict = ?",
            [.integer(Int64(added)), .integer(Int64(changes)), .text(dictionary)])
        guard met == 0 else { return }
        try transaction.execute(
            "INSERT INTO dict_state VALUES (?, ?, ?)",
            [.text(dictionary), .integer(Int64(added)), .integer(Int64(changes))])
    }

    /// Each entry in the order of keys, one at a time.
    package static func forEachEntry(
        of dictionary: String, in transaction: StoreTransaction,
        _ body: (_ key: String, _ value: String) throws -> Void
    ) throws {
        try transaction.forEachPair(
            "SELECT key, value FROM dict_entry WHERE dict = ? ORDER BY key", [.text(dictionary)], body)
    }
}
