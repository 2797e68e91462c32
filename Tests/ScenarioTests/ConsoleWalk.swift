import Foundation
import Testing

extension Browser {
    /// Walks a browser through the console of the example campaign, which runs in a folder of its own; the browser's log must hold no
    /// complaint afterwards.
    static func walkThroughConsole(
        _ name: String, _ walk: (RunningCampaign, Browser) async throws -> Void
    ) async throws {
        let campaign = try await RunningCampaign(folder: try Program.exampleCampaign(name))
        defer { campaign.stop() }
        let browser = try await Browser()
        do {
            try await walk(campaign, browser)
            #expect(try await browser.complaints() == [])
        } catch {
            await browser.close()
            throw error
        }
        await browser.close()
    }
}

extension Program {
    /// A copy of the example campaign.
    static func exampleCampaign(_ name: String) throws -> URL {
        let folder = try scratch(name)
        try FileManager.default.removeItem(at: folder)
        try FileManager.default.copyItem(at: root.appendingPathComponent("examples/for-america"), to: folder)
        return folder
    }
}
