import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

struct ApprovalsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals", abstract: "The changes that wait for a second person.")
    @OptionGroup var door: DoorOptions

    static let isReading = true
    /// Entries of one change that a list shows; `--json` has all.
    private static let editsShown = 20

    func execute(_ context: CommandContext) async throws -> Report {
        let waiting = try await context.control.approvals()
        let local = LocalTime(await context.control.timeZone)
        let rows = waiting.flatMap { one in
            let edits = one.change.edits.prefix(ApprovalsCommand.editsShown).map(\.masked).map { edit in
                [
                    "", "", "",
                    "  \(edit.path.joined(separator: " ")): \(edit.before ?? "not there") -> \(edit.after ?? "removed")",
                    "", "", "",
                ]
            }
            return [
                [
                    one.change.id, local.stamp(one.asked), one.change.person, one.change.summary,
                    one.change.at > 0 ? "for \(local.stamp(one.change.at))" : "", one.change.because ?? "",
                    "\(one.by.rawValue) or above",
                ]
            ] + (edits.count > 1 ? edits : [])
        }
        return Report(
            waiting.isEmpty ? "nothing waits" : "\(counted(waiting.count, "change")) for a second person",
            table: .init(columns: ["number", "asked", "by", "what", "when", "why", "who may"], rows: rows),
            hint: waiting.isEmpty ? nil : "hq approve NUMBER, or hq reject NUMBER --because \"...\"",
            data: .object([
                "waiting": .array(
                    waiting.map {
                        .object([
                            "number": .string($0.change.id), "asked": .integer($0.asked),
                            "person": .string($0.change.person), "summary": .string($0.change.summary),
                            "at": .integer($0.change.at), "by": .string($0.by.rawValue),
                            "because": $0.change.because.map { .string($0) } ?? .null,
                            "edits": (try? JSON(encoding: $0.change.edits.map(\.masked))) ?? .null,
                        ])
                    })
            ]))
    }
}

struct ApproveCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Say yes to somebody else's change; it goes live, or is scheduled.")
    @Argument(help: "The number under which it waits.") var number: String
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        Report(try await context.control.approve(number, change.request(context)))
    }
}

struct RejectCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Say no to somebody else's change.")
    @Argument(help: "The number under which it waits.") var number: String
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        Report(try await context.control.reject(number, change.request(context)))
    }
}
