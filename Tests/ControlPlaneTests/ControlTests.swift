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
    let test = TestCampaign()
    var ann: Actor { test.ann }
    var edie: Actor { test.edie }
    var vic: Actor { test.vic }

    @Test func appliesAndTakesBack() async throws {
        let control = try test.open()
        let result = try await test.set(control, "/a", "/c", as: edie) { $0.because = "debate night" }
        let entry = try #require(result.entry)
        #expect(entry.number == 2 && entry.because == "debate night" && entry.actor == edie)
        #expect(try test.value(control, "/a") == "/c")
        let undone = try await control.undo(2, Control.Request(actor: edie, argv: ["undo", "2"]))
        #expect(undone.entry?.undoes == 2)
        #expect(try test.value(control, "/a") == "/b")
        #expect(try control.store.read { try Ledger.verify(in: $0) } == nil)
        await #expect(
            throws: Failure(.conflict, "entry 2 was undone by entry 3", hint: "hq undo 3 brings it back")
        ) { try await control.undo(2, Control.Request(actor: edie, argv: [])) }
    }

    @Test func refusesAnUndoThatLaterChangesStandOn() async throws {
        let control = try test.open()
        try await test.set(control, "/a", "/c", as: edie)
        try await test.set(control, "/a", "/d", as: ann)
        await #expect(throws: Failure.self) {
            try await control.undo(2, Control.Request(actor: edie, argv: []))
        }
        _ = try await control.undo(3, Control.Request(actor: edie, argv: []))
        _ = try await control.undo(2, Control.Request(actor: edie, argv: []))
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test func saysWhoMay() async throws {
        let control = try test.open()
        let refusal = Failure(
            .forbidden, "vic may not do that as viewer",
            hint: "it takes one of: editor, operator, admin")
        await #expect(throws: refusal) { try await test.set(control, "/a", "/c", as: vic) }
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test func changesNothingInADryRun() async throws {
        let control = try test.open()
        let result = try await test.set(control, "/a", "/c", as: edie) { $0.dryRun = true }
        #expect(result.entry == nil && result.change.summary == "redirects: /a -> /c (was /b)")
        #expect(try test.value(control, "/a") == "/b")
    }

    @Test func freezesAndLetsAnOperatorPastLoudly() async throws {
        let day = Date().formatted(.iso8601.year().month().day())
        let year = Int(day.prefix(4)) ?? 2026
        let control = try test.open(
            calendar: """
                calendar:
                  - {name: Debate, date: \(year - 1)-12-31, until: \(year + 1)-01-01, freeze: true}

                """)
        await #expect(throws: Failure.self) { try await test.set(control, "/a", "/c", as: ann) }
        let refused = try #require(try control.store.read { try Ledger.entry(2, in: $0) })
        #expect(refused.outcome == .refused && refused.verdicts.first?.reason.contains("Debate") == true)
        await #expect(throws: Failure.self) {
            try await test.set(control, "/a", "/c", as: ann) { $0.overrides = ["calendar"] }
        }
        await #expect(throws: Failure.self) {
            try await test.set(control, "/a", "/c", as: edie) {
                $0.because = "why"
                $0.overrides = ["calendar"]
            }
        }
        let result = try await test.set(control, "/a", "/c", as: ann) {
            $0.because = "the link is wrong"
            $0.overrides = ["calendar"]
        }
        #expect(result.entry?.verdicts.first?.overridden == true)
        #expect(try test.value(control, "/a") == "/c")
    }

    @Test func takesOverGoodFilesAndRefusesBrokenOnes() async throws {
        let control = try test.open()
        #expect(await control.takeOverFiles() == nil)
        try test.write("main.vcl", TestCampaign.vcl.replacing("F_origin", with: "F_orgin"))
        let refused = await control.takeOverFiles()
        #expect(refused?.outcome == .refused)
        #expect(refused?.notes.first?.contains("main.vcl:3:21: error: unknown variable 'F_orgin'") == true)
        #expect(try await control.snapshot().files["main.vcl"] == TestCampaign.vcl)
        let better = TestCampaign.vcl.replacing("601", with: "602")
        try test.write("main.vcl", better)
        #expect(await control.takeOverFiles()?.outcome == .done)
        #expect(try await control.snapshot().files["main.vcl"] == better)
    }

    @Test func keepsAnUndoneFileUndone() async throws {
        let control = try test.open()
        try test.write("main.vcl", TestCampaign.vcl.replacing("601", with: "602"))
        _ = await control.takeOverFiles()
        _ = try await control.undo(2, Control.Request(actor: ann, argv: []))
        #expect(await control.takeOverFiles() == nil)
        #expect(try await control.snapshot().files["main.vcl"] == TestCampaign.vcl)
        try test.write("main.vcl", TestCampaign.vcl.replacing("601", with: "603"))
        #expect(await control.takeOverFiles()?.hint?.contains("hq export") == true)
        #expect(try await control.exportFiles() == ["main.vcl"])
        try test.write("main.vcl", TestCampaign.vcl.replacing("601", with: "603"))
        #expect(await control.takeOverFiles()?.outcome == .done)
    }

    @Test func endsTokensAtOnce() async throws {
        let control = try test.open()
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
        let control = try test.open()
        let remove = Edit(People.personKind, ["edie"], before: "editor", after: nil)
        _ = try await control.carryOut(Control.Request(actor: ann, argv: []), needs: .admin) { _ in
            Change(summary: "edie leaves", edits: [remove])
        }
        try test.write("main.vcl", TestCampaign.vcl.replacing("601", with: "602"))
        #expect(await control.takeOverFiles()?.outcome == .done)
        #expect(try control.store.read { try People.role(of: "edie", in: $0) } == nil)
    }

    @Test func waitsOnWhenAnEdgeTakesUpItsLineAgain() async throws {
        let control = try test.open()
        let first = try await control.connect(edge: "e")
        let change = Task { try await test.set(control, "/a", "/c", as: edie) }
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
        let control = try test.open()
        let revoked = try await control.createToken(
            for: "edie", role: nil, label: "t", life: .seconds(60), by: ann, argv: [])
        let file = try await control.backup(named: "b.sqlite", by: ann, argv: [])
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let before = try await control.snapshot().number
        try await test.set(control, "/a", "/c", as: edie)
        try await control.revokeToken(revoked.row.id, by: ann, argv: [])
        let number = try await control.restore(from: "b.sqlite", by: ann, argv: [], because: nil)
        #expect(try test.value(control, "/a") == "/b")
        #expect(try await control.snapshot().number > before)
        #expect(try control.store.read { try Ledger.verify(in: $0) } == nil)
        // What was revoked since stays so, and the way back is named.
        let now = Control.milliseconds()
        #expect(
            try control.store.read {
                try People.actor(token: revoked.token, door: .api, now: now, in: $0)
            } == nil)
        let back = try #require(try control.store.read { try Ledger.entry(number, in: $0) }?.change.noUndo)
        let safety = String(back.dropFirst("hq restore ".count))
        _ = try await control.restore(from: safety, by: ann, argv: [], because: nil)
        #expect(try test.value(control, "/a") == "/c")
    }

    @Test(arguments: ["empty", "garbage", "other"]) func restoresNothingThatIsNoBackup(kind: String)
        async throws
    {
        let control = try test.open()
        let folder = Backups.folder(in: test.folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(kind)
        switch kind {
        case "empty": try Data().write(to: file)
        case "garbage": try Data("this is no database, however long it may be".utf8).write(to: file)
        default: try Store(path: file.path, migrations: Ledger.migrations).close()
        }
        await #expect(throws: Failure.self) {
            _ = try await control.restore(from: kind, by: ann, argv: [], because: nil)
        }
        #expect(try test.value(control, "/a") == "/b")
        try await test.set(control, "/a", "/c", as: edie)
    }

    @Test(arguments: ["../x", "a/b", "", ".hidden", "/etc/passwd"]) func namesBackupsInItsOwnFolderAlone(
        name: String
    )
        async throws
    {
        let control = try test.open()
        await #expect(throws: Failure.self) { try await control.backup(named: name, by: ann, argv: []) }
        await #expect(throws: Failure.self) {
            _ = try await control.restore(from: name, by: ann, argv: [], because: nil)
        }
    }

    @Test func keepsOneAdmin() async throws {
        let control = try test.open()
        let edit = Edit(People.personKind, ["ann"], before: "admin", after: "viewer")
        await #expect(
            throws: Failure(
                .conflict, "nobody would be an admin any more", hint: "make somebody one first")
        ) {
            try await control.carryOut(Control.Request(actor: ann, argv: []), needs: .admin) { _ in
                Change(summary: "ann becomes viewer", edits: [edit])
            }
        }
    }

    @Test func anOperatorTakesBackNoChangeOfWhoMayDoWhat() async throws {
        let control = try test.open()
        try test.write(
            "campaign.yaml",
            TestCampaign.campaign.replacing("{name: edie, role: editor}", with: "{name: edie, role: viewer}"))
        #expect(await control.takeOverFiles()?.outcome == .done)
        let omar = Actor(name: "omar", role: .operator, door: .api)
        await #expect(throws: Failure.self) {
            try await control.undo(2, Control.Request(actor: omar, argv: []))
        }
        _ = try await control.undo(2, Control.Request(actor: ann, argv: []))
    }

    @Test(arguments: ["main.txt", "gone.vcl"]) func refusesAProgramThatIsNotRead(name: String) async throws {
        let control = try test.open()
        try test.write("main.txt", "garbage")
        try test.write(
            "campaign.yaml", TestCampaign.campaign.replacing("vcl: main.vcl", with: "vcl: \(name)"))
        #expect(await control.takeOverFiles()?.outcome == .refused)
        #expect(try await control.snapshot().main == "main.vcl")
    }

    @Test func startsAlthoughWhatIsActiveIsGoodNoLonger() async throws {
        _ = try test.open()
        try FileManager.default.removeItem(at: test.folder.appendingPathComponent("www"))
        let again = try Control(folder: test.folder, originAddress: HostPort(host: "127.0.0.1", port: 1))
        #expect(try await again.status().watchNotes.first?.contains("there is no 'www'") == true)
    }

    @Test func exportsNothingThatWasUndone() async throws {
        let control = try test.open()
        try test.write("extra.vcl", "# more\n")
        #expect(await control.takeOverFiles()?.outcome == .done)
        _ = try await control.undo(2, Control.Request(actor: ann, argv: []))
        #expect(try await control.exportFiles() == ["extra.vcl"])
        #expect(await control.takeOverFiles() == nil)
        #expect(try await control.snapshot().files["extra.vcl"] == nil)
    }

    @Test func overwritesNothingThatIsNotAsExpected() async throws {
        let control = try test.open()
        let request = Control.Request(actor: edie, argv: [])
        await #expect(throws: Failure.self) {
            try await control.carryOut(request, needs: .editor) {
                try Dictionaries.planSet("redirects", "/a", "/z", expected: "/x", seal: keepClear, in: $0)
            }
        }
        _ = try await control.carryOut(request, needs: .editor) {
            try Dictionaries.planSet("redirects", "/a", "/z", expected: "/b", seal: keepClear, in: $0)
        }
        _ = try await control.carryOut(request, needs: .editor) {
            try Dictionaries.planSet("redirects", "/new", "/z", expected: "", seal: keepClear, in: $0)
        }
    }

    @Test func takesOverWhatAFreezeRefusedWhenSomebodySaysSo() async throws {
        let year = Int(Date().formatted(.iso8601.year())) ?? 2026
        let control = try test.open(
            calendar:
                "calendar:\n  - {name: Debate, date: \(year - 1)-12-31, until: \(year + 1)-01-01, freeze: true}\n"
        )
        let better = TestCampaign.vcl.replacing("601", with: "602")
        try test.write("main.vcl", better)
        #expect(await control.takeOverFiles()?.hint?.contains("hq reload --override calendar") == true)
        var request = Control.Request(actor: ann, argv: ["reload"], because: "it is urgent")
        request.overrides = ["calendar"]
        _ = try await control.reload(request)
        #expect(try await control.snapshot().files["main.vcl"] == better)
        #expect(await control.takeOverFiles() == nil)
    }

    @Test func takesOverWhoJoinsLeavesAndChangesInTheFile() async throws {
        let control = try test.open()
        func role(_ name: String) throws -> Role? {
            try control.store.read { try People.role(of: name, in: $0) }
        }
        let made = try await control.createToken(
            for: "edie", role: nil, label: "t", life: .seconds(60), by: ann, argv: [])
        let other = TestCampaign.campaign.replacing(
            "- {name: edie, role: editor}", with: "- {name: omar, role: operator}")
        try test.write("campaign.yaml", other)
        #expect(await control.takeOverFiles()?.outcome == .done)
        #expect(try role("edie") == nil && role("omar") == .operator)
        let now = Control.milliseconds()
        #expect(
            try control.store.read { try People.actor(token: made.token, door: .api, now: now, in: $0) }
                == nil)
        try test.write("campaign.yaml", other.replacing("role: operator", with: "role: viewer"))
        #expect(await control.takeOverFiles()?.outcome == .done)
        #expect(try role("omar") == .viewer)
    }

    @Test func countsUpdatesOverRestartsAndRestores() async throws {
        let control = try test.open()
        let first = try await control.snapshot().number
        try await test.set(control, "/a", "/c", as: edie)
        let second = try await control.snapshot().number
        #expect(second > first)
        let again = try Control(folder: test.folder, originAddress: HostPort(host: "127.0.0.1", port: 1))
        #expect(try await again.snapshot().number > second)
    }

    @Test func refusesAnUnknownGuard() async throws {
        let control = try test.open()
        await #expect(
            throws: Failure(
                .usage, "there is no guard 'moon'",
                hint: "there are calendar, vcl, entries, targets, pages, approval, watch")
        ) {
            try await test.set(control, "/a", "/c", as: ann) { $0.overrides = ["moon"] }
        }
    }

    @Test func showsWhatVisitorsWillSee() async throws {
        let control = try test.open()
        let result = try await test.set(control, "/debate", "https://x.example", as: edie) {
            $0.dryRun = true
        }
        let line = try #require(result.preview.first)
        #expect(
            line.visit == "GET localhost/debate" && line.before == "the page"
                && line.after.hasPrefix("601"))
        let same = try await test.set(control, "/a", "/z", as: edie) { $0.dryRun = true }
        #expect(same.preview.isEmpty)
    }

    @Test func onlyAdminsTakeBackWhoMayDoWhat() async throws {
        let control = try test.open()
        let edit = Edit(People.personKind, ["edie"], before: "editor", after: "viewer")
        let result = try await control.carryOut(Control.Request(actor: ann, argv: []), needs: .admin) { _ in
            Change(summary: "edie becomes viewer", edits: [edit])
        }
        let number = try #require(result.entry?.number)
        let omar = Actor(name: "omar", role: .operator, door: .api)
        await #expect(throws: Failure.self) {
            try await control.undo(number, Control.Request(actor: omar, argv: []))
        }
        _ = try await control.undo(number, Control.Request(actor: ann, argv: []))
    }
}
