import ArgumentParser
import Edge
import EdgeRecords
import Foundation
import Journey
import Kernel

/// `hq edge log`: requests as they end, in the terminal.
struct EdgeLog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Follow an edge's requests as they end.",
        discussion: """
            hq edge log --follow --filter 'status >= 500 and path ~ "^/api"'
            A filter compares fields (--fields lists them) by ==, !=, <, <=, >, >=, ~ and !~ (a pattern is found, or not), with and,
            or, not and parentheses. An edge whose log nobody follows and nobody configured writes nothing down.
            """)

    @Flag(name: .shortAndLong, help: "Go on until you end it.") var follow = false
    @Option(help: ArgumentHelp("Only requests that fit.", valueName: "expression")) var filter: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("End after so many.", valueName: "count")) var limit: Int?
    @Option(help: ArgumentHelp("How much of clients' addresses: full, network, none.", valueName: "how"))
    var clients =
        "full"
    @Flag(help: "List the fields, which are those of the JSON log too.") var fields = false
    @Flag(help: "Open the edge's log files anew: for log rotation.") var reopen = false
    @Flag(help: "Print the lines as JSON.") var json = false
    @OptionGroup var asked: EdgeDoorOptions

    func validate() throws {
        if [follow || limit != nil, fields, reopen].count(where: { $0 }) != 1 {
            throw ValidationError("say --follow (or --limit COUNT), --fields or --reopen")
        }
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
        if ClientShown(rawValue: clients) == nil {
            throw ValidationError("--clients is full, network or none, not '\(clients)'")
        }
    }

    func run() async throws {
        if fields { return listFields() }
        let door = try asked.door()
        if reopen {
            _ = try await door.ask("/v1/log/reopen", method: "POST")
            return Terminal.say("the edge's log files are open anew")
        }
        if let filter { _ = try RecordFilter(filter) }
        let left = Guarded(limit ?? .max)
        let json = json
        do {
            try await door.lines("/v1/log", [("filter", filter), ("clients", clients)]) { line in
                EdgeLog.say(line, json: json)
                let isLast = left.withLock { left in
                    left -= 1
                    return left <= 0
                }
                if isLast { throw EndOfFollowing() }
            }
        } catch is EndOfFollowing { return }
        Terminal.complain("hq: the edge has ended\n")
    }

    private static func say(_ line: Data, json: Bool) {
        guard !json else { return Terminal.say(String(decoding: line, as: UTF8.self)) }
        guard let request = RequestLine(line) else { return }
        if let lost = request.lost {
            return Terminal.complain(
                "hq: \(counted(Int(lost), "line")) left out, this terminal is too slow\n")
        }
        Terminal.say(request.text(colour: Terminal.isColoured))
    }

    private func listFields() {
        let report = Report(
            counted(RecordField.all.count, "field"),
            table: .init(
                columns: ["field", "what it is"], rows: RecordField.all.map { [$0.name, $0.summary] }))
        Terminal.say(json ? report.json.text : report.text(colour: Terminal.isColoured))
    }
}
