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
