import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct PeopleSessions: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions", abstract: "List who is at the console.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let now = Date().milliseconds
        let sessions = try context.control.store.read { try People.sessions(now: now, in: $0) }
        let local = LocalTime(await context.control.timeZone)
        let rows = sessions.map {
            [
                "\($0.id)", $0.person, $0.role.rawValue, local.stamp($0.created), local.stamp($0.seen),
                // Where people are is for admins, and for themselves.
                context.actor.role == .admin || $0.person == context.actor.name ? $0.address : "",
            ]
        }
        return Report(
            sessions.isEmpty ? "nobody is at the console" : counted(sessions.count, "session"),
            table: .init(columns: ["id", "person", "role", "since", "last seen", "from"], rows: rows),
            hint: sessions.isEmpty ? "hq login makes a way in" : "hq people logout NAME ends somebody's",
            data: .object([
                "sessions": .array(
                    sessions.map {
                        .object([
                            "id": .integer($0.id), "person": .string($0.person),
                            "role": .string($0.role.rawValue), "created": .integer($0.created),
                            "seen": .integer($0.seen), "expires": .integer($0.expires),
                        ])
                    })
            ]))
    }
}
