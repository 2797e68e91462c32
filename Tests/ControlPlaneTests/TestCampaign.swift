import Dictionaries
import Foundation
import Journey
import Kernel
import Store

@testable import ControlPlane

/// A campaign in a folder of its own, and the people who change it.
struct TestCampaign {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-control-\(UUID().uuidString)")
    let ann = Actor(name: "ann", role: .admin, door: .terminal)
    let edie = Actor(name: "edie", role: .editor, door: .console)
    let vic = Actor(name: "vic", role: .viewer, door: .api)

    static let campaign = """
        campaign: test
        timezone: America/New_York
        people:
          - {name: ann, role: admin}
          - {name: edie, role: editor}
        edge: {vcl: main.vcl}
        dictionaries:
          redirects: {about: old addresses, first: {/a: /b}}
        sites:
          main: {folder: www, domains: [localhost], default: true}

        """
    static let vcl = """
        sub vcl_recv {
          if (table.contains(redirects, req.url)) { error 601; }
          set req.backend = F_origin;
        }

        """

    func open(campaign: String = TestCampaign.campaign, calendar: String = "") throws -> Control {
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("www"), withIntermediateDirectories: true)
        try write("campaign.yaml", campaign + calendar)
        try write("main.vcl", TestCampaign.vcl)
        return try Control(folder: folder, originAddress: HostPort(host: "127.0.0.1", port: 1))
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    /// `dict set redirects KEY VALUE`, with what `change` makes of the request.
    @discardableResult
    func set(
        _ control: Control, _ key: String, _ value: String, as actor: Actor,
        _ change: (inout Control.Request) -> Void = { _ in }
    ) async throws -> Control.Result {
        var request = Control.Request(actor: actor, argv: ["dict", "set"])
        change(&request)
        return try await control.carryOut(request, needs: .editor) {
            try Dictionaries.planSet("redirects", key, value, seal: keepClear, in: $0)
        }
    }

    func value(_ control: Control, _ key: String) throws -> String? {
        try control.store.read { try Dictionaries.value("redirects", key, in: $0) }
    }
}

/// Seals nothing: what a test looks at stays readable.
let keepClear: Dictionaries.Seal = { $0 }
