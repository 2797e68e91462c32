import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

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
