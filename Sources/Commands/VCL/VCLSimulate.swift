import ArgumentParser
import Diagnostics
import Foundation
import Journey
import Kernel
import VCLSimulator

/// `hq vcl simulate`: one request through a program, step by step.
struct VCLSimulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Send a request through a program and see each step.",
        discussion: """
            hq vcl simulate edge/main.vcl /debate -H 'Cookie: a=b' shows the statements that run, what they set, the states, the answer.
            The backend is played: --origin-status, --origin-header and --origin-body say what it answers. --repeat asks again, with
            what the cache then holds.
            """)

    @Argument(
        help: ArgumentHelp("The program: a VCL file, a folder, a plan.", valueName: "program"),
        completion: .file(extensions: ["vcl", "json"]))
    var program: String

    @Argument(help: ArgumentHelp("The path that is asked for, or a whole URL.", valueName: "url"))
    var url = "/"

    @Option(
        name: [.customShort("I"), .long],
        help: ArgumentHelp("Also look here for included files.", valueName: "folder"))
    var include: [String] = []

    @Option(name: [.customShort("X"), .long], help: ArgumentHelp("The method.", valueName: "method"))
    var method = "GET"

    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("A header, as 'Name: value'.", valueName: "header"))
    var header: [String] = []

    @Option(name: [.customShort("d"), .long], help: ArgumentHelp("A body.", valueName: "text"))
    var data: String?

    @Option(help: ArgumentHelp("The client's address.", valueName: "ip"))
    var client = "192.0.2.1"

    @Option(help: ArgumentHelp("Entries of a dictionary, as name.key=value.", valueName: "entry"))
    var dictionary: [String] = []

    @Option(help: ArgumentHelp("What the backend answers.", valueName: "status"))
    var originStatus = 200

    @Option(help: ArgumentHelp("A header of the backend's answer.", valueName: "header"))
    var originHeader: [String] = []

    @Option(help: ArgumentHelp("The body of the backend's answer.", valueName: "text"))
    var originBody = ""

    @Option(help: ArgumentHelp("Ask so many times.", valueName: "times"))
    var `repeat` = 1

    @Flag(help: "Print JSON: an array with the answer and the steps of each request.")
    var json = false

    func validate() throws {
        for one in header + originHeader where !one.contains(":") {
            throw ValidationError("a header is written 'Name: value', not '\(one)'")
        }
        for one in dictionary where DictionaryEntry(one) == nil {
            throw ValidationError("--dictionary wants name.key=value, not '\(one)'")
        }
        if IPAddress(client) == nil { throw ValidationError("--client wants an IP address, not '\(client)'") }
        if `repeat` < 1 || `repeat` > 1000 { throw ValidationError("--repeat wants 1 to 1000") }
        if !(100...999).contains(originStatus) {
            throw ValidationError("a status is a number from 100 to 999")
        }
    }

    func run() throws {
        let project = try VCLProject(program, include: include)
        let edge: SimulatedEdge
        do {
            edge = try SimulatedEdge(
                main: project.main, model: project.model, dictionaries: project.dictionaries,
                now: Int64(Date().timeIntervalSince1970 * 1e9))
        } catch {
            throw Failure(.invalid, "the program has mistakes\n" + error.diagnostics.rendered())
        }
        for entry in dictionary.compactMap({ DictionaryEntry($0) })
        where !edge.set([entry.key: entry.value], in: entry.name) {
            throw Failure(.usage, "no dictionary or table is named '\(entry.name)'")
        }
        edge.tracing = true
        let answer = BackendAnswer(
            status: originStatus, headers: originHeader.map { Self.header($0) }, body: Array(originBody.utf8))
        edge.backend = { _ in answer }
        var results: [Simulation] = []
        for _ in 0..<`repeat` { results.append(edge.request(request)) }
        if json {
            Terminal.say(try JSON.array(results.map { try SimulationReport.json($0) }).text)
        } else {
            for one in results { Terminal.say(SimulationReport.text(one, colour: Terminal.isColoured)) }
        }
    }

    private var request: SimulatedRequest {
        var path = url
        var request = SimulatedRequest()
        if let found = URLComponents(string: url), let host = found.host {
            path = found.percentEncodedPath.isEmpty ? "/" : found.percentEncodedPath
            if let query = found.percentEncodedQuery { path += "?" + query }
            request.headers = [Header("Host", found.port.map { "\(host):\($0)" } ?? host)]
            request.isTLS = found.scheme == "https"
        }
        request.url = path
        request.method = method
        request.headers += header.map { Self.header($0) }
        request.body = Array((data ?? "").utf8)
        request.client = IPAddress(client)!
        return request
    }

    private static func header(_ text: String) -> Header {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        return Header(parts[0], String(parts[1].drop { $0 == " " }))
    }
}
