import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Who may do what.",
        subcommands: [
            PeopleList.self, PeopleInvite.self, PeopleRemove.self, PeopleSessions.self, PeopleLogout.self,
            PeopleResetFactor.self,
        ])
}

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

struct PeopleInvite: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "invite", abstract: "Add a person, or give one another role.")
    @Argument(help: "The person's name.") var name: String
    @Option(help: ArgumentHelp("What they may do.", valueName: "role")) var role = Role.viewer
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let (name, role) = (name, role.rawValue)
        let result = try await context.control.carryOut(change.request(context), needs: .admin) {
            transaction in
            guard name != Actor.hq.name, !name.isEmpty, name.count <= 64 else {
                throw Failure(.invalid, "'\(name)' cannot be a person's name")
            }
            let before = try People.current([name], in: transaction)
            guard before != role else { throw Failure(.conflict, "\(name) is a \(role) already") }
            let summary = before.map { "\(name) becomes \(role) (was \($0))" } ?? "\(name) joins as \(role)"
            return Change(
                summary: summary, edits: [Edit(People.personKind, [name], before: before, after: role)])
        }
        var report = Report(result)
        if result.entry != nil {
            let link = try await context.control.makeLink(for: name, by: context.actor, argv: context.argv)
            report.fields.append(.init("login link", link))
            report.notes.append("the link is good once, for \(SessionLimits.linkLife / 60_000) minutes")
        }
        return report
    }
}

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
