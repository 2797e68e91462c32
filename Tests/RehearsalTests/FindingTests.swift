import Kernel
import Testing

@testable import Rehearsal

@Suite struct FindingTests {
    private func second(
        _ number: Int, _ change: (inout Tally, inout RehearsalSecond.Usage) -> Void = { _, _ in }
    )
        -> RehearsalSecond
    {
        var tally = Tally()
        var usage = RehearsalSecond.Usage()
        for _ in 0..<100 { tally.count(.hit, microseconds: 400) }
        tally.statuses[1] = 100
        tally.sent = 100
        change(&tally, &usage)
        return RehearsalSecond(second: number, wanted: 100, tally: tally, usage: usage)
    }

    private func first(_ seconds: [RehearsalSecond]) -> Finding? {
        Finding.first(in: seconds, loops: 1, maxConnections: 50)
    }

    @Test func nothingGivesWhenAllIsWell() { #expect(first((0..<5).map { second($0) }) == nil) }

    @Test func theFirst5xxCounts() {
        let found = first([second(0), second(1) { tally, _ in tally.statuses[4] = 3 }, second(2)])
        #expect(found?.weakness == .serverErrors && found?.second == 1)
    }

    @Test func aSlowSecondAloneIsAHiccup() {
        let slow: (inout Tally, inout RehearsalSecond.Usage) -> Void = { tally, _ in
            for _ in 0..<100 { tally.count(.hit, microseconds: 90_000) }
        }
        #expect(first([second(0), second(1, slow), second(2)]) == nil)
        #expect(first([second(0), second(1, slow), second(2, slow)])?.weakness == .latency)
        #expect(first([second(0), second(1, slow), second(2, slow)])?.second == 2)
    }

    @Test func aLateGeneratorIsBlamedBeforeTheEdge() {
        let both: (inout Tally, inout RehearsalSecond.Usage) -> Void = { tally, usage in
            for _ in 0..<100 {
                tally.count(.hit, microseconds: 90_000)
                tally.lateness.record(80_000)
            }
            usage.generatorCores = 0.5
        }
        #expect(first([second(0, both), second(1, both)])?.weakness == .generator)
    }

    @Test func busyConnectionsAreNotTheGeneratorsFault() {
        let crowded: (inout Tally, inout RehearsalSecond.Usage) -> Void = { tally, usage in
            for _ in 0..<100 { tally.lateness.record(80_000) }
            usage.busyConnections = 50
            usage.backlog = 7
        }
        let found = first([second(0, crowded)])
        #expect(found?.weakness == .connections)
        #expect(found?.evidence == "all 50 waited for an answer, and 7 requests for one of them")
    }

    @Test func aMachineWithoutProcessorsLeftIsNamed() {
        let busy: (inout Tally, inout RehearsalSecond.Usage) -> Void = { _, usage in
            usage.busyCores = 1.98
            usage.cores = 2
            usage.edgeCores = 1.2
        }
        let found = first([second(0), second(1, busy), second(2, busy)])
        #expect(found?.weakness == .processor)
        #expect(found?.evidence == "2 of 2 cores in use, 1.2 by the edge, 0 by the generator")
    }
}

@Suite struct RehearsalReportTests {
    private func report(_ thresholds: Thresholds) -> RehearsalReport {
        var report = RehearsalReport(
            shape: "steady", target: "http://127.0.0.1:1", loops: 1, maxConnections: 10,
            thresholds: thresholds)
        var tally = Tally()
        tally.due = 200
        tally.sent = 199
        tally.answers = 198
        for _ in 0..<190 { tally.count(.hit, microseconds: 1000) }
        for _ in 0..<8 { tally.count(.fetched, microseconds: 300_000) }
        tally.statuses[1] = 197
        tally.statuses[4] = 1
        tally.count(.timeout, 2)
        report.add(RehearsalSecond(second: 0, wanted: 200, tally: tally, usage: .init()), tally)
        return report
    }

    @Test func thresholdsDecide() {
        #expect(report(Thresholds()).isGood)
        var wanted = Thresholds()
        wanted.hitP99 = 1000
        wanted.errors = 0.015
        #expect(report(wanted).isGood)
        wanted.p99 = 5000
        wanted.errors = 0.014
        #expect(
            report(wanted).exceeded == [
                "p99 of all answers: 300 ms, at most 5 ms wanted", "errors: 3 of 200 requests",
            ])
        var early = report(Thresholds())
        early.cutShort = "it was stopped"
        #expect(!early.isGood)
    }

