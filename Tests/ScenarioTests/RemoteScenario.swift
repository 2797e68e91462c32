import Foundation
import HTTPKit
import Journey
import Kernel
import Testing

/// A second HQ stands in for Fastly: what is active here is pushed to a service there.
extension Scenarios {
    @Suite(.serialized) struct RemoteScenario {
        /// The campaign there, its API's key, and a service in it that answers already.
        private struct There {
            let campaign: RunningCampaign
            let key: String
            let service: String

            init() async throws {
                campaign = try await RunningCampaign(folder: try Program.exampleCampaign("there"))
                key = try await campaign.run("token", "create", "--role", "admin").data["token"]?.string ?? ""
                let client = HTTPClientKit(base: "http://\(campaign.fastlyAPI)", token: "")
                let headers = [
                    ("Fastly-Key", key), ("Content-Type", "application/x-www-form-urlencoded"),
                ]
                func post(_ method: String, _ path: String, _ body: String = "") async throws -> JSON {
                    let answer = try await client.send(
                        method, path, headers: headers, body: Data(body.utf8))
                    guard answer.status == 200 else {
                        throw Failure(
                            .invalid, "\(method) \(path): \(String(decoding: answer.body, as: UTF8.self))")
                    }
                    return try JSONDecoder().decode(JSON.self, from: answer.body)
                }
                service = try await post("POST", "/service", "name=here")["id"]?.string ?? ""
                let version = "/service/\(service)/version/1"
                _ = try await post("POST", version + "/domain", "name=www.elsewhere.example")
                _ = try await post("POST", version + "/backend", "name=old&address=127.0.0.1&port=9")
                _ = try await post("PUT", version + "/activate")
            }

            func get(_ path: String) async throws -> JSON {
                let answer = try await HTTPClientKit(base: "http://\(campaign.fastlyAPI)", token: "").send(
                    "GET", "/service/\(service)/\(path)", headers: [("Fastly-Key", key)])
                return try JSONDecoder().decode(JSON.self, from: answer.body)
            }

            /// The version that is live.
            func live() async throws -> Int64? {
                guard case .array(let versions) = try await get("version"),
                    case .integer(let number)? = versions.first(where: { $0["active"] == .bool(true) })?[
                        "number"]
                else { return nil }
                return number
            }
        }

        /// The example campaign with a service elsewhere, whose API it reaches at `api`.
        private func here(_ there: There, api: String, mirror: Bool) async throws -> RunningCampaign {
            let folder = try Program.exampleCampaign("here")
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(".hq"), withIntermediateDirectories: true)
            try Data(there.key.utf8).write(to: folder.appendingPathComponent(".hq/elsewhere.key"))
            let file = folder.appendingPathComponent("campaign.yaml")
            let text = try String(contentsOf: file, encoding: .utf8)
            let remote =
                "  remote: {api: '\(api)', service: \(there.service), key: .hq/elsewhere.key, origin: '127.0.0.1:9', mirror: \(mirror)}\n"
            try text.replacing("\nedge:\n", with: "\nedge:\n" + remote).write(
                to: file, atomically: true, encoding: .utf8)
            return try await RunningCampaign(folder: folder)
        }

        private func count(_ report: Report) -> Int {
            guard case .array(let differences) = report.data["differences"] else { return -1 }
            return differences.count
        }

        @Test func pushesUntilNothingDiffersAndFollowsAndGoesBack() async throws {
            let there = try await There()
            defer { there.campaign.stop() }
            let here = try await here(there, api: "http://\(there.campaign.fastlyAPI)", mirror: true)
            defer { here.stop() }

            #expect(count(try await here.run("edge", "remote", "diff")) > 3)
            let pushed = try await here.run("edge", "remote", "push", "--because", "more room")
            #expect(pushed.outcome == .done, "\(pushed.headline)")
            #expect(pushed.fields.contains { $0.value == "version 2 is live there" })
            #expect(try await there.live() == 2)
            #expect(count(try await here.run("edge", "remote", "diff")) == 0)

            // Entries follow by themselves, whole change sets as well.
            try await here.run("preset", "on", "debate-night")
            let follows = await eventually {
                (try? await there.campaign.run("dict", "show", "here/redirects", "/live"))?.outcome == .done
            }
            #expect(follows)
            #expect(await eventually { (try? await self.count(here.run("edge", "remote", "diff"))) == 0 })

            // The entry's undo makes the version before live again.
            guard case .integer(let entry) = pushed.data["entry"] else {
                Issue.record("the push has no entry")
                return
            }
            try await here.run("undo", "\(entry)")
            #expect(try await there.live() == 1)

            // Somebody else's activation is told of.
            let key = [("Fastly-Key", there.key)]
            _ = try await HTTPClientKit(base: "http://\(there.campaign.fastlyAPI)", token: "").send(
                "PUT", "/service/\(there.service)/version/2/activate", headers: key)
            try await here.run("dict", "set", "redirects", "/more", "/about/")
            let isTold = await eventually {
                guard let status = try? await here.run("status") else { return false }
                return status.notes.contains { $0.contains("is live at") && $0.contains("not 1") }
            }
            #expect(isTold)
        }

