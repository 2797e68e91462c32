import Foundation
import Journey
import Kernel
import Ledger
import People
import Store
import Testing

@testable import ControlPlane

@Suite struct ScheduleTests {
    let test = TestCampaign()

    /// As if the time of everything that waits had come.
    private func bringForward(_ control: Control) throws {
        try control.store.write { transaction in
            for item in try Schedules.list(in: transaction) {
                let text = try Schedules.current([item.id], in: transaction) ?? ""
                try transaction.execute(
                    "UPDATE schedule_item SET at = 0, text = ? WHERE id = ?",
                    [.text(text.replacing("\"at\":\(item.at)", with: "\"at\":0")), .text(item.id)])
            }
        }
    }

    @Test func waitsForItsTimeAndThenHappens() async throws {
        let control = try test.open()
        let result = try await test.set(control, "/a", "/c", as: test.edie) { $0.at = "2h" }
        #expect(result.time?.hasSuffix("(America/New_York)") == true)
        #expect(try test.value(control, "/a") == "/b")
        #expect(await control.runDue().isEmpty)
        try bringForward(control)
        #expect(await control.runDue() == ["entry 3 as scheduled: redirects: /a -> /c (was /b)"])
        #expect(try test.value(control, "/a") == "/c")
        let entry = try #require(try control.store.read { try Ledger.entry(3, in: $0) })
        #expect(entry.actor.name == "edie" && entry.actor.door == .hq)
        #expect(try await control.schedules().isEmpty)
        // Its undo takes back the change and does not schedule it anew.
        _ = try await control.undo(3, Control.Request(actor: test.edie, argv: []))
        #expect(try test.value(control, "/a") == "/b")
        #expect(try await control.schedules().isEmpty)
    }

    @Test func isTakenBackAfterItsTime() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.duration = "1h" }
        #expect(try test.value(control, "/a") == "/c")
        try bringForward(control)
        #expect(await control.runDue().count == 1)
        #expect(try test.value(control, "/a") == "/b")
        #expect(try control.store.read { try Ledger.undoer(of: 2, in: $0) } == 3)
    }

    @Test func beginsAndEndsByItself() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) {
            $0.at = "1h"
            $0.duration = "1h"
        }
        try bringForward(control)
        #expect(await control.runDue().count == 1)
        #expect(try test.value(control, "/a") == "/c")
        try bringForward(control)
        #expect(await control.runDue().count == 1)
        #expect(try test.value(control, "/a") == "/b")
        #expect(try await control.schedules().isEmpty)
    }

    @Test func isCancelledByUndoingTheEntryThatScheduledIt() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.at = "2h" }
        _ = try await control.undo(2, Control.Request(actor: test.edie, argv: []))
        #expect(try await control.schedules().isEmpty)
    }

    @Test func isRefusedWhenSomethingElseCameBetween() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.at = "2h" }
        try await test.set(control, "/a", "/d", as: test.ann)
        try bringForward(control)
        #expect(await control.runDue().first?.contains("was changed meanwhile") == true)
        #expect(try test.value(control, "/a") == "/d")
        let entry = try #require(try control.store.read { try Ledger.entry(4, in: $0) })
        #expect(entry.outcome == .refused && entry.verdicts.first?.guardName == "schedule")
        #expect(try await control.schedules().isEmpty)
    }

    @Test func isRefusedWhenItsPersonHasLeft() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.at = "2h" }
        let leave = Edit(People.personKind, ["edie"], before: "editor", after: nil)
        _ = try await control.carryOut(Control.Request(actor: test.ann, argv: []), needs: .admin) { _ in
            Change(summary: "edie leaves", edits: [leave])
        }
        try bringForward(control)
        #expect(await control.runDue().first?.contains("has left") == true)
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test(arguments: ["yesterday", "25:00", "2016-13-01 10:00", "2015-01-01 10:00"])
    func refusesATimeThatIsNone(text: String) async throws {
        let control = try test.open()
        await #expect(throws: Failure.self) {
            try await test.set(control, "/a", "/c", as: test.edie) { $0.at = text }
        }
        #expect(try await control.schedules().isEmpty)
    }

    @Test func judgesByTheCalendarOfItsOwnTime() async throws {
        let year = (Int(Date().formatted(.iso8601.year())) ?? 2026) + 1
        let control = try test.open(
            calendar: "calendar:\n  - {name: Debate, date: \(year)-03-03, freeze: true}\n")
        await #expect(throws: Failure.self) {
            try await test.set(control, "/a", "/c", as: test.edie) { $0.at = "\(year)-03-03 12:00" }
        }
        try await test.set(control, "/a", "/c", as: test.edie) { $0.at = "\(year)-03-04 12:00" }
    }

    @Test func endsInAFreezeAndWithoutItsPerson() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.duration = "1h" }
        let leave = Edit(People.personKind, ["edie"], before: "editor", after: nil)
        _ = try await control.carryOut(Control.Request(actor: test.ann, argv: []), needs: .admin) { _ in
            Change(summary: "edie leaves", edits: [leave])
        }
        let year = Int(Date().formatted(.iso8601.year())) ?? 2026
        try test.write(
            "campaign.yaml",
            TestCampaign.campaign
                + "calendar:\n  - {name: Debate, date: \(year - 1)-12-31, until: \(year + 1)-01-01, freeze: true}\n"
        )
        #expect(await control.takeOverFiles()?.outcome == .done)
        try bringForward(control)
        #expect(await control.runDue().count == 1)
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test func canBeUndoneBeforeAndAfterItsEnd() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.duration = "1h" }
        _ = try await control.undo(2, Control.Request(actor: test.edie, argv: []))
        #expect(try test.value(control, "/a") == "/b")
        #expect(try await control.schedules().isEmpty)
    }

    @Test func comesBackWhenItsCancellationIsUndone() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.at = "2h" }
        _ = try await control.undo(2, Control.Request(actor: test.edie, argv: []))
        _ = try await control.undo(3, Control.Request(actor: test.edie, argv: []))
        #expect(try await control.schedules().map(\.summary) == ["redirects: /a -> /c (was /b)"])
    }

    @Test func whatEndsAtAMomentEndsBeforeWhatBeginsThen() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie) { $0.duration = "1h" }
        try await test.set(control, "/d", "/e", as: test.edie) { $0.at = "1h" }
        try bringForward(control)
        let due = try control.store.read { try Schedules.due(Control.milliseconds(), in: $0) }
        #expect(due.map { $0.undoes != nil } == [true, false])
    }
}
