import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct TokenCreate: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token; it is shown this once.")
    @Option(
        name: .customLong("for"), help: ArgumentHelp("Whom it acts for; you by default.", valueName: "person")
    ) var person: String?
    @Option(help: ArgumentHelp("What it may do at most.", valueName: "role")) var role: Role?
    @Option(help: ArgumentHelp("What it is for.", valueName: "text")) var label = "token"
    @Option(help: ArgumentHelp("How long it lives, such as 30d.", valueName: "time")) var expires = "90d"
    @OptionGroup var door: DoorOptions

    func validate() throws {
        if Duration(parsing: expires) == nil {
            throw ValidationError("--expires looks like 30d, not '\(expires)'")
        }
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let life = Duration(parsing: expires) ?? .seconds(90 * 86400)
        let made = try await context.control.createToken(
            for: person ?? context.actor.name, role: role, label: label,
            life: life, by: context.actor, argv: context.argv)
        let zone = await context.control.timeZone
        return Report(
            "token \(made.row.id) for \(made.row.person), as \(made.row.role.rawValue)",
            fields: [.init("token", made.token), .init("expires", LocalTime(zone).stamp(made.row.expires))],
            notes: ["it is shown this once; only its hash is kept"],
            hint: "hq token revoke \(made.row.id) ends it",
            data: .object([
                "id": .integer(made.row.id), "token": .string(made.token), "person": .string(made.row.person),
                "role": .string(made.row.role.rawValue),
            ]))
    }
}
