import ArgumentParser
import CampaignFile
import ControlPlane
import Foundation
import Journey
import Kernel

/// `hq calendar`: what is coming, what is frozen, what is scheduled.
struct CalendarCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "What is coming, what is frozen, and which changes wait.")
    @Flag(help: "Show what is over too.") var all = false
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let local = LocalTime(await context.control.timeZone)
        let now = Date()
        let events = await context.control.events.filter { all || $0.to > now }
        let waiting = try await context.control.schedules()
        let rows =
            events.map { event in
                [
                    local.text(event.from), local.text(event.to),
                    event.from <= now && now < event.to ? "now" : "", event.name,
                    event.isFreeze ? "freeze" : "",
                ]
            }
            + waiting.map { item in
                [
                    local.text(local.date(item.at)), item.until.map { local.text(local.date($0)) } ?? "", "",
                    item.summary, "scheduled by \(item.person), entry \(item.id)",
                ]
            }
        let freeze = events.first { $0.isFreeze && $0.from <= now && now < $0.to }
        return Report(
            freeze.map { "frozen for \($0.name) until \(local.text($0.to))" }
                ?? "\(events.count) events, \(waiting.count) scheduled changes, times in \(local.zone.identifier)",
            table: .init(columns: ["from", "to", "", "what", ""], rows: rows),
            hint: waiting.isEmpty ? nil : "hq undo N cancels what entry N scheduled",
            data: .object([
                "events": .array(
                    events.map {
                        .object([
                            "name": .string($0.name), "from": .string($0.from.formatted(.iso8601)),
                            "to": .string($0.to.formatted(.iso8601)), "freeze": .bool($0.isFreeze),
                        ])
                    }), "scheduled": try JSON(encoding: waiting),
            ]))
    }
}
