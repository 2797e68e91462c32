import CampaignFile
package import Journey
import Kernel
import Ledger
package import Store
import VCLRuntime

/// The shed switch as the store keeps it: while it is on, edges serve only what their caches have. One thing that differs, so
/// that it is changed, undone and ended by itself as any other.
package enum ShedSwitch {
    static let kind = "edge.shed"
    static let path = ["edges"]
    private static let on = "on"

    static let migrations: [Migration] = [
        Migration("shed/1", "CREATE TABLE edge_shed (name TEXT PRIMARY KEY, state TEXT NOT NULL);")
    ]

    static func isOn(in transaction: StoreTransaction) throws -> Bool {
        try current(path, in: transaction) != nil
    }

    static func current(_ path: [String], in transaction: StoreTransaction) throws -> String? {
        try transaction.row("SELECT state FROM edge_shed WHERE name = ?", [.text(path[0])])?.text("state")
    }

    static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        try transaction.execute("DELETE FROM edge_shed WHERE name = ?", [.text(edit.path[0])])
        guard let state = edit.after else { return }
        try transaction.execute("INSERT INTO edge_shed VALUES (?, ?)", [.text(edit.path[0]), .text(state)])
    }

    /// Throws `Failure(.conflict)` when it is as it shall be.
    package static func plan(on wanted: Bool, in transaction: StoreTransaction) throws -> Change {
        let isOn = try isOn(in: transaction)
        guard isOn != wanted else {
            throw Failure(
                .conflict,
                isOn ? "edges serve only what they have already" : "edges fetch what they lack already",
                hint: isOn ? "hq edge shed off ends it" : "nothing to change")
        }
        guard wanted else {
            // What ends it by itself later ends with it.
            let ends = try Schedules.list(in: transaction).filter { item in
                item.undoes != nil && item.edits.allSatisfy { $0.kind == kind }
            }
            return Change(
                summary: "edges fetch again what they lack",
                edits: [Edit(kind, path, before: on, after: nil)]
                    + (try ends.map { try Schedules.removal($0) }))
        }
        return Change(
            summary: "edges serve only what they have", edits: [Edit(kind, path, before: nil, after: on)])
    }

    /// The entry that switched it on, when it is on.
    static func entry(in transaction: StoreTransaction) throws -> LedgerEntry? {
        let resource = Edit(kind, path, before: nil, after: nil).resource
        guard try isOn(in: transaction),
            let number = try Ledger.laterEntry(touching: resource, after: 0, in: transaction)
        else { return nil }
        return try Ledger.entry(number, in: transaction)
    }
}

extension Change {
    /// Whether it turns the shed switch, and does nothing else that visitors see.
    var isShedding: Bool {
        let others = edits.filter { $0.kind != Schedules.kind }
        return !others.isEmpty && others.allSatisfy { $0.kind == ShedSwitch.kind }
    }
}

extension Control {
    /// What edges are told; nil when they fetch what they lack.
    func shedRule() throws -> ShedRule? {
        try store.read { try ShedSwitch.isOn(in: $0) } ? ShedRule(except: campaign.shedExceptions) : nil
    }

    /// For whoever looks at the status: who switched it on, and how it ends. Nil while it is off.
    func shedNote() throws -> String? {
        guard let entry = try store.read({ try ShedSwitch.entry(in: $0) }) else { return nil }
        let time = LocalTime(campaign.timeZone).stamp(entry.at)
        let why = entry.because.map { ": \($0)" } ?? ""
        return
            "ONLY THE CACHE IS SERVED since \(time), entry \(entry.number) of \(entry.actor.name)\(why); hq edge shed off ends it"
    }
}
