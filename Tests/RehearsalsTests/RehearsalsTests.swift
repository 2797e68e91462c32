import Foundation
import Journey
import Kernel
import Rehearsal
import Store
import Testing

@testable import Rehearsals

/// An account as a rehearsal of some seconds makes it.
func account(
    _ id: String, began: Int64 = 1000, seconds: Int = 3, ended: Int64? = nil, errors: Int = 0
) throws -> RehearsalAccount {
    var report = RehearsalReport(
        shape: "steady", target: "http://127.0.0.1:8080", loops: 1, maxConnections: 10,
        thresholds: Thresholds())
    for second in 0..<seconds {
        var tally = Tally()
        tally.due = 50
        tally.sent = 50
        tally.answers = 50
        for _ in 0..<50 {
            tally.count(status: errors > 0 ? 503 : 200)
            tally.count(.hit, microseconds: 900)
        }
        report.add(RehearsalSecond(second: second, wanted: 50, tally: tally, usage: .init()), tally)
    }
    return try #require(report.account(id: id, began: began, length: Double(seconds), ended: ended))
}

private let first = "aaaaaaaaaaaaaaaa"

@Suite struct RunningRehearsalsTests {
    @Test func showsTheLatestOfEach() throws {
        var running = RunningRehearsals()
        #expect(try running.take(account(first), from: "ann", now: 0) == nil)
        #expect(try running.take(account(first, seconds: 4), from: "ann", now: 1000) == nil)
        #expect(running.records.map(\.account.now.second) == [3])
        let last = try running.take(account(first, seconds: 5, ended: 9000), from: "ann", now: 2000)
        #expect(last?.person == "ann" && last?.account.ended == 9000 && running.records.isEmpty)
    }

    @Test func belongsToWhoBeganIt() throws {
        var running = RunningRehearsals()
        _ = try running.take(account(first), from: "ann", now: 0)
        #expect(throws: Failure.self) { try running.take(account(first), from: "omar", now: 1) }
        #expect(running.records.map(\.person) == ["ann"])
    }

    @Test func takesNoMoreThanThereMayBe() throws {
        var running = RunningRehearsals()
        for index in 0..<RehearsalsLimits.running {
            _ = try running.take(account("rehearsal0000000\(index)"), from: "ann", now: 0)
        }
        #expect(throws: Failure.self) { try running.take(account(first), from: "ann", now: 0) }
        // One that ended makes room, and one that was not shown is kept all the same.
        #expect(try running.take(account(first, ended: 5), from: "ann", now: 0) != nil)
        #expect(running.records.count == RehearsalsLimits.running)
    }

    @Test func letsGoOfTheSilent() throws {
        var running = RunningRehearsals()
        _ = try running.take(account(first), from: "ann", now: 1000)
        #expect(running.takeSilent(now: 1000 + RehearsalsLimits.silenceMilliseconds) == [])
        let gone = running.takeSilent(now: 1001 + RehearsalsLimits.silenceMilliseconds)
        #expect(gone.map(\.account.ended) == [1000] && gone[0].account.cutShort != nil)
        #expect(running.records.isEmpty)
    }

    @Test func refusesWhatNoRehearsalSays() throws {
        var running = RunningRehearsals()
        for id in ["short", String(repeating: "a", count: 65), "../../etc/passwd0", "AAAAAAAAAAAAAAAA"] {
            #expect(throws: Failure.self) { try running.take(account(id), from: "ann", now: 0) }
        }
        func altered(_ old: String, _ new: String) throws -> RehearsalAccount {
            let text = String(decoding: try JSON.text(of: account(first)), as: UTF8.self)
            let changed = text.replacing(old, with: new)
            #expect(changed != text)
            return try JSONDecoder().decode(RehearsalAccount.self, from: Data(changed.utf8))
        }
        let long = String(repeating: "x", count: RehearsalLimits.wordBytes + 1)
        for (old, new) in [
            ("\"steady\"", "\"\(long)\""), ("\"statuses\":[0,150,0,0,0]", "\"statuses\":[150]"),
            ("\"sent\":150", "\"sent\":-1"), ("\"began\":1000", "\"began\":-5"),
        ] {
            let account = try altered(old, new)
            #expect(!account.isSound)
            #expect(throws: Failure.self) { try running.take(account, from: "ann", now: 0) }
        }
        #expect(running.records.isEmpty)
    }
}

@Suite struct RehearsalsTests {
    private let path = NSTemporaryDirectory() + "hq-rehearsals-\(UUID().uuidString).sqlite"

    @Test func keepsTheLastOnes() throws {
        let store = try Store(path: path, migrations: Rehearsals.migrations)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let count = RehearsalsLimits.reports + 2
        for index in 0..<count {
            let id = "rehearsal00000000" + String(format: "%03d", index)
            let record = RehearsalRecord(
                try account(id, began: Int64(index), ended: Int64(index) + 1, errors: index % 2),
                person: "ann")
            try store.write { try Rehearsals.keep(record, in: $0) }
            // Its last word may come twice.
            try store.write { try Rehearsals.keep(record, in: $0) }
        }
        let kept = try store.read { try Rehearsals.list(in: $0) }
        #expect(kept.count == RehearsalsLimits.reports && kept.first?.began == Int64(count) - 1)
        #expect(kept.last?.began == 2)
        #expect(kept.map(\.gaveFirst.isEmpty).prefix(2) == [false, true])
        #expect(kept.map(\.outcome).prefix(2) == [.gave, .held])
        let latest = try #require(kept.first)
        let found = try store.read { try Rehearsals.report(latest.id, in: $0) }
        #expect(found?.person == "ann" && found?.account.shape == "steady")
        #expect(found?.account.gaveFirst?.contains("the edge answered with errors") == true)
        #expect(try store.read { try Rehearsals.report("rehearsal00000000000", in: $0) } == nil)
    }
}
