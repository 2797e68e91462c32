import ArgumentParser
import ControlPlane
import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import Store

struct StatusCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What runs where, and how it is.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let status = try await context.control.status()
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        let processes = ProcessTable.read(in: context.control.folder)
        var notes: [String] = status.edges.compactMap { edge in
            edge.refusal.map { "\(edge.name) refuses update \(status.revision): \($0)" }
                ?? (edge.number < status.revision
                    ? "\(edge.name) has update \(edge.number) of \(status.revision)" : nil)
        }
        if status.edges.isEmpty { notes.append("no edge is connected") }
        if let freeze = status.freeze { notes.append("the calendar is frozen for \(freeze)") }
        notes += status.watchNotes
        let traffic = await context.control.traffic
        let totals = Traffic.Totals(traffic.sum(seconds: 10, now: now))
        let hits = totals.hitShare.map { ", \(shortDecimal($0 * 100))% from the edge" } ?? ""
        var data: [String: JSON] = [:]
        if case .object(let members) = try JSON(encoding: status) { data = members }
        data["processes"] = try processes.map { try JSON(encoding: $0.rows) } ?? .array([])
        data["you"] = .object([
            "name": .string(context.actor.name), "role": .string(context.actor.role.rawValue),
        ])
        return Report(
            "\(status.campaign): \(status.edges.count) \(status.edges.count == 1 ? "edge" : "edges"), \(status.entries) entries",
            fields: [
                .init("you are", "\(context.actor.name), \(context.actor.role.rawValue)"),
                .init("time zone", status.timeZone),
                .init("traffic", "\(shortDecimal(totals.requestsPerSecond)) requests/s\(hits)"),
                .init("scheduled", "\(status.scheduled) changes"),
            ],
            table: processes?.report(now: now), notes: notes,
            hint: "hq log   hq dict list   hq edge stats   hq calendar   hq login", data: .object(data))
    }
}

struct BackupCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a consistent copy of the campaign's state to a file.")
    @Argument(help: "The file to write, on the control plane's machine.", completion: .shellCommand("ls"))
    var file: String
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
    @Argument(help: "The backup, on the control plane's machine.", completion: .shellCommand("ls"))
    var file: String
    @Option(help: ArgumentHelp("Why, for the ledger.", valueName: "text")) var because: String?
    @OptionGroup var door: DoorOptions

    func attachments() throws -> [String: Data] { [file: Data(URL(fileURLWithPath: file).path.utf8)] }

    func execute(_ context: CommandContext) async throws -> Report {
        let path = context.attachments[file].map { String(decoding: $0, as: UTF8.self) } ?? file
        let number = try await context.control.restore(
            from: path, by: context.actor, argv: context.argv, because: because)
        return Report("restored from \(path); entry \(number) says so", hint: "hq status")
    }
}