        @Test func leavesTheLiveVersionWholeWhenItDiesHalfway() async throws {
            let there = try await There()
            defer { there.campaign.stop() }
            let control = try #require(try await there.campaign.pid("control"))
            let gate = Gate(to: "http://\(there.campaign.fastlyAPI)")
            let port = try await gate.open()
            defer { gate.close() }
            let here = try await here(there, api: "http://127.0.0.1:\(port)", mirror: false)
            defer { here.stop() }
            try await here.run("edge", "remote", "push")
            #expect(try await there.live() == 2)
            let before = try await there.get("version/2/vcl")

            try await here.run("dict", "set", "redirects", "/half", "/about/")
            try await here.run("dict", "set", "vanity", "/half", "/about/")
            // After the clone, the comment and the first dictionary: its process dies, and the line with it.
            gate.afterWrites(5) { kill(control, SIGKILL) }
            let failed = try await here.run("edge", "remote", "push")
            #expect(failed.outcome == .failed, "\(failed.headline)")
            #expect(await eventually { (try? await there.live()) == 2 })
            #expect(try await there.get("version/2/vcl") == before)
            for name in ["redirects", "vanity"] {
                let entries = try await there.campaign.run("dict", "show", "here/" + name).data["entries"]
                #expect(entries != nil && entries?["/half"] == nil, "\(name)")
            }

            // Tried again it goes through.
            let again = try await here.run("edge", "remote", "push")
            #expect(again.outcome == .done, "\(again.headline)")
            #expect(count(try await here.run("edge", "remote", "diff")) == 0)
        }
    }
}

/// Passes requests on, and does something after so many that write.
private final class Gate: Sendable {
    private let base: String
    private let state = Guarded<(left: Int, act: (@Sendable () -> Void)?)>((0, nil))
    private let task = Guarded<Task<Void, any Error>?>(nil)

    init(to base: String) { self.base = base }

    func afterWrites(_ count: Int, _ act: @escaping @Sendable () -> Void) {
        state.withLock { $0 = (count, act) }
    }

    func open() async throws -> Int {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let server = HTTPServer(
            address: HostPort(host: "127.0.0.1", port: 0), limit: { _ in HTTPServer.bodyBytes }
        ) { await self.pass($0) }
        task.withLock { $0 = Task { try await server.run(handlesSignals: false) { found.yield($0) } } }
        for await port in ports { return port }
        throw Failure(.unavailable, "the gate did not open")
    }

    func close() { task.withLock { $0?.cancel() } }

    private func pass(_ request: HTTPRequest) async -> HTTPResponse {
        if request.method != "GET" {
            let act: (@Sendable () -> Void)? = state.withLock { state in
                state.left -= 1
                return state.left == 0 ? state.act : nil
            }
            act?()
        }
        let kept = ["fastly-key", "content-type", "accept"]
        let headers = request.headers.filter { kept.contains($0.key) }.map { ($0.key, $0.value) }
        let target = request.rawPath + (request.queryText.isEmpty ? "" : "?" + request.queryText)
        let answer = try? await HTTPClientKit(base: base, token: "").send(
            request.method, target, headers: headers, body: request.body.isEmpty ? nil : request.body,
            timeout: .seconds(5))
        return HTTPResponse(
            status: answer?.status ?? 502, headers: [("Content-Type", "application/json")],
            body: .data(answer?.body ?? Data()))
    }
}
