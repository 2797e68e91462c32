import Foundation
import HTTPKit
import Journey
import Kernel
import Testing

/// The shed switch, with real processes.
extension Scenarios {
    @Suite(.serialized) struct ShedScenario {
        private static let campaign = """
            campaign: shed
            timezone: America/New_York
            people: [{name: ann, role: admin}]
            edge:
              limits: {client_connections: 500}
              shed: {except: [/give]}
              backends: {origin: {sites: true}}
            sites:
              main: {folder: www, domains: [localhost], default: true}

            """

        @Test func isOnEveryEdgeWhenTheCommandReturnsAndUndone() async throws {
            let folder = try Program.scratch("shed")
            let site = folder.appendingPathComponent("www")
            try FileManager.default.createDirectory(
                at: site.appendingPathComponent("give"), withIntermediateDirectories: true)
            try Data(ShedScenario.campaign.utf8).write(to: folder.appendingPathComponent("campaign.yaml"))
            for name in ["index.html", "other.html", "give/index.html"] {
                try Data("<p>\(name)".utf8).write(to: site.appendingPathComponent(name))
            }
            let campaign = try await RunningCampaign(folder: folder)
            defer { campaign.stop() }
            #expect(await campaign.status("/") == 200)
            #expect(await eventually { (try? await campaign.run("status"))?.data["edges"] != .array([]) })
            let on = try await campaign.run("edge", "shed", "on", "--because", "the origin burns")
            #expect(on.outcome == .done, "\(on.text(colour: false))")
            let kept = try await campaign.edge.send("GET", "/", timeout: .seconds(5))
            let missing = await campaign.status("/other.html")
            let exempt = await campaign.status("/give/")
            #expect(kept.status == 200 && missing == 503 && exempt == 200)
            let status = try await campaign.run("status").text(colour: false)
            #expect(status.contains("ONLY THE CACHE IS SERVED") && status.contains("the origin burns"))
            let undone = try await campaign.run("undo", "2")
            #expect(undone.outcome == .done, "\(undone.text(colour: false))")
            #expect(await campaign.status("/other.html") == 200)
        }

        /// What `hq edge start` takes as options stands in the campaign file, and an edge that takes over has what stands there now.
        @Test func takesItsLimitsFromTheCampaignFile() async throws {
            let folder = try Program.scratch("limits")
            let site = folder.appendingPathComponent("www")
            let file = folder.appendingPathComponent("campaign.yaml")
            try FileManager.default.createDirectory(at: site, withIntermediateDirectories: true)
            try Data(ShedScenario.campaign.utf8).write(to: file)
            try Data("<p>home".utf8).write(to: site.appendingPathComponent("index.html"))
            let campaign = try await RunningCampaign(folder: folder)
            defer { campaign.stop() }
            func words() async throws -> [String] {
                let pid = try #require(try await campaign.pid("edge"))
                let data = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()
                return data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            }
            let first = try await words()
            #expect(first.contains("--client-connections") && !first.contains("--challenge"))
            let changed = ShedScenario.campaign.replacing("  shed:", with: "  challenge: {bits: 12}\n  shed:")
            try Data(changed.utf8).write(to: file)
            let upgrade = try Program.start(Program.path, ["edge", "upgrade", "--dir", folder.path])
            #expect(await eventually { !upgrade.isRunning })
            let second = try await words()
            #expect(second.contains("--challenge") && second.contains("--client-connections"))
            let key = folder.appendingPathComponent(".hq/challenge.key").path
            #expect(FileManager.default.fileExists(atPath: key))
            #expect(await campaign.status("/") == 200)
        }
    }
}
