import Dictionaries
import Foundation
import Journey
import Kernel
import Ledger
import Store
import Testing

@testable import ControlPlane

@Suite struct ApprovalTests {
    let test = TestCampaign()
    private let omar = Actor(name: "omar", role: .operator, door: .terminal)

    private func open(_ approval: String, calendar: String = "") throws -> Control {
        try test.open(
            campaign: TestCampaign.campaign.replacing(
                "{about: old addresses,", with: "{about: old addresses, approval: \(approval),"
            ).replacing("  - {name: edie", with: "  - {name: omar, role: operator}\n  - {name: edie"),
            calendar: calendar)
    }

    private func request(_ actor: Actor, _ change: (inout Control.Request) -> Void = { _ in })
        -> Control.Request
    {
        var made = Control.Request(actor: actor, argv: [])
        change(&made)
        return made
    }

    @Test func waitsUntilSomebodyElseSaysYes() async throws {
        let control = try open("always")
        let asked = try await test.set(control, "/a", "/c", as: test.edie)
        #expect(asked.isWaiting && asked.entry?.number == 2)
        #expect(try test.value(control, "/a") == "/b")
        #expect(try await control.approvals().map(\.change.person) == ["edie"])

        await #expect(
            throws: Failure(.forbidden, "nobody approves their own change", hint: "hq undo 2 withdraws it")
        ) {
            try await control.approve("2", request(test.edie))
        }
        await #expect(throws: Failure.self) { try await control.approve("2", request(test.vic)) }
        let done = try await control.approve("2", request(omar))
        #expect(done.change.summary == "redirects: /a -> /c (was /b) (asked for by edie)")
        #expect(done.entry?.actor.name == "omar")
        #expect(try test.value(control, "/a") == "/c")
        #expect(try await control.approvals().isEmpty)
        // The way back needs nobody's leave, and does not ask again.
        _ = try await control.undo(3, request(test.edie))
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test func isRejectedOrWithdrawn() async throws {
        let control = try open("always")
        try await test.set(control, "/a", "/c", as: test.edie)
        let no = try await control.reject("2", request(omar) { $0.because = "not tonight" })
        #expect(no.change.summary == "rejected: redirects: /a -> /c (was /b) (asked for by edie)")
        #expect(try await control.approvals().isEmpty)
        try await test.set(control, "/a", "/c", as: test.edie)
        _ = try await control.undo(4, request(test.edie))
        #expect(try await control.approvals().isEmpty)
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test func seesThatWhatWasApprovedIsNotWhatIsThereAnyMore() async throws {
        let control = try open("always")
        try await test.set(control, "/a", "/c", as: test.edie)
        try await test.set(control, "/a", "/d", as: test.edie)
        _ = try await control.approve("3", request(omar))
        await #expect(throws: Failure.self) { try await control.approve("2", request(omar)) }
        #expect(try test.value(control, "/a") == "/d")
    }

    @Test func takesTwoInAFreezeOnly() async throws {
        let year = Int(Date().formatted(.iso8601.year())) ?? 2026
        let calm = try open("{when: freeze, by: operator}")
        try await test.set(calm, "/a", "/c", as: test.edie)
        #expect(try test.value(calm, "/a") == "/c")
        let frozen = TestCampaign()
        let control = try frozen.open(
            campaign: TestCampaign.campaign.replacing(
                "{about: old addresses,",
                with: "{about: old addresses, approval: {when: freeze, by: operator},"
            ).replacing("  - {name: edie", with: "  - {name: omar, role: operator}\n  - {name: edie"),
            calendar:
                "calendar:\n  - {name: Debate, date: \(year - 1)-12-31, until: \(year + 1)-01-01, freeze: true}\n"
        )
        // The calendar speaks first; past it, the second person is needed.
        await #expect(throws: Failure.self) { try await frozen.set(control, "/a", "/c", as: test.edie) }
        let asked = try await frozen.set(control, "/a", "/c", as: test.ann) {
            ($0.overrides, $0.because) = (["calendar"], "it must")
        }
        #expect(asked.isWaiting)
        await #expect(throws: Failure.self) { try await control.approve("3", request(test.edie)) }
        _ = try await control.approve("3", request(omar))
        #expect(try frozen.value(control, "/a") == "/c")
    }

    @Test func anOperatorGoesPastItLoudly() async throws {
        let control = try open("always")
        let result = try await test.set(control, "/a", "/c", as: omar) {
            ($0.overrides, $0.because) = (["approval"], "the site is down")
        }
        #expect(try test.value(control, "/a") == "/c")
        #expect(result.entry?.verdicts.contains { $0.guardName == "approval" && $0.overridden } == true)
    }

    @Test func aTimeIsKeptOverTheWait() async throws {
        let control = try open("always")
        try await test.set(control, "/a", "/c", as: test.edie) { ($0.at, $0.duration) = ("2h", "1h") }
        _ = try await control.approve("2", request(omar))
        #expect(try test.value(control, "/a") == "/b")
        let waiting = try await control.schedules()
        #expect(
            waiting.count == 1 && waiting.first.map { $0.until.map { $0 > waiting[0].at } ?? false } == true)
        // It is settled with the yes, and not only when its time has come.
        #expect(try await control.approvals().isEmpty)
    }

    @Test func aLengthIsCountedFromTheYesAndAsksNothingAnewAtItsEnd() async throws {
        let control = try open("always")
        try await test.set(control, "/a", "/c", as: test.edie) { $0.duration = "1h" }
        _ = try await control.approve("2", request(omar))
        #expect(try test.value(control, "/a") == "/c")
        let end = try #require(try await control.schedules().first)
        #expect(end.at > Control.milliseconds() + 3_500_000)
        #expect(end.edits.allSatisfy { $0.kind == Dictionaries.kind })
    }

    @Test func whatWasTakenBackIsNotBroughtBackByOneAlone() async throws {
        let control = try open("always")
        try await test.set(control, "/a", "/c", as: test.edie)
        _ = try await control.approve("2", request(omar))
        _ = try await control.undo(3, request(omar))
        #expect(try test.value(control, "/a") == "/b")
        let again = try await control.undo(4, request(test.edie))
        #expect(again.isWaiting)
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test func theStricterOfTwoDictionariesDecides() async throws {
        let control = try test.open(
            campaign: TestCampaign.campaign.replacing(
                "  redirects: {about: old addresses, first: {/a: /b}}",
                with: """
                      first: {approval: always}
                      redirects: {about: old addresses, approval: {when: always, by: operator}, first: {/a: /b}}
                    """))
        let asked = try await control.carryOut(request(test.edie), needs: .editor) {
            try Dictionaries.planChangeSet(
                [Wish("first", "k", "v"), Wish("redirects", "/a", "/c")], seal: keepClear, in: $0)
        }
        #expect(asked.isWaiting)
        let waiting = try #require(try await control.approvals().first)
        #expect(waiting.by == .operator && waiting.reason == "first, redirects take a second person")
    }

    @Test func anEditorOverridesNothingNotEvenWhatDoesNotBlockYet() async throws {
        let control = try open("always")
        await #expect(
            throws: Failure(.forbidden, "only an operator or an admin may override the calendar guard")
        ) {
            try await test.set(control, "/a", "/c", as: test.edie) {
                ($0.overrides, $0.because) = (["calendar"], "later there is a freeze")
            }
        }
    }
}
