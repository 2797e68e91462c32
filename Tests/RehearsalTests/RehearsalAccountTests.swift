import Kernel
import Testing

@testable import Rehearsal

@Suite struct RehearsalAccountTests {
    private func report(seconds: Int, words: String = "x") -> RehearsalReport {
        var report = RehearsalReport(
            shape: "ramp", target: "http://a.example", loops: 2, maxConnections: 100, thresholds: Thresholds()
        )
        for second in 0..<seconds {
            var tally = Tally()
            tally.due = second
            tally.sent = second
            tally.count(.timeout)
            tally.count(.hit, microseconds: second == 7 ? 9000 : 100)
            report.add(
                RehearsalSecond(
                    second: second, wanted: Double(second), tally: tally, usage: .init(),
                    events: second % 2 == 0 ? ["\(words) \(second)"] : []), tally)
        }
        return report
    }

    private let id = "0123456789abcdef"

    @Test func isNothingBeforeTheFirstSecond() {
        #expect(report(seconds: 0).account(id: id, began: 1, length: 10) == nil)
    }

    @Test func saysWhatTheReportSays() throws {
        let report = report(seconds: 10)
        let account = try #require(report.account(id: id, began: 5, length: 9.5, ended: 77))
        #expect(account.isSound && account.began == 5 && account.ended == 77 && account.length == 10)
        #expect(account.due == 45 && account.now.second == 9 && account.now.wanted == 9)
        #expect(account.points.map(\.wanted) == Array(0..<10) && account.points[7].p99 >= 9000)
        #expect(account.latencies.map(\.name) == ["all", "hits"])
        #expect(account.latencies.map(\.max) == [9000, 9000])
        #expect(account.failed.map(\.what) == [Trouble.timeout.words] && account.failed.map(\.count) == [10])
        #expect(account.gaveFirst == report.finding?.words && account.gaveFirst != nil)
        #expect(account.events.last == "second 8: x 8")
    }

    /// A day at one text of the longest kind is as small as an hour.
    @Test func staysSmallHoweverLongItLasts() throws {
        let long = report(seconds: 4000, words: String(repeating: "\u{e9}", count: 1000))
        let account = try #require(long.account(id: id, began: 5, length: 4000))
        #expect(account.isSound && account.events.count == RehearsalLimits.events)
        #expect(account.points.count <= RehearsalLimits.points && account.points.count > 200)
        // Means of a stretch of fourteen seconds, and no peak lost.
        #expect(account.points[0].wanted == 7 && account.points[0].p99 >= 9000)
        #expect(account.points.last.map { $0.wanted > 3980 } == true)
    }

    @Test(arguments: [-3, 1e9])
    func saysNoNumberThatCannotBe(cores: Double) throws {
        var report = report(seconds: 0)
        var usage = RehearsalSecond.Usage()
        usage.generatorCores = cores
        usage.edgeCores = cores
        usage.busyCores = cores
        report.add(RehearsalSecond(second: 0, wanted: 1, tally: Tally(), usage: usage), Tally())
        let account = try #require(report.account(id: id, began: 5, length: 1))
        #expect(account.isSound && account.now.edgeCores.map { $0 >= 0 } == true)
    }

    @Test(arguments: ["", "short", "has space in it!", "../../etc/passwd0", "0123456789ABCDEF"])
    func takesNoOtherNames(text: String) { #expect(!RehearsalAccount.isID(text)) }
}
