import ArgumentParser
import ControlPlane
import Edge
import Foundation
import HTTPKit
import Journey
import Kernel

/// `hq edge warm FILE`: asks an edge for a list of addresses, so that its cache has them before the visitors come.
struct EdgeWarm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warm", abstract: "Fill an edge's cache from a list of addresses.",
        discussion: """
            The file has one address a line, with its host (https://www.example.org/debate); '#' begins a comment; '-' reads standard
            input. Each is asked for once with each --header set, a few at a time. Exit status 1 when an address had no good answer.
            """)

    @Argument(help: ArgumentHelp("The list of addresses.", valueName: "file"), completion: .file()) var file:
        String
    @Option(
        help: ArgumentHelp("Where the edge is; the campaign's own when nothing is said.", valueName: "url"))
    var to: String?
    @Option(help: ArgumentHelp("Requests at once.", valueName: "count")) var concurrency = 8
    @Option(help: ArgumentHelp("Requests in a second at most; 0 for as many as go.", valueName: "count"))
    var rate = 0
    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("A header to send, as 'Name: value'. May be repeated.", valueName: "header"))
    var header: [String] = []
    @Option(
        help: ArgumentHelp(
            "Ask for each address once with each of these values of Accept-Encoding, such as br and gzip.",
            valueName: "value"))
    var encoding: [String] = []
    @Flag(help: "Print one JSON document.") var json = false
    @Option(help: ArgumentHelp("The campaign's folder.", valueName: "dir"), completion: .directory) var dir:
        String?

    /// More at once than this is a test of strength, which `hq rehearse` is for.
    private static let mostAtOnce = 256
    /// Addresses of one list, some 100 MB of text.
    static let mostAddresses = 1_000_000

    func validate() throws {
        if !(1...EdgeWarm.mostAtOnce).contains(concurrency) {
            throw ValidationError("--concurrency is 1 to \(EdgeWarm.mostAtOnce)")
        }
        if rate < 0 { throw ValidationError("--rate is a number of requests in a second") }
        for one in header where !one.contains(":") {
            throw ValidationError("a header is written 'Name: value', not '\(one)'")
        }
        if let to, URL(string: to)?.host == nil || !(to.hasPrefix("http://") || to.hasPrefix("https://")) {
            throw ValidationError("--to wants the edge's URL, such as http://127.0.0.1:8080, not '\(to)'")
        }
    }

    func run() async throws {
        let addresses = try WarmUp.addresses(of: try text(), name: file)
        let client = PageClient(base: try base())
        let headers = try headers + ownWord()
        var sets: [[(String, String)]] = [headers]
        if !encoding.isEmpty { sets = encoding.map { headers + [("Accept-Encoding", $0)] } }
        let warmUp = WarmUp(
            addresses: addresses, headerSets: sets, concurrency: concurrency, rate: rate,
            progress: !json && Terminal.errorsAreColoured ? EdgeWarm.show : nil)
        let result = await warmUp.run { address, headers in
            try await client.get(host: address.host, target: address.target, headers: headers)
        }
        await client.close()
        let report = result.report
        if json {
            Terminal.say(report.json.text)
        } else {
            Terminal.say(report.text(colour: Terminal.isColoured).trimmingCharacters(in: .newlines))
        }
        if report.outcome != .done { throw ExitCode(report.outcome.exitStatus) }
    }

    private var headers: [(String, String)] {
        header.map { line in
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces))
        }
    }

    /// An edge that redirects to https lets HQ itself through; it does not count such requests.
    private func ownWord() throws -> [(String, String)] {
        guard to == nil else { return [] }
        let folder = try ControlFinder.folder(dir)
        guard let row = ProcessTable.read(in: folder)?.rows.first(where: { $0.name == "edge" }),
            row.secure != nil, let access = LocalAccess.read(LocalAccess.edgePath(in: folder))
        else { return [] }
        return [("HQ-Check", access.token)]
    }

    private static func show(_ done: Int, _ all: Int) {
        Terminal.complain("\r\(grouped(done)) of \(grouped(all))" + (done == all ? "\n" : ""))
    }

    private func text() throws -> String {
        if file == "-" {
            return String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Failure(.notFound, "cannot read '\(file)'")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private func base() throws -> String {
        if let to { return to.hasSuffix("/") ? String(to.dropLast()) : to }
        let folder = try ControlFinder.folder(dir)
        guard let row = ProcessTable.read(in: folder)?.rows.first(where: { $0.name == "edge" }) else {
            throw Failure(
                .unavailable, "no edge runs in \(folder.path)",
                hint: "start it with 'hq up', or say where with --to URL")
        }
        return HostPort(row.address)?.url ?? "http://\(row.address)"
    }
}
