import Foundation
import Journey
import Kernel
import Testing

/// What staff do with dictionaries on a debate night, in real browsers, against the whole program.
extension Scenarios {
    @Suite(.serialized) struct EdgepartyScenario {
        @Test(.enabled(if: Browser.isThere, "Chromium is not installed: scripts/setup.sh tests"))
        func anEditorRunsDebateNightFromAPhone() async throws {
            try await Browser.walkThroughConsole("debate-night", debateNight)
        }

        private func debateNight(_ campaign: RunningCampaign, _ browser: Browser) async throws {
            let base = "http://\(campaign.control)"
            try await browser.resize(390, 844)
            try await logIn("edie", campaign, browser)

            // Found by what it does.
            try await browser.open(base + "/dictionaries")
            try await browser.fill("find", "debate")
            try await browser.click("Find")
            #expect(await browser.sees("While a debate is on air"))
            try await browser.picture("debate-1-found", width: 390)

            // Shown before it is made.
            try await browser.click("Turn on …")
            #expect(await browser.sees("302 Found to /events/"))
            #expect(await browser.sees("Nothing has changed yet"))
            #expect(await campaign.status("/live") == 404)
            try await browser.picture("debate-2-preview", width: 390)

            // Scheduled, and on the calendar.
            try await browser.fill("because", "first debate")
            try await browser.fill("at", "1h")
            try await browser.fill("for", "2h30m")
            try await browser.click("Change it")
            #expect(await browser.sees("Done"))
            try await browser.open(base + "/calendar")
            #expect(await browser.sees("debate-night on"))
            try await browser.picture("debate-3-calendar", width: 390)
            #expect(await campaign.status("/live") == 404)

            // Undone: it will not happen.
            try await undoLatest(campaign, browser, base)
            try await browser.open(base + "/calendar")
            #expect(await !browser.sees("debate-night on", within: .milliseconds(300)))

            // At once, and back.
            try await browser.open(base + "/dictionaries")
            try await browser.click("Turn on …")
            #expect(await browser.sees("302 Found to /events/"))
            try await browser.click("Change it")
            #expect(await browser.sees("in effect on 1 of 1 edges"))
            #expect(await campaign.status("/live") == 302)
            try await browser.picture("debate-4-on", width: 390)
            try await undoLatest(campaign, browser, base)
            try await browser.picture("debate-5-undone", width: 390)
            #expect(await campaign.status("/live") == 404)
        }

        @Test(.enabled(if: Browser.isThere, "Chromium is not installed: scripts/setup.sh tests"))
        func ofTwoEditorsTheSecondIsToldAndLosesNothing() async throws {
            try await Browser.walkThroughConsole("two-editors") { campaign, first in
                let second = try await Browser()
                do {
                    try await twoEditors(campaign, first, second)
                } catch {
                    await second.close()
                    throw error
                }
                await second.close()
            }
        }

        private func twoEditors(_ campaign: RunningCampaign, _ edie: Browser, _ omar: Browser) async throws {
            let base = "http://\(campaign.control)"
            try await logIn("edie", campaign, edie)
            try await logIn("omar", campaign, omar)
            for browser in [edie, omar] {
                try await browser.open(base + "/dictionaries/redirects?key=/store#change")
            }
            try await omar.fill("value", "/events/")
            try await omar.click("Preview")
            try await omar.fill("because", "the shop is closed")
            try await omar.click("Change it")
            #expect(await omar.sees("in effect on 1 of 1 edges"))

            // She filled her form in before that, and longer than he did.
            try await edie.fill("value", "/issues/")
            try await edie.click("Preview")
            #expect(await edie.sees("was changed meanwhile by omar"))
            #expect(await edie.sees("/events/"))
            #expect(await edie.sees("/issues/"))
            try await edie.picture("two-editors-told", width: 390)
            #expect(try await target(campaign) == "/events/")

            // Between her look and her decision he is faster once more.
            try await campaign.run("dict", "set", "redirects", "/store", "/about/")
            try await edie.fill("because", "to the issues")
            try await edie.click("Change it")
            #expect(await edie.sees("was changed meanwhile by ann"))
            #expect(
                try await edie.run("return document.getElementsByName('because')[0].value")
                    == .string("to the issues"))
            #expect(try await target(campaign) == "/about/")
            try await edie.click("Change it")
            #expect(await edie.sees("in effect on 1 of 1 edges"))
            #expect(try await target(campaign) == "/issues/")
        }

