import ArgumentParser
import CampaignFile
import ControlPlane
import Diagnostics
import Foundation
import Journey
import Kernel

/// `hq check`: the campaign file, its VCL and its certificates, without starting anything.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check the campaign file, its VCL and its certificates.")
    @OptionGroup var door: DoorOptions

    func run() async throws {
        let folder = try ControlFinder.folder(door.dir)
        let (isCampaign, mistakes) = CampaignCheck.run(folder: folder)
        let certificates = try CampaignReading(folder: folder).certificateFindings(folder)
        let diagnostics = mistakes + certificates
        let isValid = isCampaign && !certificates.contains { $0.severity == .error }
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
