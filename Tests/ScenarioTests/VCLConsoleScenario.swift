import Foundation
import Journey
import Kernel
import Testing

/// An editor asks the console what the program does with a request, and what another program would do differently.
extension Scenarios {
    @Suite(.serialized) struct VCLConsoleScenario {
        @Test(.enabled(if: Browser.isThere, "Chromium is not installed: scripts/setup.sh tests"))
        func anEditorSimulatesARequestAndComparesTwoPrograms() async throws {
            try await Browser.walkThroughConsole("vcl-console") { campaign, browser in
                let link = try #require(try await campaign.run("login", "--for", "vic").data["link"]?.string)
                try await browser.open(link)
                try await browser.click("Log in")
                #expect(await browser.sees("vic, viewer"))
                try await simulate(campaign, browser)
                try await compare(campaign, browser)
                try await goBack(campaign, browser)
            }
        }

        private func simulate(_ campaign: RunningCampaign, _ browser: Browser) async throws {
            try await browser.open("http://\(campaign.control)/vcl/simulate")
            try await set(browser, "url", "/store")
            try await browser.click("Send it")
            #expect(await browser.sees("301 Moved Permanently · SYNTH"))
            #expect(await browser.sees("no backend was needed"))

            // The step that refused the rest leads to its line, which is marked as one that ran; others are not.
            let steps =
                "[...document.querySelectorAll('.trace a')].filter(a => a.textContent.includes('error 601'))"
            let line =
                try await browser.run(
                    "const a = \(steps)[0]; a.focus(); return document.querySelector(a.hash).className"
                ).string ?? ""
            #expect(line.split(separator: " ").contains("ran") && line.contains("at"))
            let other = try await browser.run(
                "return [...document.querySelectorAll('.source .line')].find(l => l.textContent.includes('error 601 \"302\"')).className"
            )
            #expect(other == .string("line"))
            try await fits(campaign, browser, "vcl-simulate")

            // What the dictionaries hold now counts, and the cache remembers from one time to the next.
            try await campaign.run("dict", "unset", "redirects", "/store")
            try await browser.open("http://\(campaign.control)/vcl/simulate?url=/store&times=2")
            #expect(await browser.sees("200 OK · HIT"))
            #expect(await browser.sees("1: 200 MISS"))
            try await browser.click("1: 200 MISS")
            #expect(await browser.sees("F_origin: GET /store"))
            try await fits(campaign, browser, "vcl-simulate-fetched")
            try await campaign.run("dict", "set", "redirects", "/store", "/donate")

            try await browser.open("http://\(campaign.control)/vcl/simulate?url=/&headers=nonsense")
            #expect(await browser.sees("'nonsense' is no header of the request"))
            // The answer to a request that makes no sense is no success, which the browser notes.
            #expect(try await browser.complaints().allSatisfy { $0.contains("headers=nonsense") })
        }

        private func compare(_ campaign: RunningCampaign, _ browser: Browser) async throws {
            try await browser.open("http://\(campaign.control)/vcl/difference")
            try await set(browser, "requests", "/\\n/store\\nPOST /join")
            try await replace(browser, "\"SAMEORIGIN\"", "\"DENY\"")
            try await browser.click("Compare")
            #expect(await browser.sees("3 answers of 3 differ."))
            #expect(
                try await browser.run("return " + rows) == .string("X-Frame-Options / SAMEORIGIN / DENY"))
            #expect(await browser.sees("POST www.foramerica.example/join"))
            #expect(
                try await browser.run("return document.querySelectorAll('.diff .added').length")
                    == .integer(1))
            try await fits(campaign, browser, "vcl-difference")

            // Only what concerns a path differs, and the rest is counted.
            try await browser.open("http://\(campaign.control)/vcl/difference")
            try await set(browser, "requests", "/\\n/store")
            try await replace(browser, "error 601 \"301\"", "error 601 \"308\"")
            try await browser.click("Compare")
            #expect(await browser.sees("1 answer of 2 differs, 1 is the same."))

            // A mistake stands with its line, and what was written is still there.
            try await replace(browser, "set req.backend = F_origin;", "set req.bakend = F_origin;")
            try await browser.click("Compare")
            #expect(await browser.sees("It has 1 mistake"))
            #expect(await browser.sees("^~"))
            #expect(await browser.sees("did you mean 'req.backend'"))
            try await fits(campaign, browser, "vcl-mistake")
            #expect(await campaign.status("/store") == 301)
        }

        /// An earlier version of the program, beside the one that is active by now.
        private func goBack(_ campaign: RunningCampaign, _ browser: Browser) async throws {
            // With its tests, for a program that its own tests speak against does not go live.
            for name in ["edge/main.test.vcl", "edge/requests.test.yaml", "edge/main.vcl"] {
                let file = campaign.folder.appendingPathComponent(name)
                let text = try String(contentsOf: file, encoding: .utf8)
                try text.replacing("SAMEORIGIN", with: "DENY").write(
                    to: file, atomically: true, encoding: .utf8)
            }
            let page = "http://\(campaign.control)/vcl/difference"
            let isActive = await eventually {
                try? await browser.open(page)
                return (try? await browser.text.contains("Begin with")) ?? false
            }
            #expect(isActive)
            try await set(browser, "version", "1")
            try await browser.click("Take it")
            #expect(await browser.sees("What would change?"))
            try await set(browser, "requests", "/")
            try await browser.click("Compare")
            let differs = await browser.sees("1 answer of 1 differs.")
            let text = try await browser.text
            #expect(differs, "\(text)")
            #expect(
                try await browser.run("return " + rows) == .string("X-Frame-Options / DENY / SAMEORIGIN"))
        }

        /// What each answer's difference says, as one text.
        private let rows =
            "[...document.querySelectorAll('.difference td')].map(one => one.innerText).join(' / ')"

        private func set(_ browser: Browser, _ name: String, _ text: String) async throws {
            _ = try await browser.run("document.getElementsByName('\(name)')[0].value = '\(text)'")
        }

        private func replace(_ browser: Browser, _ old: String, _ new: String) async throws {
            _ = try await browser.run(
                "const one = document.getElementsByName('candidate')[0]; one.value = one.value.replace('\(old)', '\(new)')"
            )
        }

        /// At a desk, on a telephone, by day and by night.
        private func fits(_ campaign: RunningCampaign, _ browser: Browser, _ name: String) async throws {
            for width in [1280, 390] {
                try await browser.resize(width, 900)
                let isTooWide = try await browser.run(
                    "return document.documentElement.scrollWidth > document.documentElement.clientWidth")
                #expect(isTooWide == .bool(false), "\(name) at \(width)")
                for scheme in ["light", "dark"] {
                    try await browser.prefer(scheme)
                    try await browser.picture("\(name)-\(scheme)", width: width)
                }
            }
            try await browser.prefer("light")
            try await browser.resize(1280, 900)
        }
    }
}
