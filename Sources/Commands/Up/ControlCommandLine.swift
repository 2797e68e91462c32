import ArgumentParser
import Console
import ControlPlane
import FastlyAPI
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
    @Option(help: ArgumentHelp("Where the Fastly-compatible API listens.", valueName: "address"))
    var fastlyAPI = UpCommand.fastlyAPIAddress
    @Option(help: ArgumentHelp("Where the origin listens.", valueName: "address")) var origin =
        UpCommand.originAddress
    @Flag(help: .hidden) var tether = false

    func run() async throws {
        if tether { Tether.hold() }
        let folder = try ControlFinder.folder(dir)
        guard let address = HostPort(listen), let origin = HostPort(origin), let fastly = HostPort(fastlyAPI)
        else {
            throw Failure(.usage, "--listen, --fastly-api or --origin is no address")
        }
        // Before anything of a control plane that runs here already is written anew.
        try ListenCheck.require(fastly, for: "fastly-api")
        let control = try Control(folder: folder, originAddress: origin)
        let commands = Commands(control: control)
        let checks = SiteChecks(control: control)
        let console = Console(source: ControlConsole(control: control, registry: commands, checks: checks))
        let server = ControlServer(control: control, registry: commands) { await console.respond($0) }
        let work = [
            Task { await ControlWork.run(control) }, Task { await ControlWork.followElsewhere(control) },
            Task { await checks.run() },
            Task {
                for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
                    console.close()
                    await control.closeFeeds()
                }
            },
        ]
        defer { for task in work { task.cancel() } }
        let api = FastlyServer(source: ControlFastly(control: control))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run(address: address) { port in
                    try? await control.openLocalAccess(url: HostPort(host: address.host, port: port).url)
                    Terminal.say("control: listening on http://\(address.host):\(port)")
                }
            }
            group.addTask {
                try await api.run(address: fastly) { port in
                    Terminal.say(
                        "control: the Fastly-compatible API listens on http://\(fastly.host):\(port)")
                }
            }
            // One without the other is no control plane; the first that ends, or cannot begin, ends both.
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
