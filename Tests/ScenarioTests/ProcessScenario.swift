import Foundation
import Journey
import Kernel
import Testing

/// Processes die; visitors do not notice.
extension Scenarios {
    @Suite(.serialized) struct ProcessScenario {
        private func start() async throws -> RunningCampaign {
            let folder = try Program.exampleCampaign("processes")
            return try await RunningCampaign(folder: folder)
        }

        @Test func eachMayDieAndComesBack() async throws {
            let campaign = try await start()
            defer { campaign.stop() }
            try await campaign.run("dict", "set", "redirects", "/debate", "https://live.example/")
            for name in ["control", "edge", "origin"] {
                let pid = try #require(try await campaign.pid(name))
                kill(pid, SIGKILL)
                if name == "control" {
                    // Hits and misses, while nobody is there to ask.
                    #expect(await campaign.status("/") == 200)
                    #expect(await campaign.status("/debate") == 301)
                }
                let isBack = await eventually {
                    let now = (try? await campaign.pid(name)) ?? nil
                    return now != nil && now != pid
                }
                #expect(isBack, "\(name)")
                #expect(await eventually { await campaign.status("/debate") == 301 }, "\(name)")
            }
            #expect(try await campaign.run("log", "verify").outcome == .done)
        }

        @Test func replacesTheEdgesProgramWithoutLosingARequest() async throws {
            let campaign = try await start()
            defer { campaign.stop() }
            let before = try await campaign.pid("edge")
            let isOver = Guarded(false)
            let visitor = Task {
                var (answered, failed) = (0, 0)
                while !isOver.withLock({ $0 }) {
                    if await campaign.status("/") == 200 { answered += 1 } else { failed += 1 }
                }
                return (answered, failed)
            }
            for _ in 0..<3 {
                let upgrade = try Program.start(
                    Program.path, ["edge", "upgrade", "--dir", campaign.folder.path])
                #expect(await eventually { !upgrade.isRunning })
                #expect(upgrade.status == 0)
            }
            isOver.withLock { $0 = true }
            let (answered, failed) = await visitor.value
            #expect(failed == 0 && answered > 0)
            #expect(try await campaign.pid("edge") != before)
            // The one that serves now follows the control plane.
            try await campaign.run("dict", "set", "redirects", "/upgraded", "/events/")
            #expect(await eventually { await campaign.status("/upgraded") == 301 })
        }

        @Test func refusesASecondOneInTheSameFolder() async throws {
            let campaign = try await start()
            defer { campaign.stop() }
            let second = try Program.start(
                Program.path,
                [
                    "up", "--dir", campaign.folder.path, "--edge", "127.0.0.1:\(Program.freePort())",
                    "--control",
                    "127.0.0.1:\(Program.freePort())", "--fastly-api",
                    "127.0.0.1:\(Program.freePort())", "--origin", "127.0.0.1:\(Program.freePort())",
                ])
            #expect(await eventually { !second.isRunning })
            #expect(second.status == 1)
            #expect(await campaign.status("/") == 200)
        }

        @Test func takesOverAFileThatChangesAndKeepsTheOldOneWhenItIsWrong() async throws {
            let campaign = try await start()
            defer { campaign.stop() }
            let path = campaign.folder.appendingPathComponent("edge/main.vcl")
            let good = try String(contentsOf: path, encoding: .utf8)
            try Data((good + "\nsub vcl_recv { set req.ulr = 1; }\n").utf8).write(to: path)
            let isRefused = await eventually {
                let notes = (try? await campaign.run("status"))?.notes ?? []
                return notes.contains { $0.contains("edge/main.vcl was refused") }
            }
            #expect(isRefused)
            #expect(await campaign.status("/") == 200)
            let changed = good.replacing(
                "sub vcl_recv {\n",
                with: "sub vcl_recv {\n  if (req.url == \"/teapot\") { error 418 \"teapot\"; }\n")
            try Data(changed.utf8).write(to: path)
            #expect(await eventually { await campaign.status("/teapot") == 418 })
        }
    }
}
