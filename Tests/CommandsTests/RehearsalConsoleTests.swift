import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import Rehearsal
import Rehearsals
import Testing

@testable import Commands

/// What a rehearsal tells the control plane, and what the console shows of it.
@Suite struct RehearsalConsoleTests {
    private let id = "0123456789abcdef"

    private func account(seconds: Int = 3, target: String = "http://127.0.0.1:8080", ended: Int64? = nil)
        throws -> String
    {
        var report = RehearsalReport(
            shape: "ramp", target: target, loops: 1, maxConnections: 10, thresholds: Thresholds())
        for second in 0..<seconds {
            var tally = Tally()
            tally.due = 1234
            tally.sent = 1234
            for _ in 0..<20 { tally.count(status: 503) }
            tally.answers = 20
            tally.count(.hit, microseconds: 4100)
            report.add(
                RehearsalSecond(
                    second: second, wanted: 1300, tally: tally, usage: .init(), events: ["the origin <died>"]),
                tally)
        }
        let made = try #require(report.account(id: id, began: 1000, length: 60, ended: ended))
        return String(decoding: try JSON.text(of: made), as: UTF8.self)
    }

    @Test func isShownWhileItGoesOnAndKeptWhenItHasEnded() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("ann")
        let (cookie, _) = try await hq.login("vic")
        let empty = await hq.page("GET", "/rehearsals", cookie: cookie).text
        #expect(empty.contains("No rehearsal is running") && empty.contains("None yet"))
        #expect(await hq.api("POST", "/v1/rehearsals", try account(), token: token).status == 204)
        let running = await hq.page("GET", "/rehearsals", cookie: cookie).text
        #expect(running.contains("Second 3 of 60, by ann.") && running.contains("1,300 asked for"))
        #expect(running.contains("What gave first: the edge answered with errors"))
        #expect(running.contains("the origin &lt;died&gt;") && !running.contains("<died>"))
        let last = try account(seconds: 5, ended: 61_000)
        for _ in 0..<2 { #expect(await hq.api("POST", "/v1/rehearsals", last, token: token).status == 204) }
        let kept = await hq.page("GET", "/rehearsals", cookie: cookie).text
        #expect(kept.contains("No rehearsal is running") && kept.contains("/rehearsals/\(id)"))
        let report = await hq.page("GET", "/rehearsals/\(id)", cookie: cookie)
        #expect(report.status == 200 && report.text.contains("What gave first: the edge answered"))
        #expect(report.text.contains("6,170 requests in 1 min, by ann"))
        #expect(await hq.page("GET", "/rehearsals/none", cookie: cookie).status == 404)
        for page in [running, kept, report.text] {
            #expect(page.utf8.count < 60_000 && page.hasSuffix("</html>\n"))
            #expect(!page.contains("{{") && !page.contains("Optional(") && !page.contains(" style="))
        }
    }

    @Test func isAnOperatorsToTellAndNobodysToSpoil() async throws {
        let hq = try await TestHQ()
        let text = try account()
        #expect(await hq.api("POST", "/v1/rehearsals", text, token: nil).status == 401)
        for person in ["vic", "edie"] {
            let token = try await hq.token(person)
            #expect(await hq.api("POST", "/v1/rehearsals", text, token: token).status == 403)
        }
        let token = try await hq.token("ann")
        for body in [
            "", "{}", text.replacing("0123456789abcdef", with: "x"),
            text.replacing("\"due\":", with: "\"due\":-"),
            text + String(repeating: " ", count: RehearsalsLimits.accountBytes),
        ] {
            let answer = await hq.api("POST", "/v1/rehearsals", body, token: token)
            #expect(answer.status == 400 || answer.status == 422, "\(answer)")
            #expect(answer.json["headline"]?.string == "this is not what a rehearsal says")
        }
        #expect(await hq.control.rehearsals.isEmpty)
    }

    @Test func keepsWhatWasKilledAsFarAsItCame() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("ann")
        _ = await hq.api("POST", "/v1/rehearsals", try account(), token: token)
        #expect(await hq.control.rehearsals.count == 1)
        let later = Date().milliseconds + 2 * RehearsalsLimits.silenceMilliseconds
        try await hq.control.keepSilentRehearsals(now: later)
        #expect(await hq.control.rehearsals.isEmpty)
        let (cookie, _) = try await hq.login("vic")
        let report = await hq.page("GET", "/rehearsals/\(id)", cookie: cookie).text
        #expect(report.contains("It ended early: nothing more was heard of it."))
    }
}
