import Foundation
import HTTPKit
import Journey
import Kernel

/// A headless Chromium, driven through its WebDriver (W3C WebDriver).
final class Browser: Sendable {
    private let driver: ChildProcess
    private let client: HTTPClientKit
    private let session: String

    /// Nil when this machine has no Chromium.
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver") }

    init() async throws {
        let port = Program.freePort()
        driver = try Program.start(URL(fileURLWithPath: "/usr/bin/chromedriver"), ["--port=\(port)"])
        let client = HTTPClientKit(base: "http://127.0.0.1:\(port)", token: "")
        self.client = client
        let isReady = await eventually { (try? await client.send("GET", "/status"))?.status == 200 }
        guard isReady else { throw Failure(.unavailable, "chromedriver does not answer") }
        let options: JSON = .object([
            "capabilities": .object([
                "alwaysMatch": .object([
                    "browserName": .string("chrome"),
                    "goog:loggingPrefs": .object(["browser": .string("ALL")]),
                    "goog:chromeOptions": .object([
                        "args": .array(
                            ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"].map {
                                .string($0)
                            })
                    ]),
                ])
            ])
        ])
        let answer = try await client.send("POST", "/session", body: try JSON.text(of: options))
        let value = try JSONDecoder().decode(JSON.self, from: answer.body)["value"]
        guard let session = value?["sessionId"]?.string else {
            Program.end(driver)
            throw Failure(.unavailable, "Chromium did not start: \(value?.text ?? "")")
        }
        self.session = session
    }

    func close() async {
        _ = try? await client.send("DELETE", "/session/\(session)")
        Program.end(driver)
    }

    @discardableResult
    private func ask(_ path: String, _ body: JSON) async throws -> JSON {
        let answer = try await client.send(
            "POST", "/session/\(session)\(path)", body: try JSON.text(of: body))
        let value = try JSONDecoder().decode(JSON.self, from: answer.body)["value"] ?? .null
        guard answer.status == 200 else {
            throw Failure(.invalid, value["message"]?.string ?? "the browser refused")
        }
        return value
    }

    func open(_ url: String) async throws { try await ask("/url", .object(["url": .string(url)])) }

    private func element(_ xpath: String) async throws -> String {
        let found = try await ask(
            "/element", .object(["using": .string("xpath"), "value": .string(xpath)]))
        guard case .object(let members) = found, let id = members.values.first?.string else {
            throw Failure(.notFound, "nothing at \(xpath)")
        }
        return id
    }

    /// A button or a link with this text; the first when there are several.
    func click(_ text: String) async throws {
        let id = try await element(
            "//main//button[normalize-space()='\(text)'] | //a[normalize-space()='\(text)']")
        try await ask("/element/\(id)/click", .object([:]))
    }

    func fill(_ name: String, _ text: String) async throws {
        let id = try await element("//main//*[self::input or self::textarea][@name='\(name)']")
        try await ask("/element/\(id)/clear", .object([:]))
        try await ask("/element/\(id)/value", .object(["text": .string(text)]))
    }

    func run(_ script: String) async throws -> JSON {
        try await ask("/execute/sync", .object(["script": .string(script), "args": .array([])]))
    }

    var text: String {
        get async throws { try await run("return document.body.innerText").string ?? "" }
    }

    /// Until the page says this.
    func sees(_ text: String, within time: Duration = .seconds(5)) async -> Bool {
        await eventually(time) { (try? await self.text.contains(text)) ?? false }
    }

    /// What the browser complained of: scripts that failed, what the policy forbade, files that are not there.
    func complaints() async throws -> [String] {
        guard case .array(let lines) = try await ask("/se/log", .object(["type": .string("browser")])) else {
            return []
        }
        return lines.compactMap { $0["message"]?.string }
    }

    /// A picture of the whole page at this width, into the folder that HQ_SCREENSHOTS names.
    func picture(_ name: String, width: Int) async throws {
        guard let folder = ProcessInfo.processInfo.environment["HQ_SCREENSHOTS"] else { return }
        try await resize(width, 900)
        guard case .integer(let height) = try await run("return document.documentElement.scrollHeight") else {
            return
        }
        try await resize(width, max(600, Int(height)))
        let answer = try await client.send("GET", "/session/\(session)/screenshot")
        let value = try JSONDecoder().decode(JSON.self, from: answer.body)["value"]?.string ?? ""
        let file = URL(fileURLWithPath: folder).appendingPathComponent("\(name)-\(width).png")
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try (Data(base64Encoded: value) ?? Data()).write(to: file)
    }

    func resize(_ width: Int, _ height: Int) async throws {
        try await emulate(
            "setDeviceMetricsOverride",
            [
                "width": .integer(Int64(width)), "height": .integer(Int64(height)),
                "deviceScaleFactor": .integer(1), "mobile": .bool(width < 600),
            ])
    }

    /// Runs in each page from here on, before the page's own scripts.
    func beforeEachPage(_ script: String) async throws {
        try await ask(
            "/goog/cdp/execute",
            .object([
                "cmd": .string("Page.addScriptToEvaluateOnNewDocument"),
                "params": .object(["source": .string(script)]),
            ]))
    }

    /// `light` or `dark`.
    func prefer(_ scheme: String) async throws {
        let feature: JSON = .object([
            "name": .string("prefers-color-scheme"), "value": .string(scheme),
        ])
        try await emulate("setEmulatedMedia", ["features": .array([feature])])
    }

    private func emulate(_ what: String, _ parameters: [String: JSON]) async throws {
        try await ask(
            "/goog/cdp/execute",
            .object(["cmd": .string("Emulation." + what), "params": .object(parameters)]))
    }
}
