import CampaignFile
import Dictionaries
import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import Store
import Testing

@testable import ControlPlane

@Suite struct PresetTests {
    let test = TestCampaign()

    private func open() throws -> Control {
        try test.open(
            campaign: TestCampaign.campaign.replacing(
                "  redirects: {about: old addresses, first: {/a: /b}}",
                with: """
                      redirects: {about: old addresses, first: {/a: /b}}
                      settings: {kind: switches, switches: {banner: what is shown}, first: {banner: "off"}}
                      keys: {kind: secrets}
                    """)
                    + """
                    presets:
                      debate:
                        about: debate night
                        on: {settings: {banner: "on"}, redirects: {/live: /b}}
                        off: {settings: {banner: "off"}, redirects: {/live: ~}}
                    watch: {pages: [/, /a]}

                    """)
    }

    @Test func goesOnAndOffAsOneChange() async throws {
        let control = try open()
        #expect(try await control.presets().map(\.state) == [.off])
        let on = try await control.turn("debate", on: true, .init(actor: test.edie, argv: []))
        #expect(on.change.summary == "debate on: redirects: /live -> /b, settings: banner -> on")
        #expect(on.change.edits.count == 2)
        #expect(try await control.presets().map(\.state) == [.on])
        await #expect(
            throws: Failure(.conflict, "debate on: all of it is so already", hint: "nothing to change")
        ) {
            try await control.turn("debate", on: true, .init(actor: test.edie, argv: []))
        }
        _ = try await control.undo(2, .init(actor: test.edie, argv: []))
        #expect(try await control.presets().map(\.state) == [.off])
        try await test.set(control, "/live", "/b", as: test.edie)
        #expect(try await control.presets().map(\.state) == [.mixed])
        await #expect(
            throws: Failure(.notFound, "no preset is named 'debat'", hint: "did you mean 'debate'?")
        ) {
            try await control.turn("debat", on: true, .init(actor: test.edie, argv: []))
        }
    }

    @Test func aChangeSetIsWholeOrNothing() async throws {
        let control = try open()
        let wishes = [Wish("redirects", "/x", "/y"), Wish("settings", "banner", "maybe")]
        await #expect(
            throws: Failure(.invalid, "settings: banner cannot be 'maybe'", hint: "it is on or off")
        ) {
            try await control.carryOut(.init(actor: test.edie, argv: []), needs: .editor) {
                try Dictionaries.planChangeSet(wishes, seal: keepClear, in: $0)
            }
        }
        #expect(try test.value(control, "/x") == nil)
    }

    @Test func tellsWhoWasFaster() async throws {
        let control = try open()
        try await test.set(control, "/a", "/c", as: test.ann)
        await #expect(
            throws: Failure(
                .conflict, "redirects /a was changed meanwhile by ann, with entry 2: it is '/c' now",
                hint: "hq show 2; then decide anew, with --since 2")
        ) {
            try await control.carryOut(.init(actor: test.edie, argv: []), needs: .editor) {
                let change = try Dictionaries.planChangeSet(
                    [Wish("redirects", "/a", "/d")], seal: keepClear, in: $0)
                try Control.requireUntouched(change, since: 1, in: $0)
                return change
            }
        }
    }

    @Test func aSecretIsSealedEverywhereButAtTheEdge() async throws {
        let control = try open()
        let seal = control.seal
        for value in ["geheim", "noch geheimer"] {
            _ = try await control.carryOut(
                .init(actor: test.edie, argv: ["dict", "set", "keys", "api"]), needs: .editor
            ) {
                try Dictionaries.planSet("keys", "api", value, seal: seal, in: $0)
            }
        }
        #expect(try await control.snapshot().dictionaries["keys"] == ["api": "noch geheimer"])
        let entries = try control.store.read { try Ledger.list(.init(), in: $0) }
        let texts = try entries.map { try JSON.string(of: $0) }
        #expect(!texts.contains { $0.contains("geheim") })
        #expect(entries.first?.change.summary == "keys: api set anew, a secret")
        #expect(entries.first?.change.masked.edits.first?.after == "***")
        // The way back leads to the value before, which nobody has seen either.
        _ = try await control.undo(3, .init(actor: test.edie, argv: []))
        #expect(try await control.snapshot().dictionaries["keys"] == ["api": "geheim"])
        let store = try Data(contentsOf: URL(fileURLWithPath: control.store.path))
        #expect(store.range(of: Data("geheim".utf8)) == nil)
    }

    @Test func keepsWatchedPagesPages() async throws {
        let control = try open()
        await #expect(
            throws: Failure(
                .refused, "the watched page GET localhost/ would answer 601",
                hint: "an operator may add --override pages --because \"...\"")
        ) { try await test.set(control, "/", "/c", as: test.edie) }
        // What was none before breaks nothing: /a is a redirect already.
        try await test.set(control, "/a", "/c", as: test.edie)
        try await test.set(control, "/", "/c", as: test.ann) {
            ($0.overrides, $0.because) = (["pages"], "moved")
        }
        #expect(try test.value(control, "/") == "/c")
    }
}
