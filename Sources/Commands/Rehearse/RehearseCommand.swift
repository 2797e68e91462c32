import ArgumentParser
import Foundation
import Kernel
import LoadGeneration
import Rehearsal
import UnixSignals

/// `hq rehearse`: what a surge does to an edge, before one comes.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse", abstract: "Rehearse a surge: load an edge and see what gives first.",
        discussion: """
            hq rehearse frankenbump --self shows it all at once: an edge, an origin and the load, on this machine.
            hq rehearse blast --target http://127.0.0.1:8080 --paths paths.txt loads an edge that runs here. A host elsewhere is
            loaded only while its owner confirms it (hq rehearse authorize HOST).
            """,
        subcommands: [RehearseRun.self, RehearseShapes.self, RehearseAuthorize.self, RehearseOrigin.self],
        defaultSubcommand: RehearseRun.self)
}

/// `hq rehearse shapes`: how visitors can come.
struct RehearseShapes: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shapes", abstract: "How visitors can come, with the usual rate and length of each.")

    func run() throws {
        let width = SurgeShape.all.map(\.name.count).max() ?? 0
        for shape in SurgeShape.all {
            let curve = shape.curve(rate: shape.rate, length: shape.length)
            let rates = (0..<40).map { curve.rate(at: (Double($0) + 0.5) * curve.seconds / 40) }
            let space = String(repeating: " ", count: width + 2 - shape.name.count)
            Terminal.say("\(shape.name)\(space)\(LivePicture.sparkline(rates, width: 40))")
            let indent = String(repeating: " ", count: width + 2)
            Terminal.say("\(indent)\(shape.models)")
            Terminal.say("\(indent)up to \(grouped(Int(shape.rate))) requests/s for \(shape.length.brief)")
        }
    }
}

/// `hq rehearse authorize HOST`: what a host's owner publishes so that it may be loaded.
struct RehearseAuthorize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorize", abstract: "What a host publishes to confirm that it may be loaded.",
        discussion: """
            Whoever can publish a file on a host may let it be loaded; nobody else can. The file says until when and how much, \
            and whoever takes it away ends a rehearsal within seconds.
            """)

    @Argument(help: ArgumentHelp("The host, such as www.example.org.", valueName: "host")) var host: String
    @Option(name: .customLong("for"), help: ArgumentHelp("For how long it is good.", valueName: "duration"))
    var length = "1d"
    @Option(help: ArgumentHelp("The most requests a second.", valueName: "number")) var rate = 2500
    @Flag(help: "Print JSON.") var json = false

    func validate() throws {
        if Duration(parsing: length) == nil {
            throw ValidationError("--for wants a duration such as 1d, not '\(length)'")
        }
        if !(1...Int(RehearsalLimits.rate)).contains(rate) {
            throw ValidationError("--rate wants 1 to \(grouped(Int(RehearsalLimits.rate)))")
        }
    }

    func run() throws {
        let target = try RehearsalTarget(parsing: host)
        var random = SystemRandomNumberGenerator()
        let length = Duration(parsing: length) ?? .seconds(86_400)
        let confirmation = HostConfirmation(
            host: target.address.host, token: HostConfirmation.token(&random),
            until: Int64(Date().timeIntervalSince1970) + Int64(length.inSeconds), rate: rate)
        let path = HostConfirmation.path(confirmation.token)
        if json {
            let members: [JSONMember] = [
                JSONMember("path", .string(path)), JSONMember("body", .string(confirmation.line)),
                JSONMember("token", .string(confirmation.token)),
            ]
            return Terminal.say(JSONValue.object(members).text)
        }
        Terminal.say(
            """
            publish this file on \(confirmation.host), and take it away to end a rehearsal:

                \(path)

            with this line as all it holds:

                \(confirmation.line)

            then, within \(length.brief) and up to \(grouped(rate)) requests/s:

                hq rehearse frankenbump --target https://\(confirmation.host) --token \(confirmation.token)
            """)
    }
}

/// `hq rehearse origin`: an origin whose slowness is known.
struct RehearseOrigin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "origin", abstract: "Serve pages that take a while, to rehearse against.",
        discussion: """
            Every path is a page. /stale/... lives for a second and is asked for again while it is served stale, /pass/... is
            never kept, everything else lives for an hour.
            """)

    @Option(help: ArgumentHelp("Where to listen.", valueName: "address")) var listen = "127.0.0.1:8092"
    @Option(help: ArgumentHelp("How long each answer takes.", valueName: "duration")) var latency = "300ms"
    @Option(help: ArgumentHelp("How long a page is.", valueName: "size")) var body = "1KiB"
    @Flag(help: .hidden) var tether = false

    func run() async throws {
        if tether { Tether.hold() }
        guard let address = HostPort(listen) else {
            throw Failure(.usage, "--listen wants an address such as 127.0.0.1:8092, not '\(listen)'")
        }
        guard let latency = Duration(parsing: latency) else {
            throw Failure(.usage, "--latency wants a duration such as 300ms, not '\(latency)'")
        }
        guard let size = ByteCount(parsing: body), size.bytes <= LoadGeneration.RehearsalOrigin.mostBodyBytes
        else {
            let most = ByteCount(LoadGeneration.RehearsalOrigin.mostBodyBytes)
            throw Failure(.usage, "--body wants a size such as 1KiB, at most \(most), not '\(body)'")
        }
        let origin = LoadGeneration.RehearsalOrigin(latency: latency, bodyBytes: size.bytes)
        let port = try await origin.start(address)
        Terminal.say("origin: listening on \(HostPort(host: address.host, port: port).url)")
        for await _ in await UnixSignalsSequence(trapping: .sigterm, .sigint) { break }
        await origin.stop()
    }
}
