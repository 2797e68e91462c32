import ArgumentParser
import Edge
import Foundation
import Kernel
import UnixSignals
import VCLRuntime

/// `hq edge start`: an edge of a campaign. It follows the control plane, and serves on without it.
struct EdgeStart: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Run an edge of the campaign; 'hq up' does this for you.",
        discussion:
            "Starts from the last snapshot on disk, without the control plane if need be, and follows its changes."
    )

    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?
    @OptionGroup var listening: ListenerOptions
    @OptionGroup var observing: ObservationOptions
    @Option(help: ArgumentHelp("This edge's name.", valueName: "name")) var name = "edge-1"
    @Option(help: ArgumentHelp("Memory for cached responses.", valueName: "size")) var cache = "256MiB"
    @OptionGroup var place: GeoFile
    @OptionGroup var shields: ShieldOptions
    @OptionGroup(title: "Limits for clients") var admission: AdmissionOptions
    @OptionGroup(title: "Challenges") var challenges: ChallengeOptions
    @Flag(help: .hidden) var tether = false

    func run() async throws {
        if tether { Tether.hold() }
        let folder = try ControlFinder.folder(dir)
        guard let size = ByteCount(parsing: cache) else { throw Failure(.usage, "--cache cannot be read") }
        let report: @Sendable (String) -> Void = { [name] in Terminal.complain("edge \(name): \($0)\n") }
        let listeners = try listening.opened(
            usually: Succession.path(of: name, in: folder),
            certificatesIn: folder.appendingPathComponent(".hq/acme").path, report: report)
        let follower = try await EdgeFollower.start(
            folder: folder, name: name, cacheSize: size, geo: try place.database(),
            shielding: try shields.shielding(identity: name),
            observation: try observing.opened(in: folder, takesOver: listeners.takesOver, report: report),
            admission: admission.limits,
            challenge: try challenges.opened(
                usually: folder.appendingPathComponent(".hq/challenge.key").path),
            certificates: listeners.certificates)
        let server = EdgeServer(core: follower.core)
        let places = try await listeners.start(on: server)
        Terminal.say("edge \(name): listening on \(places), snapshot \(follower.core.snapshot.number)")
        let following = Task { await follower.follow() }
        let watching = Task { await listeners.watchCertificates(report: report) }
        let door = EdgeDoor.path(of: name, in: folder)
        let telling = Task { await observing.serve(follower.core, usually: door, report: report) }
        for await signal in await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint) {
            guard signal == .sighup else { break }
            listeners.reloadCertificates(report: report)
            await follower.core.observation.hub.reopen()
        }
        following.cancel()
        watching.cancel()
        telling.cancel()
        await listeners.stop(server)
    }
}
