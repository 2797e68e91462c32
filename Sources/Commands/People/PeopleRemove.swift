import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct PeopleRemove: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a person; their tokens and sessions end at once.")
    @Argument(help: "The person's name.") var name: String
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let name = name
        let result = try await context.control.carryOut(change.request(context), needs: .admin) {
            transaction in
            let people = try People.list(in: transaction)
            guard let person = people.first(where: { $0.name == name }) else {
                let meant = nearest(name, among: people.map(\.name)).map { "did you mean '\($0)'?" }
                throw Failure(.notFound, "nobody is named '\(name)'", hint: meant ?? "hq people list")
            }
            guard person.role != .admin || people.contains(where: { $0.role == .admin && $0.name != name })
            else {
                throw Failure(.conflict, "\(name) is the last admin", hint: "invite another admin first")
            }
            return Change(
                summary: "\(name) leaves (was \(person.role.rawValue))",
                edits: [Edit(People.personKind, [name], before: person.role.rawValue, after: nil)])
        }
        return Report(result)
    }
}
