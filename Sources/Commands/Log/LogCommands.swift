import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import Store

struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "The ledger: who changed what, when, and why.",
        subcommands: [LogShow.self, LogVerify.self],
        defaultSubcommand: LogShow.self)
}

struct LogShow: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List entries, newest first.")
    @Option(help: ArgumentHelp("Only this person's.", valueName: "name")) var by: String?
    @Option(help: ArgumentHelp("Only those that mention this.", valueName: "text")) var grep: String?
    @Option(help: ArgumentHelp("Only those after this number.", valueName: "number")) var after: Int64 = 0
    @Option(name: .shortAndLong, help: ArgumentHelp("At most this many.", valueName: "count")) var limit = 20
    @Option(help: ArgumentHelp("Only what came through this door.", valueName: "name")) var through: Door?
    @Flag(name: .shortAndLong, help: "Go on with what changes from now on.") var follow = false
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func run() async throws {
        if !(follow && door.json) { try await print() }
        if follow { try await LogFollower(self).run() }
    }

    func validate() throws {
        if !(1...10_000).contains(limit) { throw ValidationError("--limit is 1 to 10000") }
    }

    func execute(_ context: CommandContext) async throws -> Report {
        var filter = Ledger.Filter()
        filter.person = by
        filter.containing = grep
        filter.after = after
        filter.door = through
        filter.limit = limit
        let entries = try context.control.store.read { [filter] in try Ledger.list(filter, in: $0) }
        let zone = await context.control.timeZone
        let rows = entries.map { entry in
            [
                "\(entry.number)", LocalTime(zone).stamp(entry.at), entry.actor.name,
                entry.actor.door.rawValue, entry.marked,
            ]
        }
        return Report(
            entries.isEmpty
                ? "no entries" : "\(counted(entries.count, "entry", "entries")), times in \(zone.identifier)",
            table: .init(columns: ["#", "when", "who", "door", "what"], rows: rows),
            hint: entries.isEmpty ? nil : "hq show N, hq undo N",
            data: .object(["entries": (try? JSON(encoding: entries)) ?? .array([])]))
    }
}

struct LogVerify: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that no entry was removed or altered.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let (problem, head) = try context.control.store.read {
            (try Ledger.verify(in: $0), try Ledger.head(in: $0))
        }
        if let problem {
            throw Failure(
                .invalid, "the ledger was tampered with: \(problem)", hint: "compare it with a backup")
        }
        return Report("the ledger is whole: \(head.number) entries", fields: [.init("head", head.hash)])
    }
}

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

struct UndoCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take an entry back.",
        discussion: "Refused when a later change stands on the same thing.")
    @Argument(help: "The entry's number.") var number: Int64
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        Report(try await context.control.undo(number, change.request(context)))
    }
}

extension LedgerEntry {
    /// The summary, with what stands out about it.
    var marked: String {
        let overridden = verdicts.filter(\.overridden).map { "OVERRODE \($0.guardName)" }
        let marks = overridden + (outcome == .refused ? ["refused"] : [])
        return (marks.isEmpty ? "" : "[\(marks.joined(separator: ", "))] ") + change.summary
    }
}
