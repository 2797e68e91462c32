import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct StatusCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What runs where, and how it is.")
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let status = try await context.control.status()
        let rows = status.edges.map { edge in
            [
                edge.name,
                edge.refusal == nil
                    ? "update \(edge.number) of \(status.revision)" : "refuses: \(edge.refusal ?? "")",
            ]
        }
        var notes: [String] = []
        if rows.isEmpty { notes.append("no edge is connected") }
        if let freeze = status.freeze { notes.append("the calendar is frozen for \(freeze)") }
        return Report(
            "\(status.campaign): \(rows.count) \(rows.count == 1 ? "edge" : "edges"), \(status.entries) entries",
            fields: [
                .init("you are", "\(context.actor.name), \(context.actor.role.rawValue)"),
                .init("time zone", status.timeZone),
            ],
            table: .init(columns: ["edge", "state"], rows: rows), notes: notes,
            hint: "hq log shows what changed",
            data: (try? JSON(encoding: status)) ?? .null)
    }
}

struct BackupCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a consistent copy of the campaign's state to a file.")
    @Argument(help: "The file to write, on the control plane's machine.", completion: .file()) var file:
        String
    @OptionGroup var door: DoorOptions

    func attachments() throws -> [String: Data] { [file: Data(URL(fileURLWithPath: file).path.utf8)] }

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.require(.operator, context.actor)
        let path = context.attachments[file].map { String(decoding: $0, as: UTF8.self) } ?? file
        guard !FileManager.default.fileExists(atPath: path) else {
            throw Failure(.conflict, "'\(path)' exists already", hint: "choose another name")
        }
        try context.control.store.backup(to: path)
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
        return Report(
            "wrote \(path)", fields: [.init("size", ByteCount(size).description)], hint: "hq restore \(path)")
    }
}

struct RestoreCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Replace the campaign's state by a backup, while it runs.")
    @Argument(help: "The backup.", completion: .file()) var file: String
    @Option(help: ArgumentHelp("Why, for the ledger.", valueName: "text")) var because: String?
    @OptionGroup var door: DoorOptions

    func attachments() throws -> [String: Data] { [file: Data(URL(fileURLWithPath: file).path.utf8)] }

    func execute(_ context: CommandContext) async throws -> Report {
        let path = context.attachments[file].map { String(decoding: $0, as: UTF8.self) } ?? file
        let entry = try await context.control.restore(
            from: path, by: context.actor, argv: context.argv, because: because)
        return Report("restored from \(path); entry \(entry.number) says so", hint: "hq status")
    }
}
