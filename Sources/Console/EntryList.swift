import CampaignFile
import Foundation
import Journey
import Ledger
import People
import Store

/// Entries of the ledger as a list, the same on every page.
struct EntryList {
    struct Mark {
        let tone: String
        let text: String
    }

    struct Row {
        let number: Int64
        let summary: String
        let marks: [Mark]
        let isUndone: Bool
        let when: String
        let exact: String
        let person: String
        let door: String
        let because: String?
        let undo: Bool
    }

    let entries: [Row]
    /// What stands there when there are none.
    let empty: String

    init(
        _ found: [LedgerEntry], local: LocalTime, now: Int64, mayUndo: Bool, empty: String,
        in transaction: StoreTransaction
    ) throws {
        self.empty = empty
        entries = try found.map { entry in
            let undoer = try Ledger.undoer(of: entry.number, in: transaction)
            let isOpen = entry.outcome == .applied && entry.change.noUndo == nil && undoer == nil
            return Row(
                number: entry.number, summary: entry.change.summary.cut(to: ConsoleLimits.summary),
                marks: EntryList.marks(entry, undoer: undoer), isUndone: undoer != nil,
                when: Distance.text(entry.at, now: now), exact: local.stamp(entry.at),
                person: entry.actor.name,
                door: entry.actor.door == .hq ? "by itself" : entry.actor.door.rawValue,
                because: entry.because,
                undo: isOpen && mayUndo)
        }
    }

    static func marks(_ entry: LedgerEntry, undoer: Int64?) -> [Mark] {
        var marks: [Mark] = []
        if entry.outcome == .refused { marks.append(Mark(tone: "warn", text: "refused")) }
        for verdict in entry.verdicts where verdict.overridden {
            marks.append(Mark(tone: "bad", text: "overrode the \(verdict.guardName)"))
        }
        if let undoes = entry.undoes { marks.append(Mark(tone: "good", text: "takes back \(undoes)")) }
        if let undoer { marks.append(Mark(tone: "warn", text: "undone by \(undoer)")) }
        return marks
    }
}

extension Console {
    func entries(_ filter: Ledger.Filter, for session: Session) async throws -> (
        html: String, found: [LedgerEntry]
    ) {
        let local = LocalTime(await source.timeZone)
        let now = Date().milliseconds
        return try source.store.read { transaction in
            let found = try Ledger.list(filter, in: transaction)
            let list = try EntryList(
                found, local: local, now: now, mayUndo: session.role >= .editor, empty: filter.emptyText,
                in: transaction)
            return (Templates.render("entries", list), found)
        }
    }
}

extension Ledger.Filter {
    var emptyText: String {
        if resource != nil { return "Nothing was changed here yet." }
        return containing == nil && person == nil && door == nil && before == nil
            ? "Nothing has changed yet. What somebody changes, in the console or with hq, shows here."
            : "No entry is like that."
    }
}

extension String {
    /// The beginning of what is longer than a line or two.
    func cut(to count: Int) -> String { self.count > count ? prefix(count - 3) + "..." : self }
}
