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
