import Foundation
import HTTPKit
import Journey
import Kernel
import Testing

/// The watch, with real processes and real visitors.
extension Scenarios {
    @Suite(.serialized) struct WatchScenario {
        private static let campaign = """
            campaign: watched
            timezone: America/New_York
            people: [{name: ann, role: admin}]
            edge:
              vcl: main.vcl
              backends: {shop: {address: "127.0.0.1:PORT"}}
            dictionaries:
              switches: {about: switches, first: {closed: "no"}}
            sites:
              main: {folder: www, domains: [localhost], default: true}

            """
        /// A tenth of the paths closes when the switch says so; nothing is cached, so that an outage shows.
        private static let vcl = """
            sub vcl_recv {
              if (table.lookup(switches, "closed") == "yes" && req.url ~ "0$") { error 503 "closed"; }
              set req.backend = F_shop;
              return(pass);
            }

            """
        /// A shop that always answers, made of an edge alone.
        private static let shop = """
            sub vcl_recv { error 700; }
            sub vcl_error { set obj.status = 200; synthetic "open"; return(deliver); }

            """

        private func start() async throws -> (campaign: RunningCampaign, shop: ChildProcess) {
            let folder = try Program.scratch("watch")
            let port = Program.freePort()
            func write(_ name: String, _ text: String) throws {
                try Data(text.utf8).write(to: folder.appendingPathComponent(name))
            }
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("www"), withIntermediateDirectories: true)
            try write("campaign.yaml", WatchScenario.campaign.replacing("PORT", with: "\(port)"))
            try write("main.vcl", WatchScenario.vcl)
            try write("shop.txt", WatchScenario.shop)
            let shop = try Program.start(
                Program.path,
                [
                    "edge", "run", "--vcl", folder.appendingPathComponent("shop.txt").path, "--listen",
                    "127.0.0.1:\(port)",
                ])
            return (try await RunningCampaign(folder: folder), shop)
        }

        /// Visitors who come one after another until the task is cancelled.
        private func visitors(_ campaign: RunningCampaign) -> Task<Void, Never> {
            Task {
                var number = 0
                while !Task.isCancelled {
                    number += 1
                    _ = await campaign.status("/page/\(number)")
                    try? await Task.sleep(for: .milliseconds(5))
                }
            }
        }

        private func entries(_ campaign: RunningCampaign) async throws -> [JSON] {
            guard case .array(let entries) = try await campaign.run("log").data["entries"] else { return [] }
            return entries
        }

        @Test func undoesTheChangeThatMakesThingsWorse() async throws {
            let (campaign, shop) = try await start()
            defer { Program.end(shop) }
            defer { campaign.stop() }
            let visitors = visitors(campaign)
            defer { visitors.cancel() }
            try await campaign.run("dict", "set", "switches", "colour", "blue")
            try await campaign.run("dict", "set", "switches", "closed", "yes", "--because", "a test")
            #expect(await campaign.status("/page/10") == 503)
            let isUndone = await eventually(.seconds(30)) { await campaign.status("/page/10") == 200 }
            #expect(isUndone)
            let latest = try #require(try await entries(campaign).first)
            #expect(latest["undoes"] == .integer(3) && latest["actor"]?["name"]?.string == "hq")
            #expect(latest["because"]?.string?.contains("succeed without it") == true)
        }

        @Test func blamesNoChangeForAnOutage() async throws {
            let (campaign, shop) = try await start()
            defer { campaign.stop() }
            let visitors = visitors(campaign)
            defer { visitors.cancel() }
            try await campaign.run("dict", "set", "switches", "colour", "blue")
            shop.signal(SIGKILL)
            #expect(await eventually { await campaign.status("/page/1") == 503 })
            // Long enough for the errors to pass the limit and for several trials.
            let isAsked = await eventually(.seconds(15)) {
                let share = try? await campaign.run("edge", "stats", "--seconds", "5").data["errorShare"]
                return share == .integer(1) || share == .number(1)
            }
            #expect(isAsked)
            try await Task.sleep(for: .seconds(8))
            #expect(try await entries(campaign).count == 2)
        }
    }
}
