import Dictionaries
import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import Services
import Store
import Testing

@testable import ControlPlane

/// Versions of services are activated like any change: guards, ledger, undo.
@Suite struct ServiceTests {
    let test = TestCampaign()
    private let ann: Actor

    init() { ann = test.ann }

    private func request(_ argv: String...) -> Control.Request { Control.Request(actor: ann, argv: argv) }

    /// A service whose version 1 could go live.
    private func whole(_ control: Control, _ domain: String = "vote.example") async throws -> String {
        try await control.draft(service: nil, ann, argv: ["test"], summary: "made") { transaction in
            let id = try Services.create(name: "Vote", now: 1, in: transaction).id
            for (kind, name) in [("domain", domain), ("dictionary", "flags"), ("acl", "blocked")] {
                _ = try Services.create(kind, name, [:], version: 1, of: id, now: 2, in: transaction)
            }
            _ = try Services.create(
                "backend", "origin", ["address": "127.0.0.1"], version: 1, of: id, now: 3, in: transaction)
            try ServicesToDictionaries.declare(id, in: transaction)
            return id
        }
    }

    private func active(_ control: Control, _ id: String) throws -> Int? {
        try control.store.read { try Services.service(id, in: $0).active }
    }

    @Test func anActivationIsAnEntryThatUndoTakesBack() async throws {
        let control = try test.open()
        let id = try await whole(control)
        let before = try await control.snapshot()
        try await control.activate(1, of: id, request("activate"))
        let after = try await control.snapshot()
        #expect(before.services.isEmpty && after.number > before.number)
        #expect(after.services.map(\.domains) == [["vote.example"]])
        #expect(after.services[0].dictionaries == ["flags": "vote/flags", "blocked": "vote/blocked"])
        #expect(after.dictionaries["vote/flags"] == [:] && after.accessLists == ["vote/blocked"])
        let entry = try #require(try control.store.read { try Ledger.list(Ledger.Filter(), in: $0) }.first)
        #expect(entry.change.summary == "Vote: version 1 activated")
        #expect(entry.verdicts.map(\.guardName).contains("vcl"))
        _ = try await control.undo(entry.number, request("undo"))
        #expect(try active(control, id) == nil)
        #expect(try await control.snapshot().services.isEmpty)
    }

