import ArgumentParser
import Diagnostics
import Edge
import Foundation
import Kernel
import UnixSignals
import VCLRuntime

/// `hq edge run`: an edge alone, without a control plane or a campaign file.
struct EdgeRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run an edge by itself: a cache in front of an origin.",
        discussion: """
            With --vcl it runs that program, which declares its own backends. With --origin it runs the default VCL, a
            plain shared cache by RFC 9111. SIGHUP reads the program and the certificates again; what has a mistake is refused
            and the old one stays. Certificates are read again by themselves when their files change.
            """)

    @Option(help: ArgumentHelp("The VCL program.", valueName: "file"), completion: .file(extensions: ["vcl"]))
    var vcl: String?

    @Option(help: ArgumentHelp("Cache this host with the default VCL.", valueName: "address"))
    var origin: String?

    @OptionGroup var listening: ListenerOptions
    @OptionGroup var observing: ObservationOptions

    @Option(help: ArgumentHelp("Memory for cached responses, such as 512MiB.", valueName: "size"))
    var cache = "256MiB"

    @OptionGroup var place: GeoFile
    @OptionGroup var shields: ShieldOptions

    @OptionGroup(title: "Limits for clients") var admission: AdmissionOptions

    @OptionGroup(title: "Challenges") var challenges: ChallengeOptions

    @Flag(help: .hidden) var tether = false

    func validate() throws {
        if (vcl == nil) == (origin == nil) {
            throw ValidationError("give either --vcl FILE or --origin ADDRESS")
        }
        if let origin, HostPort(origin) == nil {
            throw ValidationError("--origin wants an address such as 127.0.0.1:8000, not '\(origin)'")
        }
        if ByteCount(parsing: cache) == nil {
            throw ValidationError("--cache wants a size such as 512MiB, not '\(cache)'")
        }
    }

    func run() async throws {
        if tether { Tether.hold() }
        guard let program = try load() else { throw ExitCode(1) }
        guard let size = ByteCount(parsing: cache) else { throw ExitCode(2) }
        let listeners = try listening.opened(report: Self.report)
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: program), cacheSize: size,
            identity: ProcessInfo.processInfo.hostName, geo: try place.database(),
            shielding: try shields.shielding(identity: ProcessInfo.processInfo.hostName),
            observation: try observing.opened(takesOver: listeners.takesOver, report: Self.report),
            admission: admission.limits, challenge: try challenges.opened(),
            certificates: listeners.certificates)
        let server = EdgeServer(core: core)
        let places = try await listeners.start(on: server)
        Terminal.say("edge: listening on \(places), cache \(size)")
        let watching = Task { await listeners.watchCertificates(report: Self.report) }
        let telling = Task { await observing.serve(core, report: Self.report) }
        await waitForSignals(core, listeners)
        watching.cancel()
        telling.cancel()
        await listeners.stop(server)
    }

    @Sendable private static func report(_ text: String) { Terminal.complain("edge: \(text)\n") }

    private func waitForSignals(_ core: EdgeCore, _ listeners: OpenedListeners) async {
        for await signal in await UnixSignalsSequence(trapping: .sighup, .sigterm, .sigint) {
            guard signal == .sighup else { return }
            listeners.reloadCertificates(report: Self.report)
            await core.observation.hub.reopen()
            guard let program = try? load() else { continue }
            core.install(
                Snapshot(
                    number: core.snapshot.number + 1, program: program,
                    rateLimits: core.snapshot.rateLimits, shedding: core.snapshot.shedding))
            Terminal.say("edge: program read again")
        }
    }

    /// The compiled program, or nil with its mistakes printed.
    private func load() throws -> Program? {
        let compiler: Compiler
        let source: SourceFile
        if let vcl {
            guard let data = FileManager.default.contents(atPath: vcl) else {
                throw Failure(.notFound, "cannot read '\(vcl)'")
            }
            source = SourceFile(name: vcl, bytes: Array(data))
            compiler = Compiler(
                model: ServiceModel(including: URL(fileURLWithPath: vcl).deletingLastPathComponent()))
        } else {
            let place = HostPort(origin ?? "") ?? HostPort(host: "127.0.0.1", port: 80)
            source = DefaultVCL.source(originHost: place.host, originPort: place.port)
            compiler = Compiler()
        }
        let program = compiler.compile(source)
        let text = compiler.diagnostics.placed(in: compiler.sources).rendered(
            colour: Terminal.errorsAreColoured)
        Terminal.complain(text)
        return program
    }
}

extension ServiceModel {
    /// Every `.vcl` file below `folder` may be included by its path from there.
    init(including folder: URL) {
        self.init()
        servedHere = true
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasSuffix(".vcl") {
            guard let data = FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
            else { continue }
            includes[name] = SourceFile(name: name, bytes: Array(data))
        }
    }
}
