import ArgumentParser
import ControlPlane
import Diagnostics
import Foundation
import Journey
import Kernel

/// `hq check`: the campaign file and its VCL, without starting anything.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the campaign file and its VCL.")
    @OptionGroup var door: DoorOptions

    func run() async throws {
        let folder = try ControlFinder.folder(door.dir)
        let (isValid, diagnostics) = CampaignCheck.run(folder: folder)
        if door.json {
            let report = Report(
                isValid ? "no mistakes" : counted(diagnostics.count, "mistake"),
                outcome: isValid ? .done : .failed,
                data: .object(["diagnostics": try JSON(encoding: diagnostics)]))
            Terminal.say(report.json.text)
        } else {
            Terminal.complain(diagnostics.rendered(colour: Terminal.errorsAreColoured))
            Terminal.say(
                isValid ? "campaign.yaml and its VCL are good" : counted(diagnostics.count, "mistake"))
        }
        if !isValid { throw ExitCode(1) }
    }
}

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
