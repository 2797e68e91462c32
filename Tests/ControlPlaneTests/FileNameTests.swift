import Diagnostics
import Foundation
import Journey
import Kernel
import Store
import Testing

@testable import ControlPlane

@Suite struct FileNameTests {
    let test = TestCampaign()
    private let omar = Actor(name: "omar", role: .operator, door: .api)

    @Test func deploysNothingButAProgram() async throws {
        let control = try test.open()
        await #expect(
            throws: Failure(
                .invalid, "'campaign.yaml' is no part of a program",
                hint: "a program is .vcl files and their tests, .test.yaml")
        ) {
            try await control.deploy(
                ["campaign.yaml": TestCampaign.campaign, "main.vcl": TestCampaign.vcl],
                .init(actor: omar, argv: []))
        }
    }

    @Test(arguments: [
        "../x.vcl", "/etc/x.vcl", ".hq/secret.vcl", "a/../../x.vcl", "sites/main/x.vcl", "a//x.vcl",
    ])
    func writesNothingOutsideItsFolder(name: String) async throws {
        let control = try test.open()
        await #expect(throws: Failure.self) {
            try await control.deploy(
                [name: "# x\n", "main.vcl": TestCampaign.vcl], .init(actor: omar, argv: []))
        }
        #expect(try control.store.read { try CampaignFiles.active(in: $0)[name] } == nil)
    }

    @Test func takesWhatLiesBelow() async throws {
        let control = try test.open()
        _ = try await control.deploy(
            ["edge/more.vcl": "# x\n", "main.vcl": TestCampaign.vcl], .init(actor: omar, argv: []))
        #expect(try control.store.read { try CampaignFiles.active(in: $0)["edge/more.vcl"] } == "# x\n")
    }

    @Test func firstEntriesAndPresetsAreCheckedLikeAllOthers() throws {
        _ = try test.open()
        let text =
            TestCampaign.campaign.replacing(
                "  redirects: {about: old addresses, first: {/a: /b}}",
                with: """
                      landing: {kind: weights, first: {old: "60", new: "45"}}
                      settings: {kind: switches, switches: {banner: what is shown}}
                    """) + """
                presets:
                  debate: {about: x, on: {settings: {banner: loud}}, off: {settings: {banner: "off"}}}

                """
        let checked = CampaignFiles.check(
            ["campaign.yaml": text, "main.vcl": "sub vcl_recv { set req.backend = F_origin; }\n"],
            folder: test.folder,
            origin: HostPort(host: "127.0.0.1", port: 1))
        #expect(checked.campaign == nil)
        let messages = checked.diagnostics.map(\.message)
        #expect(messages.contains("landing: the weights add up to 105, not 100"))
        #expect(messages.contains("settings: banner cannot be 'loud'"))
        let place = try #require(checked.diagnostics.first { $0.message.hasPrefix("landing") })
        #expect(
            text.split(separator: "\n", omittingEmptySubsequences: false)[place.line - 1].hasPrefix(
                "  landing:"))
    }
}
