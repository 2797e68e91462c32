import ArgumentParser
import ControlPlane
import EdgeLink
import Foundation
import Journey
import Kernel

/// `hq edge stats`: how the traffic looks.
struct EdgeStats: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "How the traffic looks: requests, hits, errors, top paths, origins.")
    @Option(help: ArgumentHelp("Over how many seconds.", valueName: "seconds")) var seconds = 60
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func validate() throws {
        if !(1...Traffic.points).contains(seconds) {
            throw ValidationError("--seconds is 1 to \(Traffic.points)")
        }
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let now = Date().milliseconds
        let traffic = await context.control.traffic
        let totals = Traffic.Totals(traffic.sum(seconds: seconds, now: now))
        let samples = traffic.samples(now: now)
        let percent = { (part: Double?) in part.map { shortDecimal($0 * 100) + "%" } ?? "-" }
        let paths = EdgeSample.mergedPaths(samples).prefix(10)
        let backends = EdgeSample.mergedBackends(samples)
        return Report(
            "\(shortDecimal(totals.requestsPerSecond)) requests/s over \(seconds) s, \(counted(samples.count, "edge"))",
            fields: [
                .init("from the edge", percent(totals.hitShare)),
                .init("errors (5xx)", percent(totals.errorShare)),
                .init(
                    "cached",
                    samples.isEmpty
                        ? "-"
                        : "\(samples.reduce(0) { $0 + $1.cachedObjects }) objects, \(ByteCount(samples.reduce(0) { $0 + $1.cachedBytes }))"
                ),
                .init("connections", "\(samples.reduce(0) { $0 + $1.openConnections })"),
            ]
                + backends.map {
                    .init(
                        "origin \($0.name)",
                        "\($0.fetches) fetches, \($0.failures) without an answer, \($0.errors) answered 5xx")
                },
            table: .init(
                columns: ["requests", "path, in the last minute"],
                rows: paths.map { ["\($0.count)", $0.host + $0.path] }),
            data: .object([
                "seconds": .integer(Int64(seconds)), "requestsPerSecond": .number(totals.requestsPerSecond),
                "hitShare": totals.hitShare.map { .number($0) } ?? .null,
                "errorShare": totals.errorShare.map { .number($0) } ?? .null,
                "statuses": try JSON(encoding: totals.statuses), "topPaths": try JSON(encoding: Array(paths)),
                "backends": try JSON(encoding: backends),
            ]))
    }
}
