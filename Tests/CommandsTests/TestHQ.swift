import Console
import ControlPlane
import Foundation
import HTTPKit
import Journey
import Kernel
import People
import Store

@testable import Commands

/// A control plane with all its commands, its API and its console, asked without a socket.
struct TestHQ {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory() + "hq-commands-\(UUID().uuidString)")
    let control: Control
    let server: ControlServer

    /// `dictionary`: one more line of the campaign file's dictionaries.
    init(dictionary: String = "") async throws {
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("www"), withIntermediateDirectories: true)
        let campaign = """
            campaign: test
            timezone: America/New_York
            people:
              - {name: ann, role: admin}
              - {name: edie, role: editor}
              - {name: vic, role: viewer}
            edge: {vcl: main.vcl}
            dictionaries:
              redirects: {about: old addresses, first: {/a: /b}}
            \(dictionary.isEmpty ? "" : "  " + dictionary)
            sites:
              main: {folder: www, domains: [www.test.example], default: true}

            """
        let vcl =
            "sub vcl_recv { if (table.contains(redirects, req.url)) { error 601; } set req.backend = F_origin; }\n"
        try Data(campaign.utf8).write(to: folder.appendingPathComponent("campaign.yaml"))
        try Data(vcl.utf8).write(to: folder.appendingPathComponent("main.vcl"))
        control = try Control(folder: folder, originAddress: HostPort(host: "127.0.0.1", port: 1))
        let commands = Commands(control: control)
        let console = Console(
            source: ControlConsole(control: control, registry: commands, checks: SiteChecks(control: control))
        )
        server = ControlServer(control: control, registry: commands) { await console.respond($0) }
        try await control.openLocalAccess(url: "http://hq.test")
    }

    /// A token of this person.
    func token(_ person: String) async throws -> String {
        let ann = Actor(name: "ann", role: .admin, door: .terminal)
        return try await control.createToken(
            for: person, role: nil, label: "test", life: .seconds(600), by: ann, argv: []
        ).token
    }

    func api(
        _ method: String, _ path: String, _ body: String = "", query: [String: String] = [:], token: String?
    )
        async -> (status: Int, json: JSON)
    {
        var headers = ["host": "hq.test"]
        if let token { headers["authorization"] = "Bearer \(token)" }
        let answer = await server.respond(
            HTTPRequest(method: method, path: path, query: query, headers: headers, body: Data(body.utf8)))
        return (answer.status, (try? JSONDecoder().decode(JSON.self, from: answer.data)) ?? .null)
    }

    func page(
        _ method: String, _ path: String, _ form: String = "", query: [String: String] = [:],
        cookie: String? = nil,
        origin: String? = "http://hq.test"
    ) async -> HTTPResponse {
        var headers = ["host": "hq.test"]
        if let cookie { headers["cookie"] = cookie }
        if method == "POST", let origin { headers["origin"] = origin }
        return await server.respond(
            HTTPRequest(
                method: method, path: path, query: query, headers: headers, body: Data(form.utf8),
                clientAddress: "192.0.2.7"))
    }

    /// Comes in by a link, as a browser would. The cookie and the token of this session's forms.
    func login(_ person: String) async throws -> (cookie: String, form: String) {
        let ann = Actor(name: "ann", role: .admin, door: .terminal)
        let link = try await control.makeLink(for: person, by: ann, argv: [])
        let token = String(link.split(separator: "=").last ?? "")
        let answer = await page("POST", "/login", "link=\(token)")
        let cookie = answer.header("Set-Cookie")?.split(separator: ";").first.map(String.init) ?? ""
        let secret = String(cookie.split(separator: "=").last ?? "")
        return (cookie, try await control.session(secret: secret)?.formToken ?? "")
    }
}

extension HTTPResponse {
    var data: Data { if case .data(let data) = body { data } else { Data() } }
    var text: String { String(decoding: data, as: UTF8.self) }
    func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
}
