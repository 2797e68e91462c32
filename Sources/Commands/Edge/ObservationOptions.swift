import ArgumentParser
import Edge
import EdgeRecords
import Foundation
import HTTPKit
import Kernel

/// What an edge writes down and tells; the same for an edge of a campaign and for one alone.
struct ObservationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Where a line for each request goes: \(LogPlace.forms); with ,format=json|combined|common and \
            ,clients=full|network|none behind it. May be repeated.
            """, valueName: "place"))
    var accessLog: [String] = []

    @Option(
        help: ArgumentHelp(
            "Where lines go that the program logs to the endpoint NAME. May be repeated.",
            valueName: "name=place"))
    var logEndpoint: [String] = []

    @Option(help: ArgumentHelp("Where Prometheus finds /metrics.", valueName: "address"))
    var metrics: String?

    @Option(
        help: ArgumentHelp(
            "The Unix socket through which 'hq edge log', 'top', 'explain' and 'requests' ask.",
            valueName: "path"))
    var admin: String?

    @Option(help: ArgumentHelp("Keep a sample of requests that took longer.", valueName: "duration"))
    var slow = "1s"

    @Option(help: ArgumentHelp("Keep a sample of answers that are larger.", valueName: "size"))
    var large = "10MiB"

    @Option(
        help: ArgumentHelp(
            "Memory for the latest 16 requests of each client; 16MiB remembers 2,000 clients. 0 for none.",
            valueName: "size"))
    var flightRecorder = "0"

    func validate() throws {
        do {
            for place in accessLog { _ = try LogPlace(place) }
            for endpoint in logEndpoint { _ = try ObservationOptions.endpoint(endpoint) }
        } catch let failure as Failure {
            throw ValidationError(failure.message + (failure.hint.map { ": \($0)" } ?? ""))
        }
        if accessLog.count + logEndpoint.count > LogLimits.destinations {
            throw ValidationError("an edge has at most \(LogLimits.destinations) logs")
        }
        if let metrics, HostPort(metrics) == nil {
            throw ValidationError("--metrics wants an address such as 127.0.0.1:9145, not '\(metrics)'")
        }
        if Duration(parsing: slow) == nil {
            throw ValidationError("--slow wants a duration such as 500ms, not '\(slow)'")
        }
        for (name, size) in [("large", large), ("flight-recorder", flightRecorder)]
        where ByteCount(parsing: size) == nil {
            throw ValidationError("--\(name) wants a size such as 10MiB, not '\(size)'")
        }
    }

    private static func endpoint(_ text: String) throws -> (name: String, place: LogPlace) {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains(" :: ") else {
            throw Failure(.usage, "--log-endpoint wants NAME=PLACE, not '\(text)'")
        }
        return (parts[0], try LogPlace(parts[1]))
    }

    /// Opens the logs. Paths of files are below `folder`, when there is one.
    func opened(
        in folder: URL? = nil, takesOver: Bool = false, report: @escaping @Sendable (String) -> Void
    ) throws -> Observation {
        var settings = Observation.Settings()
        settings.slow = Duration(parsing: slow) ?? settings.slow
        settings.large = ByteCount(parsing: large) ?? settings.large
        settings.flightRecorder = ByteCount(parsing: flightRecorder) ?? settings.flightRecorder
        let host = ProcessInfo.processInfo.hostName
        var destinations: [LogDestination] = []
        for text in accessLog {
            let place = try LogPlace(text).placed(in: folder)
            destinations.append(try LogDestination(place, .requests, host: host, report: report))
        }
        for text in logEndpoint {
            let (name, place) = try ObservationOptions.endpoint(text)
            let placed = place.placed(in: folder)
            destinations.append(try LogDestination(placed, .endpoint(name), host: host, report: report))
        }
        // The edge before this one has it until it ends; `run` waits for that.
        if !takesOver, let address = metrics.flatMap({ HostPort($0) }) {
            try ListenCheck.require(address, for: "edge", option: "metrics")
        }
        return Observation(settings, hub: RecordHub(destinations: destinations))
    }

    /// Answers whoever runs the edge, until cancelled. What cannot be listened on is said; the edge serves without it.
    func serve(_ core: EdgeCore, usually: String? = nil, report: @escaping @Sendable (String) -> Void) async {
        await withTaskGroup(of: Void.self) { tasks in
            if let path = admin ?? usually {
                let server = AdminServer(core, followsCampaign: usually != nil)
                tasks.addTask {
                    await ObservationOptions.run(
                        HTTPServer(place: .socket(path)) { await server.handle($0) }, report)
                }
            }
            if let address = metrics.flatMap({ HostPort($0) }) {
                tasks.addTask {
                    await ObservationOptions.run(
                        HTTPServer(address: address, handler: AdminServer.metrics(of: core)), report)
                }
            }
        }
    }

    /// Tries again while another edge, which hands over or ends, may still have the place; said once, after that time.
    private static func run(_ server: HTTPServer, _ report: @Sendable (String) -> Void) async {
        var tries = 0
        while !Task.isCancelled {
            do {
                return try await server.run(handlesSignals: false) { _ in }
            } catch {
                tries += 1
                if tries == doorTries {
                    let reason = (error as? Failure)?.message ?? "\(error)"
                    report("the operator's door is closed: \(reason)")
                }
            }
            try? await Task.sleep(for: doorPause)
        }
    }

    /// Together five seconds.
    private static let doorTries = 20
    private static let doorPause: Duration = .milliseconds(250)
}

extension LogPlace {
    /// A file whose path is relative lies below `folder`.
    fileprivate func placed(in folder: URL?) -> LogPlace {
        guard let folder, case .file(let path) = destination, !path.hasPrefix("/") else { return self }
        var placed = self
        placed.destination = .file(folder.appendingPathComponent(path).path)
        return placed
    }
}
