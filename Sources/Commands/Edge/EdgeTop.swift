import ArgumentParser
import EdgeLink
import EdgeRecords
import Foundation
import Journey
import Kernel

/// `hq edge top`: how an edge fares at this moment.
struct EdgeTop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top", abstract: "How an edge fares at this moment, in the terminal.",
        discussion:
            "Rates are those of the last interval. Clients are counted from when somebody first looks.")

    @Option(name: .shortAndLong, help: ArgumentHelp("Between two looks, such as 2s.", valueName: "duration"))
    var interval = "1s"
    @Flag(help: "Look once, and end.") var once = false
    @Flag(help: "Look once, and print one JSON document.") var json = false
    @OptionGroup var asked: EdgeDoorOptions

    /// Shorter ones show what the edge has not counted up yet.
    private static let shortest = Duration.milliseconds(500)

    func validate() throws {
        guard let time = Duration(parsing: interval), time >= EdgeTop.shortest, time <= .seconds(3600) else {
            throw ValidationError("--interval is 500ms to 1h, not '\(interval)'")
        }
    }

    func run() async throws {
        let door = try asked.door()
        let pause = Duration(parsing: interval) ?? .seconds(1)
        var before = try await door.ask("/v1/observation", as: EdgeObservation.self)
        let isLive = !once && !json && Terminal.isColoured
        if isLive { Terminal.write("\u{1B}[2J") }
        while true {
            try await Task.sleep(for: pause)
            let now = try await door.ask("/v1/observation", as: EdgeObservation.self)
            let rates = EdgeRates(from: before, to: now)
            if json { return Terminal.say(rates.json.text) }
            let screen = TopScreen(rates, colour: Terminal.isColoured)
            guard isLive else {
                return Terminal.say(screen.lines(rows: 1000, columns: 200).joined(separator: "\n"))
            }
            let (rows, columns) = Terminal.size
            let lines = screen.lines(rows: rows - 1, columns: columns)
            Terminal.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
            before = now
        }
    }
}

/// What happened between two looks.
struct EdgeRates {
    let before: EdgeObservation
    let now: EdgeObservation
    let seconds: Double
    let latencies: LatencyCounts

    init(from before: EdgeObservation, to now: EdgeObservation) {
        // An edge that was started again counts anew.
        let isSame = before.sample.started == now.sample.started
        self.now = now
        self.before =
            isSame
            ? before
            : EdgeObservation(
                sample: EdgeSample(
                    edge: now.sample.edge, at: now.sample.started, started: now.sample.started),
                latencies: LatencyCounts(), snapshot: now.snapshot, loops: [], topClients: [], logs: [],
                lostRecords: 0)
        seconds = max(0.001, Double(now.sample.at - self.before.sample.at) / 1000)
        latencies = now.latencies.since(self.before.latencies)
    }

    func perSecond(_ path: KeyPath<EdgeStatistics, Int>) -> Double {
        Double(max(0, now.sample.statistics[keyPath: path] - before.sample.statistics[keyPath: path]))
            / seconds
    }

    var statuses: [Double] {
        zip(now.sample.statistics.statuses, before.sample.statistics.statuses).map {
            Double(max(0, $0 - $1)) / seconds
        }
    }

    /// Answers from the cache, of all answers; nil without any.
    var hitShare: Double? {
        let hits = perSecond(\.hits) + perSecond(\.stale)
        let all = hits + perSecond(\.misses) + perSecond(\.passes) + perSecond(\.synthetics)
        return all > 0 ? hits / all : nil
    }

    func results() -> [(CacheResult, Double)] {
        CacheResult.allCases.map { ($0, Double(latencies.total($0)) / seconds) }
    }

    /// Each backend with what it did meanwhile, per second; the last is the mean time to its answers' heads in nanoseconds.
    func backends() -> [(backend: EdgeSample.Backend, fetches: Double, bad: Double, firstByte: Int64?)] {
        now.sample.backends.map { backend in
            let old = before.sample.backends.first {
                $0.name == backend.name && $0.address == backend.address
            }
            let fetches = backend.fetches - (old?.fetches ?? 0)
            let bad = backend.failures + backend.errors - (old?.failures ?? 0) - (old?.errors ?? 0)
            let time = backend.firstByteNanoseconds - (old?.firstByteNanoseconds ?? 0)
            let answered = fetches - (backend.failures - (old?.failures ?? 0))
            return (
                backend, Double(max(0, fetches)) / seconds, Double(max(0, bad)) / seconds,
                answered > 0 ? time / Int64(answered) : nil
            )
        }
    }

    var json: JSON {
        func milliseconds(_ share: Double, _ results: [CacheResult] = CacheResult.allCases) -> JSON {
            latencies.quantile(share, of: results).map { .number($0 / 1e6) } ?? .null
        }
        return .object([
            "edge": .string(now.sample.edge), "seconds": .number(seconds),
            "requestsPerSecond": .number(perSecond(\.requests)),
            "bodyBytesPerSecond": .number(perSecond(\.bodyBytes)),
            "statusesPerSecond": .array(statuses.map { .number($0) }),
            "resultsPerSecond": .object(
                Dictionary(uniqueKeysWithValues: results().map { ($0.label, .number($1)) })),
            "hitShare": hitShare.map { .number($0) } ?? .null,
            "milliseconds": .object([
                "p50": milliseconds(0.5), "p99": milliseconds(0.99), "p999": milliseconds(0.999),
                "hitP50": milliseconds(0.5, [.hit]), "hitP99": milliseconds(0.99, [.hit]),
            ]),
            "openConnections": .integer(Int64(now.sample.openConnections)),
            "cachedObjects": .integer(Int64(now.sample.cachedObjects)),
            "cachedBytes": .integer(Int64(now.sample.cachedBytes)),
            "snapshot": .integer(now.snapshot),
            "topPaths": (try? JSON(encoding: now.sample.topPaths)) ?? .array([]),
            "topClients": (try? JSON(encoding: now.topClients)) ?? .array([]),
            "backends": .array(
                backends().map {
                    .object([
                        "name": .string($0.backend.name), "address": .string($0.backend.address),
                        "fetchesPerSecond": .number($0.fetches), "badPerSecond": .number($0.bad),
                        "firstByteMilliseconds": $0.firstByte.map { .number(Double($0) / 1e6) } ?? .null,
                    ])
                }),
            "logs": (try? JSON(encoding: now.logs)) ?? .array([]),
        ])
    }
}
