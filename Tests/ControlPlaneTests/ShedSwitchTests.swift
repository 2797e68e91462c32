import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import Store
import Testing
import VCLRuntime

@testable import ControlPlane

@Suite struct ShedSwitchTests {
    let test = TestCampaign()
    private let omar = Actor(name: "omar", role: .operator, door: .terminal)

    @discardableResult
    private func turn(
        _ control: Control, on: Bool, as actor: Actor? = nil,
        _ change: (inout Control.Request) -> Void = { _ in }
    ) async throws -> Control.Result {
        var request = Control.Request(actor: actor ?? omar, argv: ["edge", "shed"], because: "origin down")
        change(&request)
        return try await control.carryOut(request, needs: .operator) {
            try ShedSwitch.plan(on: on, in: $0)
        }
    }

    @Test func isTurnedAndTakenBack() async throws {
        let control = try test.open()
        let result = try await turn(control, on: true)
        #expect(result.change.summary == "edges serve only what they have")
        #expect(try await control.snapshot().shedding?.except == [])
        let note = try #require(try await control.status().shedding)
        #expect(note.hasPrefix("ONLY THE CACHE IS SERVED since ") && note.contains("omar: origin down"))
        _ = try await control.undo(2, Control.Request(actor: omar, argv: ["undo", "2"]))
        #expect(try await control.snapshot().shedding == nil)
        #expect(try await control.status().shedding == nil)
        #expect(try control.store.read { try Ledger.verify(in: $0) } == nil)
    }

    @Test func isAnOperatorsAndHasOnePosition() async throws {
        let control = try test.open()
        await #expect(throws: Failure.self) { try await turn(control, on: true, as: test.edie) }
        await #expect(throws: Failure.self) { try await turn(control, on: false) }
        try await turn(control, on: true)
        await #expect(throws: Failure.self) { try await turn(control, on: true) }
        // Who may not turn it may not undo it.
        await #expect(throws: Failure.self) {
            try await control.undo(2, Control.Request(actor: test.edie, argv: []))
        }
    }

    @Test func endsByItselfAndNotTwice() async throws {
        let control = try test.open()
        try await turn(control, on: true) { $0.duration = "10m" }
        #expect(try await control.schedules().count == 1)
        // Turned by hand before its time, it has no second end.
        try await turn(control, on: false)
        #expect(try await control.schedules().isEmpty)
        // Taking that back brings the end back with it.
        _ = try await control.undo(3, Control.Request(actor: omar, argv: []))
        #expect(try await control.schedules().count == 1)
        try control.store.write { transaction in
            for item in try Schedules.list(in: transaction) {
                let text = try Schedules.current([item.id], in: transaction) ?? ""
                try transaction.execute(
                    "UPDATE schedule_item SET at = 0, text = ? WHERE id = ?",
                    [.text(text.replacing("\"at\":\(item.at)", with: "\"at\":0")), .text(item.id)])
            }
        }
        #expect(await control.runDue().count == 1)
        #expect(try await control.status().shedding == nil)
    }

    @Test func isNotHeldUpByAFreeze() async throws {
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        let control = try test.open(
            calendar: """
                calendar:
                  - {name: Debate, date: \(year - 1)-12-31, until: \(year + 1)-01-01, freeze: true}

                """)
        let result = try await turn(control, on: true)
        #expect(result.verdicts.map(\.decision) == [.warn])
    }

    /// Its errors are wanted: the watch would turn it off again.
    @Test func isNotWatched() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: test.edie)
        try await turn(control, on: true)
        #expect(await control.watch.changes.map(\.entry) == [2])
    }

    /// Not the whole program again, which an edge would compile while its origins are in trouble.
    @Test func tellsEdgesNoMoreThanIsNew() async throws {
        let control = try test.open()
        try test.write(
            "campaign.yaml",
            TestCampaign.campaign.replacing(
                "edge: {vcl: main.vcl}", with: "edge: {vcl: main.vcl, shed: {except: [/donate]}}"))
        _ = await control.takeOverFiles()
        var updates = try await control.connect(edge: "edge-1").makeAsyncIterator()
        guard case .snapshot(let first) = await updates.next() else {
            Issue.record("the first update is no snapshot")
            return
        }
        #expect(first.shedding == nil)
        let turning = Task { try await turn(control, on: true) }
        guard case .shed(let order) = await updates.next() else {
            Issue.record("the second update is no order to shed")
            return
        }
        await control.received(EdgeReport(edge: "edge-1", number: order.number))
        let effect = try #require(try await turning.value.effect)
        #expect(effect.inEffect == 1 && order.rule?.except == ["/donate"])
        var document = first
        (document.shedding, document.number) = (order.rule, order.number)
        #expect(try await document == control.snapshot())
    }
}
