import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

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
            counted(tokens.count, "token"),
            table: .init(
                columns: ["id", "person", "role", "label", "expires"],
                rows: tokens.map {
                    ["\($0.id)", $0.person, $0.role.rawValue, $0.label, LocalTime(zone).stamp($0.expires)]
                }),
            data: .object(["tokens": .array(data)]))
    }
}
