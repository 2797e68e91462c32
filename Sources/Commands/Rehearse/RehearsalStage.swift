import Foundation
import HTTPKit
import Kernel
import LoadGeneration
import Rehearsal
import VCLRuntime

/// The edge and the origin of `hq rehearse --self`: processes of their own, so that the figures of one are not those of
/// another, tied to this one, so that none outlives it.
actor RehearsalStage {
    nonisolated let target: RehearsalTarget
    private let options: StageOptions
    private let folder: URL
    private let originPort: Int
    private var origin: StageProcess?
    private let edge: StageProcess
    private var changes = 0

    private static let announcement = "/rehearsal-announcement"
    /// How long a process of the stage may take to listen, and a change to be seen.
    private static let patience = Duration.seconds(20)

    static func start(_ options: StageOptions) async throws -> RehearsalStage {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hq-rehearsal-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let latency = options.originLatency ?? "300ms"
        let origin = try await StageProcess.start(originArguments(port: 0, latency: latency), patience)
        let program = folder.appendingPathComponent("main.vcl")
        try source(originPort: origin.port, changes: 0).write(to: program, atomically: true, encoding: .utf8)
        let edge: StageProcess
        do {
            edge = try await StageProcess.start(
                ["edge", "run", "--tether", "--vcl", program.path, "--listen", "127.0.0.1:0"], patience)
        } catch {
            origin.end(SIGTERM)
            throw error
        }
        return RehearsalStage(options, folder, origin, edge)
    }

    private init(_ options: StageOptions, _ folder: URL, _ origin: StageProcess, _ edge: StageProcess) {
        self.options = options
        self.folder = folder
        self.origin = origin
        self.edge = edge
        originPort = origin.port
        target = RehearsalTarget(isTLS: false, address: HostPort(host: "127.0.0.1", port: edge.port))
    }

    private static func originArguments(port: Int, latency: String) -> [String] {
        ["rehearse", "origin", "--tether", "--listen", "127.0.0.1:\(port)", "--latency", latency]
    }

    /// The default program, with a dictionary that one address shows.
    private static func source(originPort: Int, changes: Int) -> String {
        let states = DefaultVCL.states.replacingOccurrences(
            of: "sub vcl_recv {",
            with: "sub vcl_recv {\n  if (req.url == \"\(announcement)\") { error 618; }")
        return """
            backend F_origin {
              .host = "127.0.0.1"; .port = "\(originPort)"; .max_connections = 1000;
              .connect_timeout = 1s; .first_byte_timeout = 5s; .between_bytes_timeout = 5s;
            }
            table announcements { "change": "\(changes)" }

            \(states.replacingOccurrences(
                of: "sub vcl_error {",
                with: """
                sub vcl_error {
                  if (obj.status == 618) {
                    set obj.status = 200;
                    synthetic table.lookup(announcements, "change");
                    return(deliver);
                  }
                """))
            """
    }

    /// Nineteen of twenty requests find something fresh, by Zipf's law; the others something stale, each so seldom that it
    /// is stale every time and the origin is asked about it each time.
    static func mix(rate: Double) -> PathMix {
        let fresh = 200
        let stale = min(max(Int(rate * 0.05 * 3), 20), 20_000)
        let harmonic = (1...fresh).reduce(0) { $0 + 1 / Double($1) }
        return PathMix(
            paths: (1...fresh).map { "/fresh/\($0)" } + (1...stale).map { "/stale/\($0)" },
            weights: (1...fresh).map { 0.95 / Double($0) / harmonic }
                + Array(repeating: 0.05 / Double(stale), count: stale))
    }

    // MARK: what happens

    /// Does what is due in a second, and says what it did.
    func act(at second: Int) async -> [String] {
        var said: [String] = []
        if second == StageOptions.second(options.originDies) {
            origin?.end(SIGKILL)
            origin = nil
            said.append("the origin died")
        }
        if second == StageOptions.second(options.originReturns), origin == nil {
            let arguments = RehearsalStage.originArguments(
                port: originPort, latency: options.originLatency ?? "300ms")
            origin = try? await StageProcess.start(arguments, RehearsalStage.patience)
            said.append(origin == nil ? "the origin did not come up again" : "the origin came back")
        }
        if second == StageOptions.second(options.dictionaryChanges) { said.append(await changeDictionary()) }
        return said
    }

    private func changeDictionary() async -> String {
        changes += 1
        let program = folder.appendingPathComponent("main.vcl")
        let text = RehearsalStage.source(originPort: originPort, changes: changes)
        guard (try? text.write(to: program, atomically: true, encoding: .utf8)) != nil else {
            return "the dictionary's file could not be written"
        }
        let began = ContinuousClock.now
        edge.signal(SIGHUP)
        let client = HTTPClientKit(base: target.description, token: "")
        while ContinuousClock.now - began < RehearsalStage.patience {
            let answer = try? await client.send("GET", RehearsalStage.announcement, timeout: .seconds(5))
            if let answer, String(decoding: answer.body, as: UTF8.self) == "\(changes)" {
                return
                    "a dictionary entry changed, and the edge served it after \((ContinuousClock.now - began).brief)"
            }
            try? await Task.sleep(for: .milliseconds(2))
        }
        return "a dictionary entry changed, and the edge did not serve it"
    }

    func end() async {
        edge.end(SIGTERM)
        origin?.end(SIGTERM)
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A child of this process that says where it listens.
final class StageProcess: Sendable {
    private let process: Process
    private let tether: Pipe
    let port: Int

    private init(_ process: Process, _ tether: Pipe, port: Int) {
        self.process = process
        self.tether = tether
        self.port = port
    }

    static func start(_ arguments: [String], _ patience: Duration) async throws -> StageProcess {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        let (tether, said) = (Pipe(), Pipe())
        process.standardInput = tether
        process.standardOutput = said
        do {
            try process.run()
        } catch {
            throw Failure(.internal, "cannot start 'hq \(arguments.prefix(2).joined(separator: " "))'")
        }
        let port = await firstPort(from: said)
        guard let port else {
            process.terminate()
            throw Failure(
                .unavailable, "'hq \(arguments.prefix(2).joined(separator: " "))' did not start",
                hint: "what it said stands above")
        }
        return StageProcess(process, tether, port: port)
    }

    /// Reads on for as long as the child lives, so that it never waits for a reader.
    private static func firstPort(from pipe: Pipe) async -> Int? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var text = ""
                var isTold = false
                while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
                    guard !isTold else { continue }
                    text += String(decoding: data, as: UTF8.self)
                    guard text.contains("\n"), let place = text.range(of: "listening on http://127.0.0.1:")
                    else {
                        continue
                    }
                    isTold = true
                    continuation.resume(returning: Int(text[place.upperBound...].prefix { $0.isNumber }))
                }
                if !isTold { continuation.resume(returning: nil) }
            }
        }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func end(_ number: Int32) {
        guard process.isRunning else { return }
        kill(process.processIdentifier, number)
        process.waitUntilExit()
    }
}
