import ArgumentParser
import EdgeLink
import Foundation
import Journey
import Kernel

/// `hq edge explain URL`: what an edge would do with a request now, and what it holds for it.
struct EdgeExplain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "What an edge holds for an address, and what becomes of a request now.",
        discussion: """
            Runs the program's states up to the cache in the edge itself, with its cache and its dictionaries. Nothing is fetched,
            stored or counted; counters of rates are looked at as if they were new. 'hq vcl simulate' shows each statement.
            """)

    @Argument(help: ArgumentHelp("The address, with its host.", valueName: "url")) var url: String
    @Option(name: [.customShort("X"), .long], help: ArgumentHelp("The method.", valueName: "method"))
    var method =
        "GET"
    @Option(
        name: [.customShort("H"), .long],
        help: ArgumentHelp("A header, as 'Name: value'. May be repeated.", valueName: "header"))
    var header: [String] = []
    @Option(help: ArgumentHelp("The client's address.", valueName: "ip")) var client = "127.0.0.1"
    @Flag(help: "Print one JSON document.") var json = false
    @OptionGroup var asked: EdgeDoorOptions

    func validate() throws {
        for one in header where !one.contains(":") || one.contains(where: \.isNewline) {
            throw ValidationError("a header is written 'Name: value', not '\(one)'")
        }
        if IPAddress(client) == nil { throw ValidationError("--client wants an IP address, not '\(client)'") }
    }

    func run() async throws {
        let explanation = try await asked.door().ask(
            "/v1/explain",
            [
                ("url", url), ("method", method), ("client", client),
                ("headers", header.isEmpty ? nil : header.joined(separator: "\n")),
            ], as: Explanation.self)
        if json { return Terminal.say(try JSON.string(of: explanation)) }
        Terminal.say(ExplanationText(explanation).text(colour: Terminal.isColoured))
    }
}

/// An explanation for a person.
struct ExplanationText {
    private let explanation: Explanation

    init(_ explanation: Explanation) { self.explanation = explanation }

    func text(colour: Bool) -> String {
        var parts = [
            Report(
                "\(explanation.method) \(explanation.url) at \(explanation.edge), snapshot \(explanation.snapshot)",
                fields: fields, notes: []
            ).text(colour: colour)
        ]
        for (index, variant) in explanation.variants.enumerated() {
            let chosen = variant.isChosen ? ", which this request gets" : ""
            let title = variant.isHitForPass ? "a mark" : "\(variant.status), \(counted(variant.hits, "hit"))"
            parts.append(
                Report("kept \(index + 1): \(title)\(chosen)", fields: ExplanationText.fields(of: variant))
                    .text(colour: colour))
        }
        return parts.joined().trimmingCharacters(in: .newlines)
    }

    private var fields: [Report.Field] {
        var fields = explanation.verdict.enumerated().map { index, sentence in
            Report.Field(index == 0 ? "now" : "", sentence)
        }
        let path = explanation.steps.map { "\($0.state) \($0.decision)" }.joined(separator: ", ")
        fields.append(.init("states", path))
        if !explanation.key.isEmpty { fields.append(.init("key", explanation.key)) }
        if explanation.variants.isEmpty { fields.append(.init("kept", "nothing")) }
        return fields
    }

    private static func fields(of variant: Explanation.Variant) -> [Report.Field] {
        func time(_ seconds: Double) -> String {
            Duration.nanoseconds(Int64(max(0, min(seconds, 9e9)) * 1e9)).brief
        }
        var fields = variant.remarks.enumerated().map { Report.Field($0 == 0 ? "life" : "", $1) }
        fields.append(.init("age", time(variant.age)))
        fields += variant.vary.map { .init("for", $0) }
        let stale = [
            ("grace", variant.grace), ("stale-while-revalidate", variant.staleWhileRevalidate),
            ("stale-if-error", variant.staleIfError),
        ].filter { $0.1 > 0 }.map { "\($0.0) \(time($0.1))" }
        if !stale.isEmpty { fields.append(.init("afterwards", stale.joined(separator: ", "))) }
        let heads: [(String, String?)] = [
            ("ETag", variant.etag), ("Last-Modified", variant.lastModified),
            ("Cache-Control", variant.cacheControl), ("Surrogate-Control", variant.surrogateControl),
        ]
        fields += heads.compactMap { name, value in value.map { .init(name, $0) } }
        if !variant.surrogateKeys.isEmpty {
            fields.append(.init("surrogate keys", variant.surrogateKeys.joined(separator: " ")))
        }
        if !variant.isHitForPass {
            fields.append(
                .init(
                    "size",
                    "\(ByteCount(variant.bodyBytes)) of body, \(ByteCount(variant.memoryBytes)) of memory"))
        }
        return fields
    }
}
