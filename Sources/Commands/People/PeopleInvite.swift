import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

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
