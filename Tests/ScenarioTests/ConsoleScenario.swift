import Foundation
import Journey
import Kernel
import Testing

/// A staff member at the console, in a real browser, against the whole program.
extension Scenarios {
    @Suite(.serialized) struct ConsoleScenario {
        @Test(.enabled(if: Browser.isThere, "Chromium is not installed: scripts/setup.sh tests"))
        func staffChangeAnEntryAndTakeItBack() async throws {
            try await Browser.walkThroughConsole("console", walk)
        }

        private func walk(_ campaign: RunningCampaign, _ browser: Browser) async throws {
            let link = try #require(try await campaign.run("login", "--for", "edie").data["link"]?.string)
            let base = "http://\(campaign.control)"
            try await browser.open(link)
            #expect(await browser.sees("Hello edie"))
            try await browser.click("Log in")
            #expect(await browser.sees("edie, editor"))

            // The preview changes nothing.
            try await browser.open(base + "/dictionaries/redirects")
            try await browser.fill("key", "/debate")
            try await browser.fill("value", "https://live.example/debate")
            try await browser.click("Preview")
            #expect(await browser.sees("GET www.foramerica.example/debate"))
            #expect(await campaign.status("/debate") == 404)
            try await pictures(browser, "preview")

            try await browser.fill("because", "debate night")
            try await browser.click("Change it")
            #expect(await browser.sees("in effect on 1 of 1 edges"))
            #expect(await campaign.status("/debate") == 301)

            // The timeline is live: what the terminal does shows without a reload.
            try await browser.open(base + "/timeline")
            #expect(await browser.sees("debate night"))
            try await campaign.run(
                "dict", "set", "redirects", "/vote", "https://vote.example/", "--because", "from a terminal")
            #expect(await browser.sees("from a terminal", within: .seconds(3)))

            let latest = try await campaign.run("log", "--grep", "/debate").data["entries"]
            guard case .array(let entries) = latest, case .integer(let number) = entries.first?["number"]
            else {
                Issue.record("the change has no entry")
                return
            }
            try await browser.open(base + "/timeline/\(number)")
            try await pictures(browser, "entry")
            try await browser.click("Undo entry \(number)")
            #expect(await browser.sees("Entry \(number) is undone"))
            #expect(await campaign.status("/debate") == 404)
            for page in [
                "", "timeline", "edge", "dictionaries", "dictionaries/redirects", "calendar", "account",
                "rehearsals",
            ] {
                try await browser.open("\(base)/\(page)")
                _ = await browser.sees("times in America/New_York")
                let isTooWide = try await browser.run(
                    "return document.documentElement.scrollWidth > document.documentElement.clientWidth")
                #expect(isTooWide == .bool(false), "\(page)")
                try await pictures(browser, page.isEmpty ? "now" : page.replacing("/", with: "-"))
            }
        }

        private func pictures(_ browser: Browser, _ name: String) async throws {
            for width in [1280, 390] { try await browser.picture(name, width: width) }
        }
    }
}
