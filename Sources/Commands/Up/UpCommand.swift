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
            """
            Each is a process of its own and is started again when it dies. SIGTERM ends them all in good order; SIGUSR2, or \
            'hq edge upgrade', starts the edge's program anew without losing a connection.
            """
    )

    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?
    @OptionGroup var visitors: GeoFile
    @Option(
        help: ArgumentHelp(
            "Where the edge listens; else what the campaign file says (edge: listen:), else 127.0.0.1:8080.",
            valueName: "address"))
    var edge: String?
    @Option(help: ArgumentHelp("Where the control plane listens.", valueName: "address")) var control =
        "127.0.0.1:8090"
    @Option(help: ArgumentHelp("Where the Fastly-compatible API listens.", valueName: "address"))
    var fastlyAPI = UpCommand.fastlyAPIAddress
    @Option(help: ArgumentHelp("Where the origin listens.", valueName: "address")) var origin =
        UpCommand.originAddress

    static let fastlyAPIAddress = "127.0.0.1:8091"
    static let originAddress = "127.0.0.1:8092"

    func run() async throws {
        let folder = try ControlFinder.folder(dir)
        let campaign = try read(folder)
        try checkPlaces(campaign)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent(".hq"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let lock = try FolderLock(folder)
        defer { lock.release() }
        let place = ["--dir", folder.path, "--tether"]
        let supervisor = Supervisor(
            [
                .init(
                    name: "control", address: control, fastlyAPI: fastlyAPI,
                    arguments: [
                        "control", "--listen", control, "--fastly-api", fastlyAPI, "--origin", origin,
                    ] + place),
                .init(name: "origin", address: origin, arguments: ["origin", "--listen", origin] + place),
                edgeChild(campaign, folder),
            ], folder: folder)
        await supervisor.start()
        let greeting = Task { await greet(campaign, folder) }
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint, .sigusr2) {
            guard signal == .sigusr2 else { break }
            await upgrade(supervisor, folder)
        }
        greeting.cancel()
        await supervisor.stop()
    }

    private func plainPlace(_ campaign: Campaign) -> String {
        edge ?? campaign.listen?.description ?? "127.0.0.1:8080"
    }

    private func checkPlaces(_ campaign: Campaign) throws {
        for (name, text) in [
            ("edge", plainPlace(campaign)), ("control", control), ("fastly-api", fastlyAPI),
            ("origin", origin),
        ] {
            guard let address = HostPort(text) else {
                throw Failure(.usage, "'\(text)' is no address", hint: "such as 127.0.0.1:8080")
            }
            try ListenCheck.require(address, for: name)
        }
        for address in campaign.tls?.listen ?? [] {
            try ListenCheck.require(
                address, for: "edge", hint: "stop what uses it, or name another address in edge: tls: listen:"
            )
        }
    }

    /// The campaign file as it lies on disk, with what its edge cannot start without.
    private func read(_ folder: URL) throws -> Campaign {
        let reading = try CampaignReading(folder: folder)
        guard let campaign = reading.campaign else {
            Terminal.complain(reading.placed.rendered(colour: Terminal.errorsAreColoured))
            throw Failure(.invalid, "\(CampaignReading.fileName) has mistakes, nothing is started")
        }
        let findings = reading.certificateFindings(folder)
        Terminal.complain(findings.rendered(colour: Terminal.errorsAreColoured))
        if findings.contains(where: { $0.rule == CertificateCheck.unusable }) {
            throw Failure(.invalid, "the edge cannot use its certificates, nothing is started")
        }
        if let shield = campaign.shield {
            _ = try ShieldOptions.word(in: campaign.wordFile(of: shield, in: folder))
        }
        return campaign
    }

    private func edgeChild(_ campaign: Campaign, _ folder: URL) -> Supervisor.Child {
        let place = plainPlace(campaign)
        return .init(
            name: "edge", address: place, secure: campaign.tls?.listen.map(\.description),
            arguments: ["edge", "start", "--listen", place] + campaign.edgeWords(in: folder) + visitors.words
                + ["--dir", folder.path, "--tether"])
    }

    /// The edge that takes over has what the campaign file says now; with mistakes in that, what the one before it had.
    private func upgrade(_ supervisor: Supervisor, _ folder: URL) async {
        do {
            await supervisor.replace("edge", by: edgeChild(try read(folder), folder))
        } catch {
            let reason = (error as? Failure)?.message ?? "\(error)"
            Terminal.complain("hq: \(reason); the edge starts anew with what it had\n")
            await supervisor.replace("edge")
        }
    }

    /// The table of addresses, once everything answers.
    private func greet(_ campaign: Campaign, _ folder: URL) async {
        let place = plainPlace(campaign)
        let edgeURL = HostPort(place)?.url ?? place
        let health = HTTPClientKit(base: edgeURL, token: "")
        while !Task.isCancelled,
            (try? await health.send("GET", "/.well-known/hq-up", timeout: .seconds(2))) == nil
        { try? await Task.sleep(for: .milliseconds(20)) }
        let admin = campaign.people.first { $0.role == .admin }?.name ?? "nobody"
        var fields: [Report.Field] = [
            .init("you are", "\(admin), admin, through this folder's access file"),
            .init("state", folder.appendingPathComponent(".hq").path),
        ]
        if let link = await loginLink(folder) { fields.append(.init("console", link)) }
        let table = ProcessTable.read(in: folder)
        let report = Report(
            "\(campaign.name) is up", fields: fields,
            table: table?.report(now: Date().milliseconds),
            hint: "curl -i \(edgeURL)/   hq status   hq dict list   hq log   hq login")
        Terminal.say(report.text(colour: Terminal.isColoured))
    }

    /// A first way into the console, good once.
    private func loginLink(_ folder: URL) async -> String? {
        guard let access = LocalAccess.read(LocalAccess.path(in: folder)) else { return nil }
        let client = HTTPClientKit(base: access.url, token: access.token)
        let report = try? await client.report(of: CommandCall(argv: ["login"]), timeout: .seconds(5))
        return report?.data["link"]?.string
    }
}
