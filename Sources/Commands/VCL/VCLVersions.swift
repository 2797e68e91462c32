import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import Ledger

/// `hq vcl versions`: which programs were active, and which is.
struct VCLVersions: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions", abstract: "List the versions of the active program, newest first.")
    @Option(name: .shortAndLong, help: ArgumentHelp("At most this many.", valueName: "count")) var limit = 20
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func validate() throws {
        if !(1...1000).contains(limit) { throw ValidationError("--limit is 1 to 1000") }
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let versions = try await context.control.programVersions(limit: limit)
        let zone = await context.control.timeZone
        let rows = versions.map { version in
            [
                "\(version.entry.number)", LocalTime(zone).stamp(version.entry.at), version.entry.actor.name,
                version.files.joined(separator: ", "), version.isActive ? "active" : "",
            ]
        }
        let data = versions.map { version in
            JSON.object([
                "version": .integer(version.entry.number), "at": .integer(version.entry.at),
                "by": .string(version.entry.actor.name), "files": .array(version.files.map { .string($0) }),
                "active": .bool(version.isActive), "summary": .string(version.entry.change.summary),
            ])
        }
        return Report(
            counted(versions.count, "version") + ", times in \(zone.identifier)",
            table: .init(columns: ["version", "when", "who", "files", ""], rows: rows),
            hint: "hq vcl diff FROM TO, hq vcl deploy --version N", data: .object(["versions": .array(data)]))
    }
}
