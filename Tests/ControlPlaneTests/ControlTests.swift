import Dictionaries
import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import People
import Store
import Testing

@testable import ControlPlane

@Suite struct ControlTests {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-control-\(UUID().uuidString)")
    let ann = Actor(name: "ann", role: .admin, door: .terminal)
    let edie = Actor(name: "edie", role: .editor, door: .console)
    let vic = Actor(name: "vic", role: .viewer, door: .api)

    private static let campaign = """
        campaign: test
        timezone: America/New_York
        people:
          - {name: ann, role: admin}
        edge: {vcl: main.vcl}
        dictionaries:
          redirects: {about: old addresses, first: {/a: /b}}
        sites:
          main: {folder: www, domains: [localhost], default: true}

        """
    private static let vcl = """
        sub vcl_recv {
          if (table.contains(redirects, req.url)) { error 601; }
          set req.backend = F_origin;
        }

        """

    private func open(calendar: String = "") throws -> Control {
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("www"), withIntermediateDirectories: true)
        try write("campaign.yaml", ControlTests.campaign + calendar)
        try write("main.vcl", ControlTests.vcl)
        return try Control(folder: folder, originAddress: HostPort(host: "127.0.0.1", port: 1))
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    @discardableResult
    private func set(
        _ control: Control, _ key: String, _ value: String, as actor: Actor, because: String? = nil,
        dryRun: Bool = false, overrides: [String] = []
    ) async throws -> Control.Result {
        let request = Control.Request(
            actor: actor, argv: ["dict", "set"], because: because, dryRun: dryRun, overrides: overrides)
        return try await control.carryOut(request, needs: .editor) {
            try Dictionaries.planSet("redirects", key, value, in: $0)
        }
    }

    private func value(_ control: Control, _ key: String) throws -> String? {
        try control.store.read { try Dictionaries.value("redirects", key, in: $0) }
    }

