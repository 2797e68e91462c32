import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import Store

struct UndoCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "undo", abstract: "Take an entry back.",
        discussion: "Refused when a later change stands on the same thing.")
    @Argument(help: "The entry's number.") var number: Int64
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        Report(try await context.control.undo(number, change.request(context)))
    }
}
