import EdgeLink
import Foundation
import HTTPKit
import Journey
import Kernel

/// Edge: how does the traffic look?
extension Console {
    private struct EdgePage {
        struct StatusClass {
            let label: String
            let fill: String
            let count: String
            let share: String
        }
        struct Path {
            let host: String
            let path: String
            let count: String
            let bar: String
        }
        struct OriginRow {
            let name: String
            let address: String
            let fetches: String
            let failures: String
            let errors: String
            let firstByte: String
        }
        struct EdgeRow {
            let name: String
            let note: String
            let state: String
            let tone: String
        }
        let lead: String
        let figures: [Figure]
        let chart: String
        let statusBar: String
        let classes: [StatusClass]
        let hasPaths: Bool
        let paths: [Path]
        let hasOrigins: Bool
        let origins: [OriginRow]
        let edges: [EdgeRow]
        let edgeAddress: String
    }

    static let fills: [(label: String, fill: String)] = [
        ("1xx, interim", "fill-soft"), ("2xx, fine", "fill-good"), ("3xx, elsewhere", "fill-accent"),
        ("4xx, not there", "fill-warn"), ("5xx, errors", "fill-bad"),
    ]

    func edge(_ visit: Visit) async throws -> HTTPResponse {
        let body = "<div data-live=\"/live/edge\">" + (try await edgeBody()) + "</div>"
        return try await layout(
            "Edge", body, session: visit.session, at: "/edge", command: "hq edge stats")
    }

    func edgeBody() async throws -> String {
        let facts = try await source.facts()
        let traffic = await source.traffic()
        let now = Date().milliseconds
        let points = traffic.sum(seconds: 300, now: now)
        let minute = Traffic.Totals(Array(points.suffix(60)))
        let samples = traffic.samples(now: now)
        let paths = Array(EdgeSample.mergedPaths(samples).prefix(12))
        let origins = EdgeSample.mergedBackends(samples)
        let answers = max(1, minute.statuses.reduce(0, +))
        let page = EdgePage(
            lead: Console.edgeLead(minute), figures: Console.figures(minute, traffic, now: now),
            chart: Charts.spark(
                points.map { Double($0.requests) },
                label: "requests a second, five minutes; now \(points.last?.requests ?? 0)"),
            statusBar: Charts.stacked(
                zip(minute.statuses, Console.fills).map { (Double($0), $1.fill) }),
            classes: zip(minute.statuses, Console.fills).dropFirst().map { count, look in
                EdgePage.StatusClass(
                    label: look.label, fill: look.fill, count: grouped(count),
                    share: shortDecimal(Double(count) * 100 / Double(answers)) + "%")
            }, hasPaths: !paths.isEmpty,
            paths: paths.map {
                EdgePage.Path(
                    host: $0.host, path: $0.path, count: grouped($0.count),
                    bar: Charts.bar(Double($0.count), of: Double(paths[0].count)))
            }, hasOrigins: !origins.isEmpty,
            origins: origins.map {
                EdgePage.OriginRow(
                    name: $0.name, address: $0.address, fetches: grouped($0.fetches),
                    failures: grouped($0.failures), errors: grouped($0.errors),
                    firstByte: $0.fetches > $0.failures
                        ? Duration.nanoseconds($0.firstByteNanoseconds / Int64($0.fetches - $0.failures))
                            .brief
                        : "–")
            }, edges: facts.edges.map { Console.row($0, samples) }, edgeAddress: facts.edgeAddress)
        return Templates.render("edge", page)
    }

    private static func edgeLead(_ minute: Traffic.Totals) -> String {
        guard minute.requests > 0 else { return "Nobody has come by in the last minute." }
        let hits = shortDecimal((minute.hitShare ?? 0) * 100)
        return
            "\(grouped(minute.requests)) requests in the last minute; \(hits)% were answered from memory, the rest asked an origin or were made here."
    }

    private static func row(_ edge: ConsoleFacts.Edge, _ samples: [EdgeSample]) -> EdgePage.EdgeRow {
        let sample = samples.first { $0.edge == edge.name }
        let lived = sample.map { Duration.milliseconds(max(0, $0.at - $0.started)).brief }
        return EdgePage.EdgeRow(
            name: edge.name,
            note: sample.map { "up for \(lived ?? ""), \($0.openConnections) connections" }
                ?? "has said nothing yet",
            state: edge.isCurrent
                ? "serves the latest change" : edge.refusal == nil ? "behind" : "refuses the latest change",
            tone: edge.isCurrent ? "good" : "bad")
    }
}
