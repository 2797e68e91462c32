import ArgumentParser
import Console
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Origin
import UnixSignals

/// `hq origin`: serves the sites.
struct OriginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "origin", abstract: "Serve the campaign's sites; 'hq up' does this for you.")
    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?
    @Option(help: ArgumentHelp("Where to listen.", valueName: "address")) var listen = UpCommand.originAddress
    @Flag(help: .hidden) var tether = false

    func run() async throws {
        if tether { Tether.hold() }
        let folder = try ControlFinder.folder(dir)
        guard let address = HostPort(listen) else { throw Failure(.usage, "--listen is no address") }
        let origin = SiteOrigin(folder: folder)
        try await HTTPServer(address: address) { await origin.respond($0) }.run { port in
            Terminal.say("origin: listening on http://\(address.host):\(port)")
        }
    }
}
