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
    @Option(help: ArgumentHelp("Where to listen.", valueName: "address")) var listen = "127.0.0.1:8080"
    @Option(help: ArgumentHelp("This edge's name.", valueName: "name")) var name = "edge-1"
    @Option(help: ArgumentHelp("Memory for cached responses.", valueName: "size")) var cache = "256MiB"
    @OptionGroup var place: GeoFile
    @Flag(help: .hidden) var tether = false

    func run() async throws {
        if tether { Tether.hold() }
        let folder = try ControlFinder.folder(dir)
        guard let address = HostPort(listen), let size = ByteCount(parsing: cache) else {
            throw Failure(.usage, "--listen or --cache cannot be read")
        }
        let follower = try await EdgeFollower.start(
            folder: folder, name: name, cacheSize: size, geo: try place.database())
        // Its sockets share their port with each other, and would with a stranger.
        try ListenCheck.require(address, for: "edge", option: "listen")
        let server = EdgeServer(core: follower.core)
        let port = try await server.start(host: address.host, port: address.port)
        Terminal.say(
            "edge \(name): listening on http://\(address.host):\(port), snapshot \(follower.core.snapshot.number)"
        )
        let following = Task { await follower.follow() }
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        following.cancel()
        await server.stop()
    }
}
