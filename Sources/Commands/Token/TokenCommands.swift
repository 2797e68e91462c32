import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Tokens, by which programs act for a person.",
        subcommands: [TokenCreate.self, TokenList.self, TokenRevoke.self])
}

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

struct TokenList: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the tokens.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let tokens = try context.control.store.read { try People.tokens(in: $0) }
        let zone = await context.control.timeZone
        let data = tokens.map {
            JSON.object([
                "id": .integer($0.id), "person": .string($0.person), "role": .string($0.role.rawValue),
                "label": .string($0.label), "expires": .integer($0.expires),
            ])
        }
        return Report(
            "\(tokens.count) tokens",
            table: .init(
                columns: ["id", "person", "role", "label", "expires"],
                rows: tokens.map {
                    ["\($0.id)", $0.person, $0.role.rawValue, $0.label, LocalTime(zone).stamp($0.expires)]
                }),
            data: .object(["tokens": .array(data)]))
    }
}

struct TokenRevoke: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token at once.")
    @Argument(help: "The token's id.") var id: Int64
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.revokeToken(id, by: context.actor, argv: context.argv)
        return Report("token \(id) has ended")
    }
}
