import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

/// `hq vcl diff`: how two versions of the program differ.
struct VCLDiff: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show how the active program differs from another.",
        discussion: """
            Without a number: what is active against the files below a folder. With one: that version against what is active. With two:
            one version against the other.
            """)
    @Argument(help: ArgumentHelp("Versions, as hq vcl versions numbers them.", valueName: "version"))
    var versions: [Int64] = []
    @Option(
        help: ArgumentHelp("The folder to compare with; else the campaign's.", valueName: "folder"),
        completion: .directory)
    var folder: String?
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func validate() throws {
        if versions.count > 2 { throw ValidationError("two versions at most") }
        if !versions.isEmpty, folder != nil { throw ValidationError("give either versions or a folder") }
    }

    func attachments() throws -> [String: Data] {
        versions.isEmpty ? try ProgramFiles.read(below: folder ?? door.dir ?? ".") : [:]
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let control = context.control
        let old = try await control.programFiles(version: versions.first)
        let new =
            versions.isEmpty
            ? ProgramFiles.texts(context.attachments)
            : try await control.programFiles(version: versions.count == 2 ? versions[1] : nil)
        let names = [
            versions.first.map { "version \($0)" } ?? "active",
            versions.count == 2 ? "version \(versions[1])" : versions.isEmpty ? "folder" : "active",
        ]
        let parts = Set(old.keys).union(new.keys).sorted().compactMap { name -> String? in
            let text = LineDiff.unified(
                old[name] ?? "", new[name] ?? "", from: "\(names[0]): \(name)", to: "\(names[1]): \(name)")
            return text.isEmpty ? nil : text
        }
        return Report(
            parts.isEmpty ? "no difference" : "\(counted(parts.count, "file")) differ", notes: parts,
            data: .object(["difference": .string(parts.joined(separator: "\n"))]))
    }
}
