import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

/// `hq login`: the way into the console.
struct LoginCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Make a one-time link into the console.",
        discussion: "It opens one session and is good for a quarter of an hour.")
    @Option(
        name: .customLong("for"), help: ArgumentHelp("For whom; you by default.", valueName: "person"))
    var person: String?
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let name = person ?? context.actor.name
        let link = try await context.control.makeLink(for: name, by: context.actor, argv: context.argv)
        return Report(
            "a way into the console for \(name)", fields: [.init("link", link)],
            notes: ["good once, for \(SessionLimits.linkLife / 60_000) minutes"],
            data: .object(["person": .string(name), "link": .string(link)]))
    }
}

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

struct PeopleLogout: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "End somebody's sessions and unused login links at once.")
    @Argument(help: "The person's name.") var name: String
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let count = try await context.control.endSessions(
            of: name, by: context.actor, argv: context.argv)
        return Report("\(counted(count, "session")) of \(name) ended")
    }
}

struct PeopleResetFactor: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset-factor", abstract: "Take away somebody's second factor, after a lost phone.",
        discussion: "They set up a new one at the console; until then they may do no more than an editor.")
    @Argument(help: "The person's name.") var name: String
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.resetFactor(of: name, by: context.actor, argv: context.argv)
        return Report(
            "\(name) has no second factor any more", hint: "hq people logout \(name) ends open sessions too")
    }
}
