import Foundation
import Testing

extension Browser {
    /// Walks a browser through the console of the example campaign, which runs in a folder of its own; the browser's log must hold no
    /// complaint afterwards.
    static func walkThroughConsole(
        _ name: String, dictionaries: String = "", _ walk: (RunningCampaign, Browser) async throws -> Void
    ) async throws {
        let campaign = try await RunningCampaign(
            folder: try Program.exampleCampaign(name, dictionaries: dictionaries))
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
    /// A copy of the example campaign, with more dictionaries: lines as they stand in its file.
    static func exampleCampaign(_ name: String, dictionaries: String = "") throws -> URL {
        let folder = try scratch(name)
        try FileManager.default.removeItem(at: folder)
        try FileManager.default.copyItem(at: root.appendingPathComponent("examples/for-america"), to: folder)
        guard !dictionaries.isEmpty else { return folder }
        let file = folder.appendingPathComponent("campaign.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("\npresets:\n", with: "\n\(dictionaries)\n\npresets:\n").write(
            to: file, atomically: true, encoding: .utf8)
        return folder
    }
}
