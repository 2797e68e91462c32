import ArgumentParser
import Edge
import EdgeLink
import EdgeRecords
import Foundation
import HTTPKit
import Journey
import Kernel
import Testing

@testable import Commands

@Suite struct RequestLineTests {
    private func text(_ json: String) throws -> String {
        try #require(RequestLine(Data(json.utf8))).text(colour: false)
    }

    @Test func isShortAndWhole() throws {
        let line = try text(
            """
            {"time":"2026-01-02T03:04:05.678Z","client":"192.0.2.7","method":"GET","host":"h","target":"/a","status":503,
            "cache":"ERROR","bytes":2048,"ms":1.5,"backend":"F_origin","cut":true,"log":["one"]}
            """)
        #expect(
            line
                == "03:04:05.678  503  ERROR  1.5 ms    2 KiB      GET h/a  192.0.2.7  from F_origin  (client left)\n    log: one"
        )
    }

    /// A stranger's request may not move the terminal's cursor.
    @Test func movesNoCursor() throws {
        let line = try text("{\"target\":\"/\\u001b[2J\\u0007\",\"log\":[\"\\u009b\"]}")
        #expect(!line.unicodeScalars.contains { $0.value != 10 && $0.properties.generalCategory == .control })
    }

    @Test func tellsWhatIsLeftOut() throws {
        #expect(RequestLine(Data("{\"lost\":3}".utf8))?.lost == 3)
        #expect(RequestLine(Data("[]".utf8)) == nil && RequestLine(Data("x".utf8)) == nil)
    }
}

@Suite struct EdgeTopTests {
    private func observation(at: Int64, started: Int64 = 0, requests: Int, hits: Int) -> EdgeObservation {
        var sample = EdgeSample(edge: "edge-1", at: at, started: started)
        sample.statistics.requests = requests
        sample.statistics.hits = hits
        sample.statistics.misses = requests - hits
        sample.statistics.statuses = [0, requests, 0, 0, 0]
        sample.statistics.bodyBytes = requests * 1024
        sample.topPaths = [.init(host: "h", path: "/\u{1B}[2J", count: 1234)]
        var backend = EdgeSample.Backend(name: "F_origin", address: "127.0.0.1:1")
        backend.fetches = requests - hits
        backend.firstByteNanoseconds = Int64(backend.fetches) * 3_000_000
        sample.backends = [backend]
        sample.statistics.shedFetches = 5
        var latencies = LatencyCounts()
        for _ in 0..<hits { latencies.count(50_000, .hit) }
        for _ in hits..<requests { latencies.count(20_000_000, .miss) }
        return EdgeObservation(
            sample: sample, latencies: latencies, snapshot: 3,
            loops: [.init(requests: requests, openConnections: 1)],
            topClients: [.init(client: "192.0.2.7", count: 9)],
            logs: [.init(place: "a.log", written: 1, lost: 2, failures: 1)], lostRecords: 0)
    }

    @Test func showsRatesOfTheInterval() throws {
        let rates = EdgeRates(
            from: observation(at: 1000, requests: 100, hits: 50),
            to: observation(at: 3000, requests: 300, hits: 230))
        #expect(rates.perSecond(\.requests) == 100 && rates.hitShare == 0.9)
        #expect(rates.backends().first?.fetches == 10 && rates.backends().first?.firstByte == 3_000_000)
        let p99 = try #require(rates.latencies.quantile(0.99, of: [.hit]))
        #expect((50_000...55_000).contains(p99))
        let text = TopScreen(rates, colour: false).lines(rows: 100, columns: 100).joined(separator: "\n")
        for part in [
            "100/s, 100 KiB/s", "90% from the cache", "F_origin 127.0.0.1:1", "1,234  h/?[2J", "192.0.2.7",
            "2 lines lost", "defended    5 fetches shed",
        ] {
            #expect(text.contains(part), "\(part) in\n\(text)")
        }
        #expect(
            rates.json["requestsPerSecond"] == .integer(100)
                || rates.json["requestsPerSecond"] == .number(100))
    }

    /// One that was started again counts anew; nothing is negative.
    @Test func survivesARestart() {
        let rates = EdgeRates(
            from: observation(at: 9000, requests: 1000, hits: 1000),
            to: observation(at: 12_000, started: 10_000, requests: 20, hits: 10))
        #expect(rates.perSecond(\.requests) == 10 && rates.hitShare == 0.5)
    }

    @Test func fitsTheTerminal() {
        let rates = EdgeRates(
            from: observation(at: 1000, requests: 100, hits: 50),
            to: observation(at: 2000, requests: 200, hits: 100))
        for rows in [1, 5, 24] {
            let lines = TopScreen(rates, colour: true).lines(rows: rows, columns: 40)
            #expect(lines.count <= rows)
            for line in lines {
                let shown = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
                #expect(shown.count <= 40 && !shown.contains("\u{1B}"))
            }
        }
    }
}

