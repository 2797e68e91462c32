import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import Store

struct ShowCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one entry of the ledger in full.")
    @Argument(help: "The entry's number.") var number: Int64
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let number = number
        let (found, undoer) = try context.control.store.read {
            (try Ledger.entry(number, in: $0), try Ledger.undoer(of: number, in: $0))
        }
        guard let entry = found else {
            throw Failure(.notFound, "there is no entry \(number)", hint: "hq log shows them")
        }
        let zone = await context.control.timeZone
        var fields: [Report.Field] = [
            .init("when", LocalTime(zone).stamp(entry.at)),
            .init(
                "who",
                "\(entry.actor.name) (\(entry.actor.role.rawValue)), through the \(entry.actor.door.rawValue)"
            ),
        ]
        if let because = entry.because { fields.append(.init("why", because)) }
        if !entry.argv.isEmpty { fields.append(.init("command", "hq " + entry.argv.joined(separator: " "))) }
        if let undoes = entry.undoes { fields.append(.init("undoes", "entry \(undoes)")) }
        for verdict in entry.verdicts where verdict.decision != .pass {
            fields.append(.init("guard", (verdict.overridden ? "OVERRIDDEN: " : "") + verdict.reason))
        }
        let rows = entry.change.edits.prefix(100).flatMap { edit in
            EditLines.rows(edit, zone: zone)
        }
        let undo =
            undoer.map { "undone by entry \($0)" }
            ?? entry.change.noUndo.map { "there is no undo: \($0)" }
            ?? (entry.outcome == .applied ? "hq undo \(number) takes it back" : nil)
        return Report(
            "\(number)  \(entry.marked)", fields: fields,
            table: .init(columns: ["thing", "before", "after"], rows: Array(rows)), hint: undo,
            data: .object(["entry": (try? JSON(encoding: entry)) ?? .null]))
    }
}
