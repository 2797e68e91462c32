import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel

struct RestoreCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Replace the campaign's state by a backup, while it runs.",
        discussion: """
            What is there now is kept as a backup of its own. Sessions end; tokens that were revoked since stay so; changes \
            whose time is over are dropped.
            """)
    @Argument(help: "The backup.", completion: .shellCommand("ls")) var file: String
    @Option(help: ArgumentHelp("Why, for the ledger.", valueName: "text")) var because: String?
    @OptionGroup var door: DoorOptions

    func words() throws -> [String] {
        let reason = because.map { ["--because=\($0)"] } ?? []
        guard !ControlFinder.isRemote(door.dir), FileManager.default.fileExists(atPath: file) else {
            return ["restore"] + reason + [file]
        }
        let name = "brought-\(Date().milliseconds)-" + URL(fileURLWithPath: file).lastPathComponent
        let target = try Backups.file(name, in: ControlFinder.folder(door.dir))
        try FileManager.default.createDirectory(
            at: target.deletingLastPathComponent(), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        guard let data = FileManager.default.contents(atPath: file),
            FileManager.default.createFile(
                atPath: target.path, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw Failure(.unavailable, "cannot read '\(file)', or write beside the campaign's state") }
        return ["restore"] + reason + [name]
    }

    func execute(_ context: CommandContext) async throws -> Report {
        defer {
            // A copy that was brought for this has served.
            if file.hasPrefix("brought-"), let copy = try? Backups.file(file, in: context.control.folder) {
                try? FileManager.default.removeItem(at: copy)
            }
        }
        let number = try await context.control.restore(
            from: file, by: context.actor, argv: context.argv, because: because)
        return Report(
            "restored from \(Backups.spoken(file)); entry \(number) says so, and how to come back",
            hint: "hq show \(number)")
    }
}
