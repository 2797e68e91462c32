import Foundation
import HTTPKit
import Journey
import Kernel
import Testing

/// Five wrong changes, through three doors: everywhere the same sentence, and what to do about it.
extension Scenarios {
    @Suite(.serialized) struct RefusalScenario {
        struct Wrong: Sendable {
            let dictionary: String
            let key: String
            let value: String
            let message: String
            let hint: String
        }

        private static let wrong: [Wrong] = [
            Wrong(
                dictionary: "redirects", key: "/donate", value: "/store",
                message: "redirects: /donate -> /store -> /donate goes round in a circle",
                hint: "let one of them lead to a page"),
            Wrong(
                dictionary: "landing", key: "new", value: "15",
                message: "landing: the weights add up to 105, not 100",
                hint: "change several together, and take 5 away: new 15, old 90"),
            Wrong(
                dictionary: "visitors", key: "127.0.0.0/8", value: "everybody here",
                message: "visitors: 127.0.0.0/8 would shut you out: you come from 127.0.0.1",
                hint: "leave it out, or add the exception !127.0.0.1 first"),
            Wrong(
                dictionary: "edge_settings", key: "read_only", value: "maybe",
                message: "edge_settings: read_only cannot be 'maybe'", hint: "it is on or off"),
            Wrong(
                dictionary: "redirects", key: "/debate", value: "/nowhere/",
                message: "redirects: /debate leads to /nowhere/, which answers 404",
                hint: "mend the address; an operator may add --override targets --because \"...\""),
        ]

        @Test(.enabled(if: Browser.isThere, "Chromium is not installed: scripts/setup.sh tests"))
        func refusesWithTheSameSentenceThroughEveryDoor() async throws {
            let folder = try Program.exampleCampaign(
                "refusals",
                dictionaries: """
                      landing: {kind: weights, first: {old: "90", new: "10"}}
                      visitors: {kind: addresses, about: who gets nothing}
                    """)
            let campaign = try await RunningCampaign(folder: folder)
            defer { campaign.stop() }
            let browser = try await Browser()
            do {
                let link = try #require(try await campaign.run("login").data["link"]?.string)
                try await browser.open(link)
                try await browser.click("Log in")
                #expect(await browser.sees("ann, "))
                for one in RefusalScenario.wrong { try await refuse(one, campaign, browser) }
            } catch {
                await browser.close()
                throw error
            }
            await browser.close()
            for one in RefusalScenario.wrong {
                let now = try await campaign.run("dict", "show", one.dictionary).data["entries"]?[one.key]
                #expect(now?.string != one.value, "\(one.dictionary)")
            }
        }

        private func refuse(_ one: Wrong, _ campaign: RunningCampaign, _ browser: Browser) async throws {
            // The terminal.
            let terminal = try await Program.output([
                "dict", "set", "--dir", campaign.folder.path, one.dictionary, one.key, one.value,
            ])
            #expect(terminal.status == 1)
            #expect(terminal.text == "\(one.message)\n-> \(one.hint)\n")

            // The API.
            let client = HTTPClientKit(base: "http://\(campaign.control)", token: campaign.token ?? "")
            let body: JSON = .object([
                "dict": .string(one.dictionary), "key": .string(one.key), "value": .string(one.value),
            ])
            let answer = try await client.send("POST", "/v1/dict/set", body: try JSON.text(of: body))
            #expect((400..<500).contains(answer.status))
            let report = try JSONDecoder().decode(Report.self, from: answer.body)
            #expect(report.headline == one.message && report.hint == one.hint)

            // The console, where a choice that is none takes somebody who alters the page.
            try await browser.open("http://\(campaign.control)/dictionaries/\(one.dictionary)")
            switch one.dictionary {
            case "edge_settings":
                _ = try await browser.run(
                    "const one = document.getElementsByName('entry.\(one.key)')[0]; one.value = '\(one.value)'; one.checked = true"
                )
            case "landing":
                try await browser.fill("entry.\(one.key)", one.value)
            default:
                try await browser.fill("key", one.key)
                try await browser.fill("value", one.value)
            }
            try await browser.click("Preview")
            let sentence =
                one.message.prefix(1).uppercased() + one.message.dropFirst() + ". "
                + one.hint.prefix(1).uppercased() + one.hint.dropFirst()
            #expect(await browser.sees(sentence), "\(one.message)")
            try await browser.picture("refused-\(one.dictionary)-\(one.key.filter(\.isLetter))", width: 390)
        }
    }
}
