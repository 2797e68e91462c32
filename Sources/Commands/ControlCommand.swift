import ArgumentParser
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel

/// A command that the control plane carries out. Typed at a terminal it sends its words there and prints the report; on the
/// control plane the same type does the work.
protocol ControlCommand: AsyncParsableCommand {
    var door: DoorOptions { get }
    func execute(_ context: CommandContext) async throws -> Report
    /// What the terminal reads for the control plane: files, standard input.
    func attachments() throws -> [String: Data]
    /// The words that are sent; those that were typed, unless a command says otherwise.
    func words() throws -> [String]
    /// What the terminal does when the control plane is done.
    func finish(_ report: inout Report) throws
    /// Whether it changes nothing, so that a GET may carry it.
    static var isReading: Bool { get }
}

struct CommandContext: Sendable {
    let control: Control
    let actor: Actor
    let argv: [String]
    let attachments: [String: Data]
}

struct DoorOptions: ParsableArguments {
    @Flag(help: "Print one JSON document.")
    var json = false

    @Option(
        help: ArgumentHelp("The campaign's folder; else the one you stand in.", valueName: "dir"),
        completion: .directory)
    var dir: String?

    init() {}
}

struct ChangeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Why, for the ledger.", valueName: "text"))
    var because: String?

    @Flag(help: "Show the change and the guards' verdicts; change nothing.")
    var dryRun = false

    @Option(
        name: .customLong("override"),
        help: ArgumentHelp("Go past this guard's block, loudly; needs --because.", valueName: "guard"))
    var overrides: [String] = []

    init() {}

    func request(_ context: CommandContext) -> Control.Request {
        Control.Request(
            actor: context.actor, argv: context.argv, because: because, dryRun: dryRun, overrides: overrides)
    }
}

/// When a change takes effect and for how long, for commands where that makes sense.
struct TimeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "When: \(LocalTime.forms). Times without a zone are the campaign's.", valueName: "time"))
    var at: String?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("How long, such as 2h; then it is taken back by itself.", valueName: "duration"))
    var duration: String?

    init() {}

    func apply(to request: Control.Request) -> Control.Request {
        var request = request
        request.at = at
        request.duration = duration
        return request
    }
}

extension ControlCommand {
    static var isReading: Bool { false }

    func attachments() throws -> [String: Data] { [:] }
    func words() throws -> [String] { Array(CommandLine.arguments.dropFirst()) }
    func finish(_ report: inout Report) throws {}

    func run() async throws { try await print() }

    /// Carries it out and prints the report.
    func print() async throws {
        let report = await send()
        if door.json {
            Terminal.say(report.json.text)
        } else if report.outcome == .done {
            FileHandle.standardOutput.write(Data(report.text(colour: Terminal.isColoured).utf8))
        } else {
            Terminal.complain(report.text(colour: Terminal.errorsAreColoured))
        }
        if report.outcome != .done { throw ExitCode(report.outcome.exitStatus) }
    }

    private func send() async -> Report {
        do {
            let client = try ControlFinder.find(door.dir)
            let call = CommandCall(argv: try words(), attachments: try attachments())
            var report = try await client.report(of: call)
            if report.outcome == .done { try finish(&report) }
            return report
        } catch let failure as Failure {
            return Report(failure)
        } catch {
            return Report(
                Failure(
                    .unavailable, "the control plane's answer cannot be read",
                    hint: "do both run the same version of hq?"))
        }
    }
}

extension HTTPClientKit {
    /// Has the control plane carry out a call.
    func report(of call: CommandCall, timeout: Duration = .seconds(60)) async throws -> Report {
        let answer = try await send(
            "POST", "/v1/commands", body: try JSONEncoder().encode(call), timeout: timeout)
        return try JSONDecoder().decode(Report.self, from: answer.body)
    }
}

/// Finds the control plane: HQ_URL and HQ_TOKEN, else the campaign's folder at or above the one we stand in.
enum ControlFinder {
    /// Whether the control plane is named by its address, so that its machine may be another one.
    static func isRemote(_ directory: String?) -> Bool {
        directory == nil && ProcessInfo.processInfo.environment["HQ_URL"] != nil
    }

    static func find(_ directory: String?) throws -> HTTPClientKit {
        let environment = ProcessInfo.processInfo.environment
        if directory == nil, let url = environment["HQ_URL"] {
            guard let token = environment["HQ_TOKEN"] else {
                throw Failure(.usage, "HQ_URL is set, HQ_TOKEN is not", hint: "export HQ_TOKEN=...")
            }
            return HTTPClientKit(base: url, token: token)
        }
        let folder = try folder(directory)
        guard let access = LocalAccess.read(LocalAccess.path(in: folder)) else {
            throw Failure(
                .unavailable, "no control plane has run in \(folder.path)", hint: "start it with 'hq up'")
        }
        return HTTPClientKit(base: access.url, token: access.token)
    }

    static func folder(_ directory: String?) throws -> URL {
        var folder = URL(fileURLWithPath: directory ?? FileManager.default.currentDirectoryPath)
            .standardizedFileURL
        let start = folder
        while true {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("campaign.yaml").path) {
                return folder
            }
            let parent = folder.deletingLastPathComponent()
            if parent.path == folder.path || directory != nil { break }
            folder = parent
        }
        throw Failure(
            .notFound, "there is no campaign.yaml in \(start.path)",
            hint: "go to a campaign's folder, give --dir, or set HQ_URL and HQ_TOKEN")
    }
}

extension Role: ExpressibleByArgument {}
extension Door: ExpressibleByArgument {}
