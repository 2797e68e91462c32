import Foundation
import Journey
import Kernel
import Testing

/// A change set that begins and ends by itself, over the death of the control plane.
extension Scenarios {
    @Suite(.serialized) struct ScheduleScenario {
        @Test func beginsAndEndsOnTimeAlthoughControlIsKilled() async throws {
            let campaign = try await RunningCampaign(folder: try Program.exampleCampaign("schedule"))
            defer { campaign.stop() }
            let told = try await campaign.run("preset", "on", "debate-night", "--at", "6s", "--for", "6s")
            guard case .array(let waiting) = try await campaign.run("calendar").data["scheduled"],
                case .integer(let at) = waiting.first?["at"],
                case .integer(let until) = waiting.first?["until"]
            else {
                Issue.record("nothing is scheduled: \(told.headline)")
                return
            }
            #expect(until - at == 6000)
            let control = try #require(try await campaign.pid("control"))
            kill(control, SIGKILL)

            let on = try #require(await moment { await campaign.status("/live") == 302 })
            let off = try #require(await moment { await campaign.status("/live") == 404 })
            // The ledger says when each was carried out; what a visitor saw came after, by as much as this machine lets its processes wait.
            let entries = try await carriedOut(campaign)
            #expect(entries.count == 2)
            #expect(
                entries.allSatisfy { (0...1000).contains($0.at - ($0.begins ? at : until)) },
                "\(entries), \(at), \(until)")
            #expect(on >= at && off >= until)
            #expect(try await campaign.pid("control") != control)
        }

        /// Milliseconds since 1970 at which `test` first said yes.
        private func moment(_ test: () async -> Bool) async -> Int64? {
            await eventually(.seconds(40), test) ? Date().milliseconds : nil
        }

        private func carriedOut(_ campaign: RunningCampaign) async throws -> [(at: Int64, begins: Bool)] {
            let log = try await campaign.run("log").data["entries"]
            guard case .array(let entries) = log else { return [] }
            return entries.compactMap { entry in
                guard case .integer(let at) = entry["at"], entry["actor"]?["door"]?.string == "hq",
                    case .integer(let number) = entry["number"], number > 2
                else { return nil }
                return (at, entry["undoes"] == nil || entry["undoes"] == .null)
            }
        }
    }
}
