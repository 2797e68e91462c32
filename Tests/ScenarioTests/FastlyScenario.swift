import Foundation
import Journey
import Kernel
import Testing

/// What a team has for Fastly works here.
extension Scenarios {
    @Suite(.serialized) struct FastlyScenario {
        /// Made by scripts/setup.sh, with the versions in scripts/fastly-client.txt.
        private static let python = Program.root.appendingPathComponent(".build/fastly-client/bin/python")

        @Test func theOfficialPythonClientWorksUnchanged() async throws {
            guard FileManager.default.isExecutableFile(atPath: Self.python.path) else {
                throw Failure(
                    .unavailable, "Fastly's Python client is not installed in .build/fastly-client",
                    hint: "run: scripts/setup.sh tests")
            }
            let campaign = try await RunningCampaign(folder: try Program.exampleCampaign("fastly"))
            defer { campaign.stop() }
            let made = try await campaign.run("token", "create", "--role", "admin", "--label", "fastly")
            let key = try #require(made.data["token"]?.string)
            let script = Program.root.appendingPathComponent("Tests/ScenarioTests/Fixtures/fastly_client.py")
            let log = campaign.folder.appendingPathComponent("client.log")
            let output = open(log.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(output) }
            let client = try ChildProcess(
                [
                    Self.python.path, script.path, "http://\(campaign.fastlyAPI)", key, campaign.edgeAddress,
                    campaign.originPort,
                ], output: output)
            let hasEnded = await eventually(.seconds(240)) { !client.isRunning }
            client.signal(SIGKILL)
            let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            #expect(hasEnded && client.status == 0, "\(said)")
            #expect(said.contains("done: all"), "\(said)")
            // Every activation is an entry with a way back.
            let entries = try await campaign.run("log", "--json").data
            #expect("\(entries)".contains("Vote: version 2 activated"))
        }
    }
}
