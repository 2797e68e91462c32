import ArgumentParser
import Edge
import Foundation
import Journey
import Kernel

/// `hq edge requests`: requests that an edge remembers.
struct EdgeRequests: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "The requests that an edge remembers: a client's, slow or large ones.",
        discussion: """
            --client wants the edge to have a flight recorder (--flight-recorder 16MiB), which holds the latest 16 requests of each
            client. A client is its address, or what the program set as client.identity.
            """)

    @Option(help: ArgumentHelp("The latest requests of this client.", valueName: "id")) var client: String?
    @Flag(help: "The latest that were slow.") var slow = false
    @Flag(help: "The latest whose answers were large.") var large = false
    @Flag(help: "Print the lines as JSON.") var json = false
    @OptionGroup var asked: EdgeDoorOptions

    func validate() throws {
        if [client != nil, slow, large].count(where: { $0 }) != 1 {
            throw ValidationError("say --client ID, --slow or --large")
        }
    }

    func run() async throws {
        let door = try asked.door()
        let kind = slow ? "slow" : large ? "large" : nil
        let data = try await door.ask("/v1/requests", [("client", client), ("kind", kind)])
        let lines = data.split(separator: 0x0A)
        if json {
            for line in lines { Terminal.say(String(decoding: line, as: UTF8.self)) }
            return
        }
        for line in lines {
            guard let request = RequestLine(Data(line)) else { continue }
            Terminal.say(request.text(colour: Terminal.isColoured))
        }
        let what = client.map { "of \($0)" } ?? (slow ? "that were slow" : "with large answers")
        Terminal.complain(lines.isEmpty ? "hq: no requests \(what) are remembered\n" : "")
    }
}
