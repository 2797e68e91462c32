import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct PeopleList: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the people.")
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let people = try context.control.store.read { try People.list(in: $0) }
        return Report(
            counted(people.count, "person", "people"),
            table: .init(columns: ["name", "role"], rows: people.map { [$0.name, $0.role.rawValue] }),
            data: .object([
                "people": .array(
                    people.map { .object(["name": .string($0.name), "role": .string($0.role.rawValue)]) })
            ]))
    }
}
