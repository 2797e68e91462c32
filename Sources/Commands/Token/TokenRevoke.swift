import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import People
import Store

struct TokenRevoke: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "revoke", abstract: "End a token at once.")
    @Argument(help: "The token's id.") var id: Int64
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.revokeToken(id, by: context.actor, argv: context.argv)
        return Report("token \(id) has ended")
    }
}
