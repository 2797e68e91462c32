import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

/// `hq vcl deploy`: makes a program the active one, through the guards.
struct VCLDeploy: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Make a folder's program the active one.",
        discussion: """
            Sends the VCL files and tests below a campaign's folder. The guards see what the pipeline says of them (lint, tests, floor of
            coverage) and the calendar; then they are active on every edge. 'hq undo N' activates the version before. With --version an
            earlier version is made active again. --dry-run shows the change and the verdicts.
            """)

    @Argument(
        help: ArgumentHelp("The campaign's folder; else the one you stand in.", valueName: "folder"),
        completion: .directory)
    var folder: String?
    @Option(help: ArgumentHelp("An earlier version, as hq vcl versions numbers them.", valueName: "number"))
    var version: Int64?
    @OptionGroup var time: TimeOptions
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func validate() throws {
        if folder != nil, version != nil { throw ValidationError("give either a folder or --version") }
    }

    func attachments() throws -> [String: Data] {
        version == nil ? try ProgramFiles.read(below: folder ?? door.dir ?? ".") : [:]
    }

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.require(.operator, context.actor)
        let files =
            version == nil
            ? ProgramFiles.texts(context.attachments)
            : try await context.control.programFiles(version: version)
        guard !files.isEmpty else {
            throw Failure(.usage, "no program was sent along", hint: "use it in a terminal")
        }
        return Report(try await context.control.deploy(files, time.apply(to: change.request(context))))
    }
}