    @Test func appliesAndTakesBack() async throws {
        let control = try open()
        let result = try await set(control, "/a", "/c", as: edie, because: "debate night")
        let entry = try #require(result.entry)
        #expect(entry.number == 2 && entry.because == "debate night" && entry.actor == edie)
        #expect(try value(control, "/a") == "/c")
        let undone = try await control.undo(2, Control.Request(actor: edie, argv: ["undo", "2"]))
        #expect(undone.entry?.undoes == 2)
        #expect(try value(control, "/a") == "/b")
        #expect(try control.store.read { try Ledger.verify(in: $0) } == nil)
        await #expect(
            throws: Failure(.conflict, "entry 2 was undone by entry 3", hint: "hq undo 3 brings it back")
        ) { try await control.undo(2, Control.Request(actor: edie, argv: [])) }
    }

    @Test func refusesAnUndoThatLaterChangesStandOn() async throws {
        let control = try open()
        try await set(control, "/a", "/c", as: edie)
        try await set(control, "/a", "/d", as: ann)
        await #expect(throws: Failure.self) {
            try await control.undo(2, Control.Request(actor: edie, argv: []))
        }
        _ = try await control.undo(3, Control.Request(actor: edie, argv: []))
        _ = try await control.undo(2, Control.Request(actor: edie, argv: []))
        #expect(try value(control, "/a") == "/b")
    }

    @Test func saysWhoMay() async throws {
        let control = try open()
        let refusal = Failure(
            .forbidden, "vic is a viewer and may not do that",
            hint: "it takes one of: editor, operator, admin")
        await #expect(throws: refusal) { try await set(control, "/a", "/c", as: vic) }
        #expect(try value(control, "/a") == "/b")
    }

    @Test func changesNothingInADryRun() async throws {
        let control = try open()
        let result = try await set(control, "/a", "/c", as: edie, dryRun: true)
        #expect(result.entry == nil && result.change.summary == "redirects: /a -> /c (was /b)")
        #expect(try value(control, "/a") == "/b")
    }

    @Test func freezesAndLetsAnOperatorPastLoudly() async throws {
        let day = Date().formatted(.iso8601.year().month().day())
        let year = Int(day.prefix(4)) ?? 2026
        let control = try open(
            calendar: """
                calendar:
                  - {name: Debate, date: \(year - 1)-12-31, until: \(year + 1)-01-01, freeze: true}

                """)
        await #expect(throws: Failure.self) { try await set(control, "/a", "/c", as: ann) }
        let refused = try #require(try control.store.read { try Ledger.entry(2, in: $0) })
        #expect(refused.outcome == .refused && refused.verdicts.first?.reason.contains("Debate") == true)
        await #expect(throws: Failure.self) {
            try await set(control, "/a", "/c", as: ann, overrides: ["calendar"])
        }
        await #expect(throws: Failure.self) {
            try await set(control, "/a", "/c", as: edie, because: "why", overrides: ["calendar"])
        }
        let result = try await set(
            control, "/a", "/c", as: ann, because: "the link is wrong", overrides: ["calendar"])
        #expect(result.entry?.verdicts.first?.overridden == true)
        #expect(try value(control, "/a") == "/c")
    }

    @Test func takesOverGoodFilesAndRefusesBrokenOnes() async throws {
        let control = try open()
        #expect(await control.takeOverFiles() == nil)
        try write("main.vcl", ControlTests.vcl.replacing("F_origin", with: "F_orgin"))
        let refused = await control.takeOverFiles()
        #expect(refused?.outcome == .refused)
        #expect(refused?.notes.first?.contains("main.vcl:3:21: error: unknown variable 'F_orgin'") == true)
        #expect(try await control.snapshot().files["main.vcl"] == ControlTests.vcl)
        let better = ControlTests.vcl.replacing("601", with: "602")
        try write("main.vcl", better)
        #expect(await control.takeOverFiles()?.outcome == .done)
        #expect(try await control.snapshot().files["main.vcl"] == better)
    }

    @Test func keepsAnUndoneFileUndone() async throws {
        let control = try open()
        try write("main.vcl", ControlTests.vcl.replacing("601", with: "602"))
        _ = await control.takeOverFiles()
        _ = try await control.undo(2, Control.Request(actor: ann, argv: []))
        #expect(await control.takeOverFiles() == nil)
        #expect(try await control.snapshot().files["main.vcl"] == ControlTests.vcl)
        try write("main.vcl", ControlTests.vcl.replacing("601", with: "603"))
        #expect(await control.takeOverFiles()?.hint?.contains("hq export") == true)
        #expect(try await control.exportFiles() == ["main.vcl"])
        try write("main.vcl", ControlTests.vcl.replacing("601", with: "603"))
        #expect(await control.takeOverFiles()?.outcome == .done)
    }

    @Test func endsTokensAtOnce() async throws {
        let control = try open()
        let made = try await control.createToken(
            for: "ann", role: .viewer, label: "t", life: .seconds(60), by: ann, argv: [])
        func actor(at time: Int64) throws -> Actor? {
            try control.store.read { try People.actor(token: made.token, door: .api, now: time, in: $0) }
        }
        let now = Int64(Date().timeIntervalSince1970 * 1000)
        #expect(try actor(at: now)?.role == .viewer)
        #expect(try actor(at: now + 61_000) == nil)
        try await control.revokeToken(made.row.id, by: ann, argv: [])
        #expect(try actor(at: now) == nil)
    }

    @Test func keepsARemovedPersonOutThoughTheFileNamesThem() async throws {
        let control = try open()
        let remove = Edit(People.personKind, ["ann"], before: "admin", after: nil)
        _ = try await control.carryOut(Control.Request(actor: ann, argv: []), needs: .admin) { _ in
            Change(summary: "ann leaves", edits: [remove])
        }
        try write("main.vcl", ControlTests.vcl.replacing("601", with: "602"))
        #expect(await control.takeOverFiles()?.outcome == .done)
        #expect(try control.store.read { try People.role(of: "ann", in: $0) } == nil)
    }

    @Test func waitsOnWhenAnEdgeTakesUpItsLineAgain() async throws {
        let control = try open()
        let first = try await control.connect(edge: "e")
        let change = Task { try await set(control, "/a", "/c", as: edie) }
        for await update in first { if case .dictionary = update { break } }
        let second = try await control.connect(edge: "e")
        for await update in second {
            guard case .snapshot(let snapshot) = update else { continue }
            #expect(snapshot.dictionaries["redirects"]?["/a"] == "/c")
            await control.received(EdgeReport(edge: "e", number: snapshot.number))
            break
        }
        let effect = try await change.value.effect
        // Both lines are held until here: an edge that is gone is not counted.
        withExtendedLifetime((first, second)) { #expect(effect?.inEffect == 1) }
    }

    @Test func restoresWhatWasBackedUp() async throws {
        let control = try open()
        let path = folder.appendingPathComponent("backup").path
        try control.store.backup(to: path)
        let before = try await control.snapshot().number
        try await set(control, "/a", "/c", as: edie)
        _ = try await control.restore(from: path, by: ann, argv: [], because: nil)
        #expect(try value(control, "/a") == "/b")
        #expect(try await control.snapshot().number > before)
        #expect(try control.store.read { try Ledger.verify(in: $0) } == nil)
    }
}
