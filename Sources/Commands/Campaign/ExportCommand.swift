import ArgumentParser
import ControlPlane
import Diagnostics
import Foundation
import Journey
import Kernel

struct ExportCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write what is active back to the campaign's files.",
        discussion:
            "After an undo the files on disk are newer than what is active; this makes them the same again.")
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.require(.operator, context.actor)
        let names = try await context.control.exportFiles()
        return Report(
            names.isEmpty ? "the files are as they are active" : "wrote \(names.joined(separator: ", "))")
    }
}
