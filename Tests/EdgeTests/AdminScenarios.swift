import EdgeLink
import EdgeRecords
import Foundation
import HTTPKit
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// What an edge tells whoever runs it.
@Suite struct AdminScenarios {
    private func text(_ answer: HTTPResponse) -> String {
        guard case .data(let data) = answer.body else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    private func get(_ core: EdgeCore, _ path: String, _ query: [String: String] = [:]) async -> HTTPResponse
    {
        await AdminServer(core).handle(HTTPRequest(method: "GET", path: path, query: query))
    }

    @Test func tellsMetrics() async throws {
        let sink = MemorySink()
        let hub = RecordHub(destinations: [try memoryLog(sink)])
        try await observedScenario(Observation(hub: hub)) { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            let client = try await ScenarioClient(port: port)
            for path in ["/a", "/a", "/a", "/none"] { _ = try await client.get(path) }
            #expect(try await eventually { sink.lines.count == 4 })
            try await core.publish()
            let answer = await get(core, "/metrics")
            let lines = text(answer).split(separator: "\n").map(String.init)
            #expect(answer.headers.contains { $0.1.hasPrefix("text/plain; version=0.0.4") })
            for line in [
                "hq_edge_requests_total 4", "hq_edge_responses_total{status=\"2xx\"} 3",
                "hq_edge_results_total{cache=\"hit\"} 2",
                "hq_edge_request_duration_seconds_bucket{cache=\"hit\",le=\"+Inf\"} 2",
                "hq_edge_request_duration_seconds_count{cache=\"miss\"} 2",
                "hq_edge_backend_fetches_total{backend=\"F_origin\",address=\"127.0.0.1:\(origin.port)\"} 2",
                "hq_edge_backend_healthy{backend=\"F_origin\",address=\"127.0.0.1:\(origin.port)\"} 1",
                "hq_edge_log_records_total 4", "hq_edge_log_lines_written_total{log=\"memory\"} 4",
                "hq_edge_snapshot 7", "# TYPE hq_edge_request_duration_seconds histogram",
            ] { #expect(lines.contains(line), "\(line)") }
            // Each metric is declared once, before its samples.
            let declared = lines.filter { $0.hasPrefix("# TYPE ") }.map {
                String($0.split(separator: " ")[2])
            }
            #expect(Set(declared).count == declared.count)
            for line in lines where !line.hasPrefix("#") {
                let name = String(line.prefix { $0 != "{" && $0 != " " })
                let family = ["_bucket", "_sum", "_count"].reduce(name) { found, end in
                    found.hasSuffix(end) && !declared.contains(found)
                        ? String(found.dropLast(end.count)) : found
                }
                #expect(declared.contains(family), "\(line)")
                #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
            }
        }
    }

    /// A bucket holds what those below it hold.
    @Test func countsLatenciesUpwards() async throws {
        try await observedScenario(Observation()) { _, port, core in
            let client = try await ScenarioClient(port: port)
            for _ in 0..<20 { _ = try await client.get("/none") }
            try await core.publish()
            let buckets = text(await get(core, "/metrics")).split(separator: "\n").filter {
                $0.hasPrefix("hq_edge_request_duration_seconds_bucket{cache=\"miss\"")
            }.compactMap { Double($0.split(separator: " ").last ?? "") }
            #expect(buckets.count == EdgeMetrics.bounds.count + 1)
            #expect(buckets == buckets.sorted() && buckets.last ?? 0 > 0)
        }
    }

    @Test func observes() async throws {
        try await observedScenario(Observation()) { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            let client = try await ScenarioClient(port: port)
            // Clients are counted from the first look on.
            _ = await core.observed(withClients: true)
            for _ in 0..<3 { _ = try await client.get("/a") }
            try await core.publish()
            let data = Data(text(await get(core, "/v1/observation")).utf8)
            let seen = try JSONDecoder().decode(EdgeObservation.self, from: data)
            #expect(
                seen.latencies.total(.hit) == 2 && seen.latencies.total(.miss) == 1 && seen.loops.count == 2)
            #expect(seen.topClients.map(\.client) == ["127.0.0.1"] && seen.topClients.first?.count == 3)
            #expect(seen.sample.statistics.requests == 3 && seen.snapshot == 7)
        }
    }

    @Test func remembersRequests() async throws {
        var settings = Observation.Settings()
        settings.flightRecorder = ByteCount(1 << 20)
        settings.slow = .zero
        settings.large = ByteCount(1000)
        try await observedScenario(Observation(settings)) { origin, port, core in
            origin.answer("/large", body: String(repeating: "x", count: 2000))
            let client = try await ScenarioClient(port: port)
            for path in ["/large", "/a", "/b"] { _ = try await client.get(path) }
            func targets(_ query: [String: String]) async throws -> [JSONValue?] {
                try text(await get(core, "/v1/requests", query)).split(separator: "\n").map {
                    try String($0).json["target"]
                }
            }
            #expect(try await targets(["client": "127.0.0.1"]) == ["/large", "/a", "/b"])
            #expect(try await targets(["client": "192.0.2.1"]) == [])
            #expect(try await targets(["kind": "large"]) == ["/large"])
            #expect(try await targets(["kind": "slow"]) == ["/large", "/a", "/b"])
            #expect(await get(core, "/v1/requests", ["kind": "odd"]).status == 400)
        }
    }

    @Test func saysWhatItCannotDo() async throws {
        try await observedScenario(Observation()) { _, _, core in
            #expect(await get(core, "/v1/requests", ["client": "a"]).status == 503)
            #expect(await get(core, "/v1/log", ["filter": "nonsense == 1"]).status == 400)
            #expect(await get(core, "/v1/explain", ["url": "not an address"]).status == 400)
            #expect(await get(core, "/v1/explain", ["url": "h/", "headers": "no colon"]).status == 400)
            #expect(await get(core, "/v1/explain", ["url": "h/", "headers": "Host: other"]).status == 400)
            let missing = await get(core, "/nothing")
            #expect(missing.status == 404 && text(missing).contains("/nothing"))
            // The listener for Prometheus has nothing else.
            let metrics = AdminServer.metrics(of: core)
            #expect(await metrics(HTTPRequest(method: "GET", path: "/metrics")).status == 200)
            #expect(await metrics(HTTPRequest(method: "GET", path: "/v1/observation")).status == 404)
        }
    }

    /// Over the socket, which is this user's alone, and a second server may not take.
    @Test func answersAtASocket() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let path = folder.path + "/edge.sock"
        try await observedScenario(Observation()) { _, port, core in
            let admin = AdminServer(core)
            let (stream, ready) = AsyncStream.makeStream(of: Void.self)
            let server = HTTPServer(place: .socket(path)) { await admin.handle($0) }
            let serving = Task { try await server.run(handlesSignals: false) { _ in ready.yield() } }
            for await _ in stream { break }
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let encoded = path.replacing("/", with: "%2F")
            let client = HTTPClientKit(base: "http+unix://\(encoded)", token: "")
            #expect(try await client.send("GET", "/v1/observation").status == 200)
            let following = Task {
                try await client.lines("/v1/log?filter=status%20%3D%3D%20404") { line in
                    throw Failure(.conflict, String(decoding: line, as: UTF8.self))
                }
            }
            #expect(try await eventually { core.observation.hub.isWanted })
            try await core.settle()
            _ = try await ScenarioClient(port: port).get("/none")
            let failure = await #expect(throws: Failure.self) { try await following.value }
            #expect(try failure?.message.json["target"] == "/none")
            let other = HTTPServer(place: .socket(path)) { await admin.handle($0) }
            let refusal = await #expect(throws: Failure.self) {
                try await other.run(handlesSignals: false) { _ in }
            }
            #expect(refusal?.kind == .conflict)
            serving.cancel()
            _ = await serving.result
        }
    }
}