@Suite struct WarmUpTests {
    @Test func readsAList() throws {
        let found = try WarmUp.addresses(of: "# list\nhttps://a.org/x\r\n\n  b.org  \n", name: "urls")
        #expect(found.map { $0.host + $0.target } == ["a.org/x", "b.org/"])
        let failure = #expect(throws: Failure.self) { try WarmUp.addresses(of: "a.org/\n/x\n", name: "urls") }
        #expect(failure?.message.hasPrefix("urls:2:") == true)
        #expect(throws: Failure.self) { try WarmUp.addresses(of: "# nothing\n", name: "urls") }
    }

    /// Never more at once than it shall, and each address with each set of headers.
    @Test func asksForAFewAtOnce() async throws {
        struct Count { var now = 0, most = 0, asked: [String] = [] }
        let count = Guarded(Count())
        let addresses = try WarmUp.addresses(
            of: (0..<40).map { "h/\($0)" }.joined(separator: "\n"), name: "urls")
        let warmUp = WarmUp(
            addresses: addresses, headerSets: [[("Accept-Encoding", "br")], []], concurrency: 3, rate: 0,
            progress: nil)
        let result = await warmUp.run { address, headers in
            count.withLock { count in
                count.now += 1
                count.most = max(count.most, count.now)
                count.asked.append(address.target + (headers.isEmpty ? "" : " br"))
            }
            await Task.yield()
            count.withLock { $0.now -= 1 }
            if address.target == "/7" { throw Failure(.unavailable, "gone") }
            return PageClient.Page(status: 200, headers: ["x-cache": "MISS"], bytes: 10)
        }
        let seen = count.withLock { $0 }
        #expect(seen.most <= 3 && Set(seen.asked).count == 80)
        #expect(result.count == 80 && result.bad == 2 && result.bytes == 780 && result.results["MISS"] == 78)
        #expect(
            result.report.outcome == Report.Outcome.failed
                && result.report.table?.rows == [["none", "h/7"], ["none", "h/7"]])
    }
}

@Suite struct ObservationOptionsTests {
    @Test(arguments: [
        ["--access-log", "ftp://x"], ["--log-endpoint", "x"], ["--log-endpoint", "x=,format=no"],
        ["--metrics", "here"],
        ["--slow", "soon"], ["--large", "big"], ["--flight-recorder", "much"],
    ])
    func refuses(words: [String]) {
        #expect(throws: (any Error).self) { try EdgeRun.parse(["--origin", "127.0.0.1:1"] + words) }
    }

    @Test func putsFilesIntoTheCampaignsFolder() throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-logs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let options = try EdgeRun.parse([
            "--origin", "127.0.0.1:1", "--access-log", "a.log,format=combined", "--log-endpoint",
            "audit=b.log",
        ]).observing
        let observation = try options.opened(in: folder) { _ in }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["a.log", "b.log"])
        #expect(observation.hub.destinations.map(\.content) == [.requests, .endpoint("audit")])
        #expect(throws: Failure.self) {
            try EdgeRun.parse(["--origin", "127.0.0.1:1", "--access-log", "/nowhere/a.log"]).observing.opened
            { _ in }
        }
    }

    @Test(arguments: [
        [], ["--follow", "--fields"], ["--follow", "--limit", "0"], ["--follow", "--clients", "x"],
    ])
    func theLogWantsToKnowWhat(words: [String]) {
        #expect(throws: (any Error).self) { try EdgeLog.parse(words) }
    }
}
