import CampaignFile
import Diagnostics
import Foundation
import HTTPKit
import Journey
import Kernel
import VCLSimulator

/// VCL, Simulate: what does the program do with a request?
extension Console {
    func vcl(_ visit: Visit) async throws -> HTTPResponse {
        switch (visit.request.method, visit.path.count > 1 ? visit.path[1] : "") {
        case ("GET", ""): return redirect("/vcl/simulate")
        case ("GET", "simulate"): return try await simulate(visit)
        case (_, "difference"): return try await difference(visit)
        default: throw Failure(.notFound, "there is no page \(visit.request.path)")
        }
    }

    /// What both pages show alike.
    struct MessageView {
        struct Line {
            let name: String
            let value: String
        }
        let headline: String
        let headers: [Line]
        let hasBody: Bool
        let body: String

        init(_ headline: String, _ headers: [Header], _ body: [UInt8]) {
            self.headline = headline
            self.headers = headers.map { Line(name: $0.name, value: $0.value) }
            hasBody = !body.isEmpty
            let rest = body.count - ConsoleLimits.bodyExcerpt
            self.body =
                String(decoding: body.prefix(ConsoleLimits.bodyExcerpt), as: UTF8.self)
                + (rest > 0 ? "\n... \(grouped(rest)) more bytes" : "")
        }
    }

    struct ChoiceOf {
        let name: String
        let isChosen: Bool
    }

    private struct SimulatePage {
        struct Try {
            let number: Int
            let answer: String
            let href: String
            let isShown: Bool
        }
        struct Result {
            let hasTries: Bool
            let tries: [Try]
            let lead: String
            let answer: MessageView
            let hasAsked: Bool
            let asked: [MessageView]
            let hasLogs: Bool
            let logs: [String]
            let tree: String
            let source: String
        }
        let mainName: String
        let form: SimulationForm
        let methods: [ChoiceOf]
        let problem: String?
        let result: Result?
    }

    private func simulate(_ visit: Visit) async throws -> HTTPResponse {
        let query = visit.request.query
        let form = SimulationForm { query[$0] }
        let snapshot = try await source.program()
        var problem: Failure?
        var result: SimulatePage.Result?
        do {
            if query["url"] != nil { result = try await simulation(form, visit) }
        } catch let failure as Failure {
            problem = failure
        }
        let page = SimulatePage(
            mainName: snapshot.mainName, form: form,
            methods: SimulationForm.methods.map { ChoiceOf(name: $0, isChosen: $0 == form.method) },
            problem: problem.map { Console.words($0) }, result: result)
        return try await layout(
            "Simulate", Templates.render("simulate", page), session: visit.session, at: "/vcl/simulate",
            command: "hq vcl simulate . " + Console.shell([form.url]), status: problem?.httpStatus ?? 200)
    }

    static func words(_ failure: Failure) -> String {
        failure.message.sentence + (failure.hint.map { ". " + $0.sentence } ?? "")
    }

    /// The host of requests that name none: the one that visitors ask for.
    func defaultHost() async throws -> String {
        let sites = try await source.facts().campaign.sites
        return (sites.first(where: \.isDefault) ?? sites.first)?.domains.first ?? "localhost"
    }

    private func simulation(_ form: SimulationForm, _ visit: Visit) async throws -> SimulatePage.Result {
        let snapshot = try await source.program()
        let request = try form.request(host: try await defaultHost())
        let (answer, count) = (try form.answer(), try form.count())
        let all = try await bench.run {
            let edge: SimulatedEdge
            do { edge = try snapshot.simulated(now: Date().nanoseconds) } catch let mistake
                as SimulatedEdge
                .Mistake
            {
                throw Failure(
                    .invalid, "the active program has mistakes: " + mistake.diagnostics[0].message,
                    hint: "hq check shows them all")
            }
            edge.tracing = true
            edge.backend = { _ in answer }
            return edge.request(Array(repeating: request, count: count))
        }
        let wanted = Int(visit.query("show")) ?? all.count
        guard let shown = all.indices.contains(wanted - 1) ? all[wanted - 1] : all.last else {
            throw Failure(.limit, "the time for a simulation is over before the first answer")
        }
        let listing = SourceListing(
            main: snapshot.mainName, trace: shown.trace, text: { snapshot.text(of: $0) })
        return SimulatePage.Result(
            hasTries: all.count > 1,
            tries: all.enumerated().map { index, one in
                SimulatePage.Try(
                    number: index + 1, answer: "\(one.response.status) \(one.cache)",
                    href: "/vcl/simulate?\(form.query)&show=\(index + 1)#answer",
                    isShown: index + 1 == wanted)
            }, lead: Console.lead(shown),
            answer: MessageView(
                Console.headline(shown.response, shown.cache), shown.response.headers, shown.response.body),
            hasAsked: !shown.backendRequests.isEmpty,
            asked: shown.backendRequests.map {
                MessageView(
                    "\($0.backend): \($0.method) \($0.url)" + ($0.isBackground ? ", in the background" : ""),
                    $0.headers, $0.body)
            }, hasLogs: !shown.logs.isEmpty, logs: shown.logs, tree: listing.tree(shown.trace),
            source: listing.source)
    }

    static func headline(_ response: SimulatedResponse, _ cache: String) -> String {
        "\(response.status) \(response.reason) · \(cache)"
    }

    private static let cacheWords: [String: String] = [
        "HIT": "from memory", "MISS": "fetched, and looked for in memory before",
        "PASS": "fetched, without a look into memory", "STALE": "from memory, although too old",
        "SYNTH": "made by the program itself", "ERROR": "made because something failed",
    ]

    private static func lead(_ one: Simulation) -> String {
        let kept = one.storedFor.map { ", kept for \(Duration.nanoseconds($0).brief)" } ?? ""
        let again = one.restarts > 0 ? ", after \(counted(one.restarts, "restart"))" : ""
        return "The answer was " + (cacheWords[one.cache] ?? "\(one.cache)") + kept + again + "."
    }
}

extension Date {
    /// Since 1970.
    var nanoseconds: Int64 { milliseconds * 1_000_000 }
}
