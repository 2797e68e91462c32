import Dictionaries
import EdgeLink
import Foundation
import Journey
import Kernel
import Store
import Testing
import VCLRuntime

@testable import ControlPlane

/// Dictionaries as the control plane holds them for edges.
@Suite struct DictionaryTablesTests {
    let test = TestCampaign()
    var edie: Actor { test.edie }

    @Test func tellsEdgesWhichDictionariesAreListsOfAddresses() async throws {
        let control = try test.open()
        try test.write(
            "campaign.yaml",
            TestCampaign.campaign.replacing(
                "dictionaries:",
                with:
                    "dictionaries:\n  blocked: {about: who may not, kind: addresses, first: {192.0.2.0/24: spam}}\n  keys: {about: keys, kind: secrets}"
            ))
        try test.write(
            "main.vcl", "sub vcl_recv { if (client.ip ~ blocked) { error 403; } set req.backend = F_origin; }"
        )
        #expect(await control.takeOverFiles()?.outcome == .done)
        let snapshot = try await control.snapshot()
        #expect(snapshot.accessLists == ["blocked"] && snapshot.secrets == ["keys"])
        #expect(snapshot.dictionaries["blocked"] == ["192.0.2.0/24": "spam"])
        let compiled = try snapshot.compiled()
        #expect(compiled.program.accessListNames == ["blocked"])
        #expect(compiled.program.dictionaryNames.sorted() == ["keys", "redirects"])
    }

    @Test func keepsItsTablesUpToDate() async throws {
        let control = try test.open()
        #expect(try await control.snapshot().dictionaries["redirects"] == ["/a": "/b"])
        try await test.set(control, "/a", "/c", as: edie)
        try await test.set(control, "/d", "/e", as: edie)
        #expect(try await control.snapshot().dictionaries["redirects"] == ["/a": "/c", "/d": "/e"])
        #expect(try control.store.read { try Dictionaries.list(in: $0)[0].count } == 2)
        // Written by somebody who told nobody.
        try control.store.write {
            try Dictionaries.apply(
                Edit(Dictionaries.kind, ["redirects", "/a"], before: "/c", after: nil), in: $0)
        }
        #expect(try await control.snapshot().dictionaries["redirects"] == ["/d": "/e"])
        #expect(try control.store.read { try Dictionaries.state(of: "redirects", in: $0).entries } == 1)
    }

    @Test func sendsNoLargeDictionaryToWhoHoldsIt() async throws {
        let control = try test.open()
        let many = Dictionary(
            uniqueKeysWithValues: (0..<4000).map { ("/many/\($0)", "/somewhere/else/\($0)") })
        _ = try await control.carryOut(.init(actor: test.edie, argv: []), needs: .editor) {
            try Dictionaries.planImport("redirects", many, replace: true, seal: keepClear, in: $0)
        }
        func first(_ held: HeldTables?) async throws -> EdgeSnapshot? {
            var updates = try await control.connect(edge: "e", held: held).makeAsyncIterator()
            guard case .snapshot(let snapshot)? = await updates.next() else { return nil }
            return snapshot
        }
        let whole = try #require(try await first(nil))
        let block = try #require(whole.entries["redirects"])
        let table = Table(name: "redirects", block)
        let holding = HeldTables(["redirects": table], seeds: [5, 6])
        let held = try #require(try await first(holding))
        #expect(held.held == ["redirects"] && held.entries["redirects"] == nil)
        let other = try #require(
            try await first(
                HeldTables(
                    ["redirects": table.setting([(key: "/x", value: "/y")], removing: [])], seeds: [5, 6])))
        #expect(other.held.isEmpty && other.entries["redirects"] == block)
        try await test.set(control, "/many/1", "/changed", as: test.edie)
        let changed = try #require(try await first(holding))
        #expect(changed.held.isEmpty && changed.entries["redirects"]?.texts["/many/1"] == "/changed")
    }
}
