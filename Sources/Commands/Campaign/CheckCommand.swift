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
