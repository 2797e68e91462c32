import Foundation
import Journey
import Kernel
import Testing

/// A rehearsal at a terminal, seen by somebody who may only look.
extension Scenarios {
    @Suite(.serialized) struct RehearsalScenario {
        @Test(.enabled(if: Browser.isThere, "Chromium is not installed: scripts/setup.sh tests"))
        func isSeenLiveAndItsReportStays() async throws {
            try await Browser.walkThroughConsole("rehearsal", walk)
        }

        private func walk(_ campaign: RunningCampaign, _ browser: Browser) async throws {
            let link = try #require(try await campaign.run("login", "--for", "vic").data["link"]?.string)
            try await browser.open(link)
            #expect(await browser.sees("Hello vic"))
            try await browser.click("Log in")
            #expect(await browser.sees("vic, viewer", within: .seconds(30)))
            try await browser.open("http://\(campaign.control)/rehearsals")
            #expect(await browser.sees("No rehearsal is running"))
            #expect(await browser.sees("None yet"))

            // Far longer than this test looks: a signal ends it.
            let load = try Program.start(
                Program.path,
                [
                    "rehearse", "steady", "--rate", "40", "--for", "1h", "--target",
                    "http://\(campaign.edgeAddress)", "--host", "www.localhost", "--dir",
                    campaign.folder.path,
                ])
            defer { Program.end(load) }
            #expect(await browser.sees("Second", within: .seconds(30)))
            #expect(await browser.sees("of 3600, by ann", within: .seconds(30)))
            for words in ["40 asked for", "requests that wait for a connection", "2xx, fine", "p99 so far"] {
                #expect(await browser.sees(words, within: .seconds(30)), "\(words)")
            }
            // Without a reload.
            let before = try await second(browser)
            #expect(await eventually { (try? await self.second(browser)).map { $0 > before } ?? false })
            try await look(browser, "rehearsals-running")

            kill(load.processIdentifier, SIGINT)
            #expect(await eventually { !load.isRunning })
            #expect(await browser.sees("No rehearsal is running", within: .seconds(30)))
            #expect(await browser.sees("ended early", within: .seconds(30)))
            try await look(browser, "rehearsals")
            try await browser.click("steady")
            #expect(await browser.sees("It ended early: it was stopped"))
            #expect(await browser.sees("sent late by"))
            let text = try await browser.text
            #expect(text.contains("Nothing gave") || text.contains("What gave first"))
            try await look(browser, "rehearsal")
        }

        private func second(_ browser: Browser) async throws -> Int {
            let words = try await browser.text.split(whereSeparator: \.isWhitespace)
            guard let place = words.firstIndex(of: "Second"), place + 1 < words.count else { return 0 }
            return Int(words[place + 1]) ?? 0
        }

        private func look(_ browser: Browser, _ name: String) async throws {
            for scheme in ["light", "dark"] {
                try await browser.prefer(scheme)
                for width in [1280, 390] {
                    try await browser.resize(width, 900)
                    let isTooWide = try await browser.run(
                        "return document.documentElement.scrollWidth > document.documentElement.clientWidth")
                    #expect(isTooWide == .bool(false), "\(name) at \(width)")
                    try await browser.picture("\(name)-\(scheme)", width: width)
                }
            }
            try await browser.prefer("light")
        }
    }
}