        @Test(.enabled(if: Browser.isThere, "Chromium is not installed: scripts/setup.sh tests"))
        func aSecondPersonSaysYes() async throws {
            let words = """
                  words: {kind: text, about: what the banner says, longest: 40, approval: always, first: {banner: Welcome}}
                  landing: {kind: weights, about: which front page, first: {old: "90", new: "10"}}
                """
            try await Browser.walkThroughConsole("second-person", dictionaries: words) { campaign, edie in
                let omar = try await Browser()
                do {
                    try await secondPerson(campaign, edie, omar)
                } catch {
                    await omar.close()
                    throw error
                }
                await omar.close()
            }
        }

        private func secondPerson(_ campaign: RunningCampaign, _ edie: Browser, _ omar: Browser) async throws
        {
            let base = "http://\(campaign.control)"
            func banner() async throws -> String? {
                try await campaign.run("dict", "show", "words").data["entries"]?["banner"]?.string
            }
            try await logIn("edie", campaign, edie)
            try await logIn("omar", campaign, omar)
            try await edie.open(base + "/dictionaries/words?key=banner#change")
            try await edie.picture("words", width: 390)
            try await edie.fill("value", "Tonight at nine")
            try await edie.click("Preview")
            #expect(await edie.sees("Words takes a second person"))
            try await edie.click("Ask for a second person’s yes")
            #expect(await edie.sees("waits for a second person’s yes"))
            #expect(try await banner() == "Welcome")
            // She cannot say it herself.
            try await edie.open(base + "/approvals")
            #expect(await edie.sees("Nobody approves their own change"))
            try await omar.open(base + "/dictionaries")
            try await omar.click("Look at it")
            #expect(await omar.sees("words: banner -> Tonight at nine"))
            try await omar.picture("approvals", width: 390)
            try await omar.click("Yes, do it")
            #expect(await omar.sees("asked for by edie"))
            #expect(await eventually { (try? await banner()) == "Tonight at nine" })
            // Who changed it last stands beside it, and its history behind it.
            try await edie.open(base + "/dictionaries/words")
            #expect(await edie.sees("omar, "))
            try await edie.click("History")
            #expect(await edie.sees("Welcome"))
            for page in ["dictionaries/edge_settings", "dictionaries/landing"] {
                try await edie.open("\(base)/\(page)")
                try await edie.picture(page.replacing("/", with: "-"), width: 390)
            }
        }

        private func target(_ campaign: RunningCampaign) async throws -> String? {
            try await campaign.run("dict", "show", "redirects", "/store").data["entries"]?["/store"]?.string
        }

        private func logIn(_ name: String, _ campaign: RunningCampaign, _ browser: Browser) async throws {
            let link = try #require(try await campaign.run("login", "--for", name).data["link"]?.string)
            try await browser.open(link)
            try await browser.click("Log in")
            #expect(await browser.sees("\(name), editor"))
        }

        private func undoLatest(_ campaign: RunningCampaign, _ browser: Browser, _ base: String) async throws
        {
            try await browser.open(base + "/dictionaries")
            let latest = try await campaign.run("log", "--limit", "1").data["entries"]
            guard case .array(let entries) = latest, case .integer(let number) = entries.first?["number"]
            else {
                Issue.record("there is no entry")
                return
            }
            try await browser.open("\(base)/timeline")
            try await browser.open("\(base)/timeline/\(number)")
            try await browser.click("Undo entry \(number)")
            #expect(await browser.sees("Entry \(number) is undone"))
        }
    }
}
