import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

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
