import ArgumentParser
import ControlPlane
import Diagnostics
import Foundation
import Journey
import Kernel

struct ReloadCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Take over the campaign's files from disk now.",
        discussion: """
            A change on disk is taken over by itself when it is valid. This is for one that was refused: in a freeze, with \
            --override calendar, or because something else was activated meanwhile, which it overwrites.
            """)
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        Report(try await context.control.reload(change.request(context)))
    }
}
