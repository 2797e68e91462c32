import ArgumentParser
import ControlPlane
import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct DictHistory: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "What an entry was, when, and who changed it.")
    @Argument(help: "The dictionary.") var dict: String
    @Argument(help: "The key; without one, the whole dictionary.") var key: String?
    @Option(help: ArgumentHelp("Changes to show at most.", valueName: "count")) var limit = 50
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        guard (1...1000).contains(limit) else { throw Failure(.usage, "--limit is 1 to 1000") }
        let local = LocalTime(await context.control.timeZone)
        let (dict, key, limit) = (dict, key, limit)
        let found = try context.control.store.read {
            _ = try Dictionaries.declaration(of: dict, in: $0)
            return try Ledger.list(DictHistory.filter(dict, key, limit), in: $0)
        }
        let rows = found.flatMap { entry in
            entry.change.edits.filter {
                $0.kind == Dictionaries.kind && $0.path[0] == dict && (key == nil || $0.path[1] == key)
            }.prefix(limit).map { edit in
                let shown = edit.masked
                return [
                    "\(entry.number)", local.stamp(entry.at), entry.actor.name, shown.path[1],
                    shown.before ?? "-", shown.after ?? "-", entry.because ?? "",
                ]
            }
        }
        return Report(
            rows.isEmpty
                ? "\(dict)\(key.map { " \($0)" } ?? "") was never changed"
                : "\(dict)\(key.map { " \($0)" } ?? ""): \(counted(found.count, "change"))",
            table: .init(columns: ["entry", "when", "who", "key", "before", "after", "why"], rows: rows),
            hint: found.first.map { "hq undo \($0.number) takes the latest back" },
            data: .object([
                "changes": .array(
                    rows.map { row in
                        .object([
                            "entry": .string(row[0]), "when": .string(row[1]), "person": .string(row[2]),
                            "key": .string(row[3]), "before": .string(row[4]), "after": .string(row[5]),
                            "because": .string(row[6]),
                        ])
                    })
            ]))
    }

    /// What touched this entry (or any of the dictionary) and was applied.
    static func filter(_ dictionary: String, _ key: String?, _ limit: Int) -> Ledger.Filter {
        var filter = Ledger.Filter()
        filter.limit = limit
        filter.resource = Edit(Dictionaries.kind, [dictionary, key ?? ""], before: nil, after: nil).resource
        filter.isWholeResource = key != nil
        return filter
    }
}
