import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

/// `hq vcl export`: the active program, or an earlier version, as files.
struct VCLExport: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the active program, or an earlier version, into a folder.")
    @Argument(
        help: ArgumentHelp("Where to write; it must not hold files of these names.", valueName: "folder"),
        completion: .directory)
    var folder: String
    @Option(help: ArgumentHelp("An earlier version, as hq vcl versions numbers them.", valueName: "number"))
    var version: Int64?
    @Flag(help: "Overwrite files.") var force = false
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func execute(_ context: CommandContext) async throws -> Report {
        let files = try await context.control.programFiles(version: version)
        return Report(
            counted(files.count, "file"), data: .object(["files": .object(files.mapValues { .string($0) })]))
    }

    func finish(_ report: inout Report) throws {
        guard case .object(let files)? = report.data["files"] else { return }
        let base = URL(fileURLWithPath: folder)
        let places = try files.keys.sorted().map { name -> (String, URL) in
            // The control plane is ours, but a name must not lead out of the folder whoever sent it.
            guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
                throw Failure(.invalid, "'\(name)' leads out of the folder")
            }
            return (name, base.appendingPathComponent(name))
        }
        if !force, let taken = places.first(where: { FileManager.default.fileExists(atPath: $0.1.path) }) {
            throw Failure(.conflict, "'\(folder)' already holds '\(taken.0)'", hint: "--force overwrites")
        }
        for (name, place) in places {
            guard case .string(let text)? = files[name] else { continue }
            do {
                try FileManager.default.createDirectory(
                    at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: place, options: .atomic)
            } catch { throw Failure(.invalid, "cannot write '\(place.path)'") }
        }
        report.headline = "wrote \(counted(places.count, "file")) to \(folder)"
    }
}
