import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import Store

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
        filter.isBrief = true
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
