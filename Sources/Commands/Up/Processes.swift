import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Origin
import UnixSignals

/// `hq control`: the control plane alone.
struct ControlCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "control", abstract: "Run the control plane; 'hq up' does this for you.")
    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?
    @Option(help: ArgumentHelp("Where to listen.", valueName: "address")) var listen = "127.0.0.1:8090"
    @Option(help: ArgumentHelp("Where the origin listens.", valueName: "address")) var origin =
        "127.0.0.1:8091"
    @Flag(help: .hidden) var tether = false

    func run() async throws {
        if tether { Tether.hold() }
        let folder = try ControlFinder.folder(dir)
        guard let address = HostPort(listen), let origin = HostPort(origin) else {
            throw Failure(.usage, "--listen or --origin is no address")
        }
        let control = try Control(folder: folder, originAddress: origin)
        let watcher = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(1))
                if let report = await control.takeOverFiles() {
                    Terminal.say("control: " + report.text(colour: false))
                }
            }
        }
        let closer = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                await control.closeFeeds()
            }
        }
        defer {
            watcher.cancel()
            closer.cancel()
        }
        try await ControlServer(control: control, registry: Commands(control: control)).run(address: address)
        { port in
            try? await control.openLocalAccess(url: "http://\(address.host):\(port)")
            Terminal.say("control: listening on http://\(address.host):\(port)")
        }
    }
}

/// `hq origin`: serves the sites.
struct OriginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "origin", abstract: "Serve the campaign's sites; 'hq up' does this for you.")
    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?
    @Option(help: ArgumentHelp("Where to listen.", valueName: "address")) var listen = "127.0.0.1:8091"
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