    @Test func aThresholdOnWhatNeverCameIsExceeded() {
        var wanted = Thresholds()
        wanted.hitP99 = 1000
        let empty = RehearsalReport(
            shape: "steady", target: "x", loops: 1, maxConnections: 1, thresholds: wanted)
        #expect(empty.exceeded == ["p99 of hits: there was none to measure"])
    }

    @Test func saysTheSameToPeopleAndToScripts() throws {
        let report = report(Thresholds())
        #expect(
            report.text.contains(
                "what gave first: connections (second 0, at 200 requests/s wanted: 2 requests: not answered in time)"
            ))
        #expect(report.text.contains("2xx 197, 5xx 1, not answered in time 2"))
        let read = try JSONReader.read(Array(report.json.text.utf8), name: "report")
        #expect(read == report.json)
        #expect(read["latency"]?["hits"]?["p99"]?.integer == 1000)
        #expect(read["gave_first"]?["what"]?.string == "connections")
    }
}

@Suite struct LivePictureTests {
    @Test func aSparklineKeepsEveryPeak() {
        #expect(LivePicture.sparkline([0, 1, 4, 8]) == " ▁▄█")
        var values = Array(repeating: 1.0, count: 1000)
        values[517] = 100
        let line = LivePicture.sparkline(values, width: 20)
        #expect(line.count == 20 && line.count { $0 == "█" } == 1)
        #expect(LivePicture.sparkline([]) == "")
    }
}

@Suite struct HostConfirmationTests {
    private let token = String(repeating: "a1", count: 16)

    @Test func readsWhatItWrites() throws {
        let written = HostConfirmation(host: "WWW.example.org", token: token, until: 2000, rate: 100)
        let read = try HostConfirmation.read(
            written.line + "\n", host: "www.example.org", token: token, now: 1999)
        #expect(read == written)
    }

    @Test(arguments: [
        "", "ok", "/.well-known/hq-rehearsal/a1",
        "hq-rehearsal other host=www.example.org until=2000 rate=100",
        "hq-rehearsal TOKEN host=other.example until=2000 rate=100",
        "hq-rehearsal TOKEN host=www.example.org until=1000 rate=100",
        "hq-rehearsal TOKEN host=www.example.org until=2000 rate=0",
        "<html>hq-rehearsal TOKEN host=www.example.org until=2000 rate=100</html>",
    ])
    func anythingElseConfirmsNothing(line: String) {
        let answer = line.replacing("TOKEN", with: token)
        let failure = #expect(throws: Failure.self) {
            try HostConfirmation.read(answer, host: "www.example.org", token: token, now: 1000)
        }
        #expect(failure?.kind == .refused)
    }

    @Test func tokensHaveTheirForm() {
        var random = SeededRandom(seed: 1)
        #expect(HostConfirmation.isToken(HostConfirmation.token(&random)))
        for text in ["", "../../etc/passwd", token + "0", token.uppercased()] {
            #expect(!HostConfirmation.isToken(text))
        }
    }
}

@Suite struct RehearsalTargetTests {
    @Test(arguments: [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://www.example.org", "https://www.example.org"),
        ("localhost", "http://localhost"), ("[::1]:8080", "http://[::1]:8080"),
        ("https://www.example.org:8443/", "https://www.example.org:8443"),
    ])
    func readsWhereAnEdgeIs(text: String, written: String) throws {
        #expect(try RehearsalTarget(parsing: text).description == written)
    }

    @Test(arguments: ["", "ftp://a", "http://", "http://a/b", "http://a@b", "http://a:99999", "a b", ":8080"])
    func refusesWhatIsNoEdge(text: String) {
        let failure = #expect(throws: Failure.self) { try RehearsalTarget(parsing: text) }
        #expect(failure?.kind == .usage)
    }

    @Test func onlyThisMachineIsThisMachine() throws {
        for (text, isHere) in [
            ("127.0.0.1", true), ("127.9.9.9", true), ("::1", true), ("10.0.0.1", false), ("0.0.0.0", false),
            ("192.168.1.1", false), ("::", false), ("::2", false), ("128.0.0.1", false),
        ] { #expect(RehearsalTarget.isLoopback(try #require(IPAddress(text))) == isHere, "\(text)") }
    }
}
