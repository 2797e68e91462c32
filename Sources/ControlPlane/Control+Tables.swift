import CampaignFile
import Dictionaries
import Journey
import Store
import VCLRuntime

/// A dictionary as edges have it, and the state in which it was so.
struct KeptTable: Sendable {
    let table: Table
    let changes: Int64
}

extension Control {
    /// Every dictionary with its content, secrets in the clear; what has not changed since the last time is not read again.
    func currentTables() throws -> (tables: [String: Table], declared: [DictionaryDeclaration]) {
        let (kept, opened) = (tables, opened)
        let (fresh, declared) = try store.read { transaction in
            let declared = try Dictionaries.list(in: transaction).map(\.declaration)
            var fresh: [String: KeptTable] = [:]
            for one in declared {
                let changes = try Dictionaries.state(of: one.name, in: transaction).changes
                if let old = kept[one.name], old.changes == changes {
                    fresh[one.name] = old
                    continue
                }
                var builder = EntryBlockBuilder()
                try Dictionaries.forEachEntry(of: one.name, in: transaction) { builder.add($0, opened($1)) }
                fresh[one.name] = KeptTable(
                    table: Table(name: one.name, builder.finished()), changes: changes)
            }
            return (fresh, declared)
        }
        tables = fresh
        return (fresh.mapValues(\.table), declared)
    }

    /// What was just committed, in the tables that are kept.
    func follow(_ change: Change) {
        for (name, edits) in Dictionary(
            grouping: change.edits.filter { $0.kind == Dictionaries.kind }, by: { $0.path[0] })
        {
            guard let old = tables[name] else { continue }
            tables[name] = KeptTable(
                table: changed(old.table, by: edits), changes: old.changes + Int64(edits.count))
        }
    }

    /// The table after these edits of its dictionary.
    func changed(_ table: Table, by edits: [Edit]) -> Table {
        table.setting(
            edits.compactMap { edit in edit.after.map { (key: edit.path[1], value: opened($0)) } },
            removing: edits.filter { $0.after == nil }.map { $0.path[1] })
    }
}
