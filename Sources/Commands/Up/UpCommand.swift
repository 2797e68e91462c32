import ArgumentParser
import CampaignFile
import ControlPlane
import Diagnostics
import Foundation
import HTTPKit
import Journey
import Kernel
import UnixSignals

/// `hq up`: control plane, edge and origin as processes of their own, watched.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start the campaign: control plane, edge and origin.",
        discussion:
            "Each is a process of its own and is started again when it dies. SIGTERM ends them all in good order."
    )

    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?
    @Option(help: ArgumentHelp("Where the edge listens.", valueName: "address")) var edge = "127.0.0.1:8080"
    @Option(help: ArgumentHelp("Where the control plane listens.", valueName: "address")) var control =
        "127.0.0.1:8090"
    @Option(help: ArgumentHelp("Where the origin listens.", valueName: "address")) var origin =
        "127.0.0.1:8091"

    func run() async throws {
        let folder = try ControlFinder.folder(dir)
        let reading = try CampaignReading(folder: folder)
        guard let campaign = reading.campaign else {
            Terminal.complain(reading.placed.rendered(colour: Terminal.errorsAreColoured))
            throw Failure(.invalid, "\(CampaignReading.fileName) has mistakes, nothing is started")
        }
        for address in [edge, control, origin] where HostPort(address) == nil {
            throw Failure(.usage, "'\(address)' is no address", hint: "such as 127.0.0.1:8080")
        }
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent(".hq"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let place = ["--dir", folder.path, "--tether"]
        let supervisor = Supervisor([
            .init(name: "control", arguments: ["control", "--listen", control, "--origin", origin] + place),
            .init(name: "origin", arguments: ["origin", "--listen", origin] + place),
            .init(
                name: "edge",
                arguments: ["edge", "start", "--listen", edge, "--cache", "\(campaign.cache.bytes)B"] + place),
        ])
        await supervisor.start()
        let greeting = Task { await greet(campaign, folder) }
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        greeting.cancel()
        await supervisor.stop()
    }

    /// The table of addresses, once everything answers.
    private func greet(_ campaign: Campaign, _ folder: URL) async {
        let edgeURL = "http://\(edge)"
        let health = HTTPClientKit(base: edgeURL, token: "")
        while !Task.isCancelled,
            (try? await health.send("GET", "/.well-known/hq-up", timeout: .seconds(2))) == nil
        { try? await Task.sleep(for: .milliseconds(20)) }
        let admin = campaign.people.first { $0.role == .admin }?.name ?? "nobody"
        let report = Report(
            "\(campaign.name) is up",
            fields: [.init("you are", "\(admin), admin, through this folder's access file")],
            table: .init(
                columns: ["what", "where"],
                rows: [
                    ["edge", edgeURL], ["control", "http://\(control)"], ["origin", "http://\(origin)"],
                    ["state", folder.appendingPathComponent(".hq").path],
                ]),
            hint: "curl -i \(edgeURL)/   hq status   hq dict list   hq log")
        Terminal.say(report.text(colour: Terminal.isColoured))
    }
}

/// Keeps processes alive: one that dies is started again, after a pause that doubles while it keeps dying.
actor Supervisor {
    struct Child: Sendable {
        let name: String
        let arguments: [String]
    }

    /// Pauses before a new start, in milliseconds. A process that lived for ten seconds begins again with the first.
    static let pauses: [Int] = [0, 200, 500, 1000, 2000, 5000]
    /// How long a process may take to end in good order.
    static let grace: Duration = .seconds(5)

    private let children: [Child]
    private var running: [String: (process: Process, tether: Pipe, since: ContinuousClock.Instant)] = [:]
    private var deaths: [String: Int] = [:]
    private var stopping = false

    init(_ children: [Child]) { self.children = children }

    func start() { for child in children { launch(child) } }

    private func launch(_ child: Child) {
        guard !stopping else { return }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = child.arguments
        let tether = Pipe()
        process.standardInput = tether
        process.terminationHandler = { [weak self] ended in
            let (status, reason) = (ended.terminationStatus, ended.terminationReason)
            Task { await self?.ended(child, status, reason) }
        }
        do {
            try process.run()
            running[child.name] = (process, tether, .now)
        } catch {
            Terminal.complain("hq: cannot start \(child.name): \(error)\n")
        }
    }

    private func ended(_ child: Child, _ status: Int32, _ reason: Process.TerminationReason) async {
        let lived = running.removeValue(forKey: child.name).map { ContinuousClock.now - $0.since } ?? .zero
        guard !stopping else { return }
        let count = lived > .seconds(10) ? 0 : deaths[child.name, default: 0]
        deaths[child.name] = count + 1
        let pause = Supervisor.pauses[min(count, Supervisor.pauses.count - 1)]
        let how = reason == .uncaughtSignal ? "was killed by signal \(status)" : "ended with status \(status)"
        Terminal.say(
            "hq: \(child.name) \(how) after \(lived.brief); starting it again"
                + (pause > 0 ? " in \(pause) ms" : ""))
        if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
        launch(child)
    }

    func stop() async {
        stopping = true
        for entry in running.values { entry.process.terminate() }
        let end = ContinuousClock.now + Supervisor.grace
        while !running.isEmpty, ContinuousClock.now < end { try? await Task.sleep(for: .milliseconds(20)) }
        for entry in running.values { kill(entry.process.processIdentifier, SIGKILL) }
    }
}
