import ArgumentParser
import Diagnostics
import Foundation
import Journey
import Kernel
import VCLPipeline
import VCLSimulator

/// `hq vcl ci`: everything that a program goes through before it goes live.
struct VCLCi: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ci", abstract: "Lint, format, tests, coverage and the difference to what is live.",
        discussion: """
            Runs on any build server. --against compares with another program (a file, a folder, a plan) by text and by behaviour: each
            request of --requests, else of the whole-request tests, goes through both. Exit status: 0 good, 1 not.
            """)

    @OptionGroup var options: VCLProgramOptions

    @Option(
        help: ArgumentHelp("The program that is live, to compare with.", valueName: "program"),
        completion: .file(extensions: ["vcl", "json"]))
    var against: String?

    @Option(
        help: ArgumentHelp(
            "Requests for the comparison: a path, or 'METHOD URL', in each line.", valueName: "file"),
        completion: .file())
    var requests: String?

    @Option(
        help: ArgumentHelp("The floor of coverage; else that of the campaign file.", valueName: "percent"))
    var minCoverage: Double?

    @Option(help: ArgumentHelp("Write the report in JUnit's XML.", valueName: "file"), completion: .file())
    var junit: String?

    @Option(help: ArgumentHelp("Write the report in Markdown.", valueName: "file"), completion: .file())
    var markdown: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let project = try options.load()
        var pipeline = Pipeline(try project.candidate(), clock: { wallClock() })
        pipeline.floor = minCoverage ?? project.floor
        pipeline.live = try against.map { try VCLProject($0, include: options.include).candidate() }
        pipeline.requests =
            try requests.map { try RequestList.read($0) }
            ?? RequestList.requests(ofTests: pipeline.candidate.tests)
        let report = pipeline.run()
        for (path, text) in [(junit, { report.junit }), (markdown, { report.markdown })] {
            guard let path else { continue }
            do { try text().write(toFile: path, atomically: true, encoding: .utf8) } catch {
                throw Failure(.invalid, "cannot write '\(path)'")
            }
        }
        Terminal.say(json ? report.json.text : report.text(colour: Terminal.isColoured))
        if !report.passed { throw ExitCode(1) }
    }
}

/// Requests as a file lists them, a line each: `/path`, `POST /path`, `# a remark`.
enum RequestList {
    /// A list for a comparison, not a load.
    static let most = 10_000

    /// Those of whole-request tests, each once; the front page when there are none.
    static func requests(ofTests files: [SourceFile]) -> [SimulatedRequest] {
        var seen: Set<SimulatedRequest> = []
        let steps = files.filter { $0.name.hasSuffix(".yaml") }.flatMap { RequestTestReader.read($0).tests }
            .flatMap(\.steps)
        let found = steps.compactMap { step -> SimulatedRequest? in
            guard case .request(let request, _) = step.action, seen.insert(request).inserted else {
                return nil
            }
            return request
        }
        return found.isEmpty ? [SimulatedRequest(url: "/")] : found
    }

    static func read(_ path: String) throws -> [SimulatedRequest] {
        let text = String(decoding: try VCLProject.read(path).bytes, as: UTF8.self)
        return try requests(in: text, name: path)
    }

    static func requests(in text: String, name: String) throws -> [SimulatedRequest] {
        var found: [SimulatedRequest] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }.map(String.init)
            guard let last = words.last, !words[0].hasPrefix("#") else { continue }
            guard words.count <= 2, last.hasPrefix("/") else {
                throw Failure(
                    .usage, "\(name):\(index + 1): '\(line)' is no request",
                    hint: "write '/path' or 'POST /path'")
            }
            guard found.count < most else { throw Failure(.limit, "\(name) has more than \(most) requests") }
            var request = SimulatedRequest(url: last)
            if words.count == 2 { request.method = words[0] }
            found.append(request)
        }
        return found
    }
}
