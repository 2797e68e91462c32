import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

/// An edge before an edge.
@Suite struct ShieldScenarios {
    private static let word = String(repeating: "w", count: 32)

    private static func vcl(_ port: Int) -> String {
        """
        backend F_origin { .host = "127.0.0.1"; .port = "\(port)"; }
        director shield_far shield { .shield = "far"; { .backend = F_origin; .weight = 1; } }
        sub vcl_recv {
          set req.backend = F_origin;
          if (server.datacenter != "far") { set req.backend = fastly.try_select_shield(shield_far, F_origin); }
          if (req.http.X-Pass) { return(pass); }
          return(lookup);
        }
        sub vcl_deliver {
          set resp.http.X-Way = if(resp.http.X-Way, resp.http.X-Way " ", "") server.datacenter ":"
            fastly.ff.visits_this_service;
          if (req.http.Fastly-FF) { set resp.http.X-FF = req.http.Fastly-FF; }
          return(deliver);
        }
        """
    }

    private func edge(_ origin: Int, _ place: String, shields: [String: Int]) throws -> EdgeCore {
        let shielding = Shielding(
            place: place,
            shields: shields.mapValues {
                Shielding.Place(address: HostPort(host: "127.0.0.1", port: $0), usesTLS: false)
            }, word: Self.word, identity: "edge-\(place)")
        return EdgeCore(
            snapshot: Snapshot(number: 1, program: try program(Self.vcl(origin))), cacheSize: ByteCount(1 << 20),
            identity: "edge-\(place)", shielding: shielding)
    }

    @Test func asksTheShieldWhichAsksTheOrigin() async throws {
        let origin = FaultyOrigin { _ in
            [.send(FaultyOrigin.ok("hello", "Cache-Control: max-age=60\r\nSurrogate-Key: k"))]
        }
        try await origin.start()
        let far = try edge(origin.port, "far", shields: [:])
        let farServer = EdgeServer(core: far, loops: 1)
        let farPort = try await farServer.start(host: "127.0.0.1", port: 0)
        var fronts: [(EdgeCore, EdgeServer, ScenarioClient)] = []
        for name in ["near", "west"] {
            let core = try edge(origin.port, name, shields: ["far": farPort])
            let server = EdgeServer(core: core, loops: 1)
            let client = try await ScenarioClient(port: try await server.start(host: "127.0.0.1", port: 0))
            fronts.append((core, server, client))
        }
        for (index, front) in fronts.enumerated() {
            let answer = try await front.2.get("/a")
            let place = index == 0 ? "near" : "west"
            #expect(answer.body == "hello" && answer["X-Way"] == "far:1 \(place):0")
            // The visitor sees neither keys nor the word.
            #expect(answer["Surrogate-Key"] == nil && answer["X-FF"]?.contains(Self.word) != true)
            #expect(try await front.2.get("/a")["X-Cache"] == "HIT")
            // The front edge has the key all the same.
            #expect("k".withBytes { front.0.cache.purge(surrogateKey: $0, soft: false, now: wallClock()) } == 1)
        }
        // Once for both.
        #expect(origin.requests.count == 1)
        #expect(!origin.requests[0].contains(Self.word) && origin.requests[0].contains("Fastly-FF: hq!near!edge-near"))
        // Without the shield the origin is asked.
        await farServer.stop()
        let answer = try await fronts[0].2.get("/b")
        #expect(answer.status == 200 && origin.requests.count == 2)
        for front in fronts { await front.1.stop() }
        try await origin.end()
    }

    /// Whoever does not know the word has come through no edge.
    @Test func believesOnlyEdges() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        let core = try edge(origin.port, "far", shields: [:])
        let server = EdgeServer(core: core, loops: 1)
        let client = try await ScenarioClient(port: try await server.start(host: "127.0.0.1", port: 0))
        let made = try await client.get("/a", headers: ["X-Pass: 1", "Fastly-FF: guess!near!edge"])
        #expect(made["X-Way"] == "far:0" && origin.requests[0].contains("Fastly-FF") == false)
        let known = try await client.get(
            "/a", headers: ["X-Pass: 1", "Fastly-FF: \(Self.word)!near!edge, guess!a!b, \(Self.word)!x!y"])
        #expect(known["X-Way"] == "far:2" && known["X-FF"] == "hq!near!edge, hq!x!y")
        await server.stop()
        try await origin.end()
    }

    /// Each takes the other for the shield.
    @Test func noticesALoopOfEdges() async throws {
        let holder = FaultyOrigin()
        try await holder.start()
        let second = holder.port
        try await holder.stop()
        let vcl = { (port: Int) in
            "backend F_next { .host = \"127.0.0.1\"; .port = \"\(port)\"; } sub vcl_recv { set req.backend = F_next; return(pass); }"
        }
        let a = EdgeCore(
            snapshot: Snapshot(number: 1, program: try program(vcl(second))), cacheSize: ByteCount(1 << 20),
            identity: "same")
        let serverA = EdgeServer(core: a, loops: 1)
        let portA = try await serverA.start(host: "127.0.0.1", port: 0)
        let b = EdgeCore(
            snapshot: Snapshot(number: 1, program: try program(vcl(portA))), cacheSize: ByteCount(1 << 20),
            identity: "same")
        let serverB = EdgeServer(core: b, loops: 1)
        _ = try await serverB.start(host: "127.0.0.1", port: second)
        let client = try await ScenarioClient(port: portA)
        try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        let text = try await client.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 503 Loop detected\r\n"))
        await serverA.stop()
        await serverB.stop()
        try await holder.end()
    }
}
