import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

/// `hq backup FILE`. The control plane writes into its own folder; a terminal on the same machine then moves the file where its
/// user may write, so that nobody writes elsewhere with the control plane's rights.
struct BackupCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Write a consistent copy of the campaign's state, while it runs.",
        discussion:
            "Through the API, or from another machine, FILE is a name among the control plane's own backups.")
    @Argument(help: "The file to write.", completion: .shellCommand("ls")) var file: String
    @OptionGroup var door: DoorOptions

    func words() throws -> [String] {
        guard !ControlFinder.isRemote(door.dir) else { return ["backup", file] }
        guard !FileManager.default.fileExists(atPath: file) else {
            throw Failure(.conflict, "'\(file)' exists already", hint: "choose another name")
        }
        return ["backup", URL(fileURLWithPath: file).lastPathComponent]
    }

    func finish(_ report: inout Report) throws {
        guard !ControlFinder.isRemote(door.dir), let made = report.data["path"]?.string else { return }
        let target = URL(fileURLWithPath: file)
        do {
            try FileManager.default.moveItem(at: URL(fileURLWithPath: made), to: target)
        } catch {
            throw Failure(.unavailable, "cannot write '\(file)'", hint: "the backup is at \(made)")
        }
        report.headline = "wrote \(target.path)"
        report.hint = "hq restore \(file)"
        report.data = .object(["path": .string(target.path)])
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let made = try await context.control.backup(named: file, by: context.actor, argv: context.argv)
        let size = (try? FileManager.default.attributesOfItem(atPath: made.path))?[.size] as? Int ?? 0
        return Report(
            "wrote the backup \(file)", fields: [.init("size", ByteCount(size).description)],
            notes: ["second factors in it are sealed with .hq/secret.key, which it does not hold"],
            hint: "hq restore \(file)", data: .object(["path": .string(made.path)]))
    }
}