    @Test func theCalendarHoldsItUp() async throws {
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        let control = try test.open(
            calendar:
                "calendar:\n  - {name: Debate, date: \(year - 1)-12-31, until: \(year + 1)-01-01, freeze: true}\n"
        )
        let id = try await whole(control)
        let failure = await #expect(throws: Failure.self) {
            try await control.activate(1, of: id, request("activate"))
        }
        #expect(failure?.kind == .refused)
        #expect(failure?.message.contains("Debate") == true)
        #expect(try active(control, id) == nil)
    }

    @Test func aDomainOfASiteIsRefused() async throws {
        let control = try test.open()
        let id = try await whole(control, "localhost")
        let failure = await #expect(throws: Failure.self) {
            try await control.activate(1, of: id, request("activate"))
        }
        #expect(failure?.message == "the domain 'localhost' is taken by a site of the campaign")
    }

    @Test func aWildcardDoesNotTakeTheSitesBelowIt() async throws {
        let control = try test.open(
            campaign: TestCampaign.campaign.replacing("[localhost]", with: "[www.test.example]"))
        let id = try await whole(control, "*.test.example")
        let failure = await #expect(throws: Failure.self) {
            try await control.activate(1, of: id, request("activate"))
        }
        #expect(failure?.message == "the domain 'www.test.example' is taken by a site of the campaign")
    }

    @Test func aSiteDoesNotTakeAServicesDomain() async throws {
        let control = try test.open()
        let id = try await whole(control)
        try await control.activate(1, of: id, request("activate"))
        let next = TestCampaign.campaign.replacing("[localhost]", with: "[localhost, vote.example]")
        let active = try control.store.read { try CampaignFiles.active(in: $0) }
        let change = CampaignFiles.change(
            from: active, to: active.merging(["campaign.yaml": next]) { $1 }, summary: "a site more")
        let failure = await #expect(throws: Failure.self) {
            try await control.carryOut(request("reload"), needs: .admin) { _ in change }
        }
        #expect(failure?.message == "the domain 'vote.example' is taken by the service 'Vote'")
        // The other way round: a site took the domain while the service was not active.
        try await control.deactivate(1, of: id, request("deactivate"))
        _ = try await control.carryOut(request("reload"), needs: .admin) { _ in change }
        let entry = try #require(
            try control.store.read { try Ledger.list(Ledger.Filter(), in: $0) }.first {
                $0.change.summary == "Vote: deactivated (was 1)"
            })
        let undo = await #expect(throws: Failure.self) {
            try await control.undo(entry.number, request("undo"))
        }
        #expect(undo?.message == "the domain 'vote.example' is taken by a site of the campaign")
    }

    @Test func draftsTakeAnOperator() async throws {
        let control = try test.open()
        await #expect(throws: Failure.self) {
            try await control.draft(service: nil, test.edie, argv: [], summary: nil) { transaction in
                _ = try Services.create(name: "x", now: 1, in: transaction)
            }
        }
        #expect(try control.store.read { try Services.list(in: $0) }.count == 1)
    }

    @Test func aDynamicSnippetIsLiveAtOnceAndTakenBack() async throws {
        let control = try test.open()
        let id = try await whole(control)
        let snippet = try await control.draft(service: id, ann, argv: [], summary: nil) { transaction in
            let made = try Services.create(
                "snippet", "s", ["type": "recv", "dynamic": "1"], version: 1, of: id, now: 4, in: transaction)
            try Services.setSnippetContent(made.id, of: id, "# one", now: 4, in: transaction)
            return made.id
        }
        try await control.activate(1, of: id, request("activate"))
        func live() async throws -> [String] {
            try await control.snapshot().services[0].snippets["recv", default: []].map(\.text)
        }
        let result = try await control.carryOut(request("put"), needs: .operator) {
            try Services.planSnippet(snippet, of: id, "# two", in: $0)
        }
        #expect(try await live().contains("# two"))
        _ = try await control.undo(try #require(result.entry).number, request("undo"))
        #expect(try await live().contains("# one"))
    }

    @Test func theCampaignsOwnProgramIsActivatedByDeployingIt() async throws {
        let control = try test.open()
        let service = try await control.followedCampaignService()
        #expect(service.isCampaign && service.active == 1 && service.name == "test")
        let number = try await control.draft(service: service.id, ann, argv: [], summary: nil) {
            transaction in
            let draft = try Services.clone(1, of: service.id, now: 5, in: transaction).number
            _ = try Services.update(
                "vcl", "main.vcl", to: ["content": .string("# new\n" + TestCampaign.vcl), "main": true],
                named: "main.vcl", version: draft, of: service.id, now: 6, in: transaction)
            return draft
        }
        try await control.activate(number, of: service.id, request("activate"))
        #expect(try await control.snapshot().files["main.vcl"]?.hasPrefix("# new") == true)
        #expect(try await control.followedCampaignService().active == 2)
        let entry = try #require(try control.store.read { try Ledger.list(Ledger.Filter(), in: $0) }.first)
        _ = try await control.undo(entry.number, request("undo"))
        #expect(try await control.followedCampaignService().active == 1)
        #expect(
            try control.store.read { try Services.version(2, of: service.id, in: $0).isLocked })
        await #expect(throws: Failure.self) {
            try await control.deactivate(1, of: service.id, request("deactivate"))
        }
    }

    @Test func aPurgeMayMeanOneService() async throws {
        let control = try test.open()
        let result = try await control.purge(.key("a"), soft: true, service: "S", request("purge"))
        #expect(result.change.summary == "soft purge of the surrogate key 'a' of the service 'S'")
        let orders = try control.store.read { try Purges.missed(since: 0, in: $0) }
        #expect(orders.map(\.service) == ["S"])
        let several = try await control.purge(
            (1...5).map { .key("\($0)") }, soft: false, request("purge"))
        #expect(several.change.summary.hasSuffix("the surrogate key '3' and 2 more"))
        #expect(try control.store.read { try Purges.missed(since: 0, in: $0) }.count == 6)
    }
}
