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
        let now = Date().milliseconds
        let processes = ProcessTable.read(in: context.control.folder)
        var notes: [String] = status.shedding.map { [$0] } ?? []
        notes += status.edges.compactMap { edge in
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
            "\(status.campaign): \(counted(status.edges.count, "edge")), \(counted(Int(status.entries), "entry", "entries"))",
            fields: [
                .init("you are", "\(context.actor.name), \(context.actor.role.rawValue)"),
                .init("time zone", status.timeZone),
                .init("traffic", "\(shortDecimal(totals.requestsPerSecond)) requests/s\(hits)"),
                .init("scheduled", counted(status.scheduled, "change")),
            ],
            table: processes?.report(now: now), notes: notes,
            hint: "hq log   hq dict list   hq edge stats   hq calendar   hq login", data: .object(data))
    }
}
