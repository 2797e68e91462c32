import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import Remote

/// `hq edge remote`: a service of Fastly's (or of another HQ) that serves the same as the edges here.
struct EdgeRemote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remote",
        abstract: "A Fastly service that serves the same: what differs, take it over, or make it so.",
        subcommands: [EdgeRemoteDiff.self, EdgeRemotePush.self, EdgeRemotePull.self])

    static func table(_ differences: [RemoteDifference]) -> Report.Table {
        Report.Table(
            columns: ["what", "name", "here", "there"],
            rows: differences.map {
                [$0.kind.rawValue, $0.name, brief($0.here), brief($0.there)]
            })
    }

    private static func brief(_ text: String?) -> String {
        guard let text else { return "-" }
        return text.count > 60 ? text.prefix(57) + "..." : text
    }
}

struct EdgeRemoteDiff: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "What differs: VCL, backends, dictionaries, access lists.",
        discussion: "What secret dictionaries hold cannot be compared: nobody reads it there.")
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        try await context.control.require(.operator, context.actor)
        let (version, differences) = try await context.control.remoteDifferences()
        return Report(
            differences.isEmpty
                ? "version \(version) there is as it is here"
                : "\(counted(differences.count, "difference")) to version \(version) there",
            table: differences.isEmpty ? nil : EdgeRemote.table(differences),
            hint: differences.isEmpty
                ? nil : "hq edge remote push makes it so there, pull takes it over here",
            data: .object([
                "version": .integer(Int64(version)), "differences": try JSON(encoding: differences),
            ]))
    }
}

struct EdgeRemotePush: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Make the service there what is active here, as one new version.",
        discussion: """
            A draft is made of the live version, filled, validated and then activated; until then nothing there changes for \
            visitors. The version before is kept, and the undo of the entry activates it again.
            """)
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let (result, differences) = try await context.control.pushRemote(change.request(context))
        var report = Report(result)
        report.table = EdgeRemote.table(differences)
        return report
    }
}

struct EdgeRemotePull: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Make what is active here what is live there: VCL and entries, as one change.")
    @OptionGroup var change: ChangeOptions
    @OptionGroup var door: DoorOptions

    func execute(_ context: CommandContext) async throws -> Report {
        let (result, left) = try await context.control.pullRemote(change.request(context))
        var report = Report(result)
        report.notes += left
        return report
    }
}
