import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

/// Directors in the edge that serves, each with three backends that say their names.
@Suite struct DirectorScenarios {
    private static let names = ["one", "two", "three"]

    /// Runs `body` with the origins and a client. `director` follows the backends' declarations.
    private func with(
        _ director: String, backend: String = "", recv: String = "return(pass);", rest: String = "",
        _ body: ([FaultyOrigin], ScenarioClient, EdgeCore) async throws -> Void
    ) async throws {
        var origins: [FaultyOrigin] = []
        var text = ""
        for name in Self.names {
            let origin = FaultyOrigin { _ in [.send(FaultyOrigin.ok(name))] }
            try await origin.start()
            origins.append(origin)
            text += "backend \(name) { .host = \"127.0.0.1\"; .port = \"\(origin.port)\"; \(backend) }\n"
        }
        text += """
            \(director)
            sub vcl_recv { set req.backend = pool; \(recv) }
            sub vcl_error { set obj.http.X-Why = obj.response; return(deliver); }
            sub vcl_deliver { set resp.http.X-Asked = beresp.backend.name; return(deliver); }
            \(rest)
            """
        try await edgeScenario(text, loops: 1) { port, core in
            try await body(origins, try await ScenarioClient(port: port), core)
        }
        for origin in origins { try await origin.end() }
    }

    private func members(_ more: String = ".weight = 1;") -> String {
        Self.names.map { "{ .backend = \($0); \(more) }" }.joined(separator: " ")
    }

    private func bodies(_ client: ScenarioClient, _ paths: [String]) async throws -> [String] {
        var found: [String] = []
        for path in paths { found.append(try await client.get(path).body) }
        return found
    }

    private let paths = (0..<40).map { "/\($0)" }

    @Test func randomAsksAllAndPassesOverWhoDoesNotConnect() async throws {
        try await with("director pool random { .quorum = 50%; \(members()) }") {
            (origins, client, _) async throws in
            let all = try await bodies(client, paths)
            #expect(Set(all) == Set(Self.names))
            try await origins[0].stop()
            try await origins[1].stop()
            // Connections that are open are still good; those of the two that have gone are not.
            let found = try await bodies(client, paths)
            #expect(found.allSatisfy { Self.names.contains($0) })
        }
    }

    @Test(arguments: ["random", "fallback", "hash", "client", "chash"])
    func triesTheNextWhenOneRefuses(policy: String) async throws {
        let member =
            switch policy {
            case "fallback": ""
            case "chash": ".id = \"x\";"
            default: ".weight = 1;"
            }
        try await with("director pool \(policy) { \(members(member)) }") {
            (origins, client, _) async throws in
            try await origins[0].stop()
            try await origins[1].stop()
            let found = try await bodies(client, paths)
            #expect(Set(found) == ["three"])
        }
    }

    @Test func givesUpAfterItsRetries() async throws {
        try await with("director pool random { .retries = 0; \(members()) }") {
            (origins, client, _) async throws in
            for origin in origins { try await origin.stop() }
            let answer = try await client.get("/a")
            #expect(answer.status == 503 && answer["X-Why"] == "connection refused")
        }
    }

    @Test func fallbackAsksTheFirst() async throws {
        try await with("director pool fallback { \(members("")) }") { (_, client, _) async throws in
            let found = try await bodies(client, paths)
            #expect(Set(found) == ["one"])
            let answer = try await client.get("/a")
            #expect(answer["X-Asked"] == "one")
        }
    }

    @Test func hashAndConsistentHashGoByWhatIsAsked() async throws {
        for director in [
            "director pool hash { \(members()) }",
            "director pool chash { { .backend = one; .id = \"a\"; } { .backend = two; .id = \"b\"; } { .backend = three; .id = \"c\"; } }",
        ] {
            try await with(director) { (_, client, _) async throws in
                let first = try await bodies(client, paths)
                #expect(Set(first) == Set(Self.names))
                #expect(try await bodies(client, paths) == first)
            }
        }
    }

    @Test(arguments: ["client { ", "chash { .key = client; "])
    func clientDirectorsGoByWhoAsks(director: String) async throws {
        let member = director.hasPrefix("chash") ? ".id = \"x\";" : ".weight = 1;"
        let named = Self.names.map { "{ .backend = \($0); \(member.replacing("x", with: $0)) }" }.joined(
            separator: " ")
        let recv = "set client.identity = req.http.X-Who; return(pass);"
        try await with("director pool \(director) \(named) }", recv: recv) { (_, client, _) async throws in
            var found: Set<String> = []
            for who in 0..<40 {
                let who = ["X-Who: \(who)"]
                let mine = try await client.get("/a", headers: who).body
                found.insert(mine)
                #expect(try await client.get("/b", headers: who).body == mine)
            }
            #expect(found == Set(Self.names))
        }
    }

    @Test func asksTheMembersOfAMember() async throws {
        let director = """
            director near fallback { { .backend = one; } { .backend = two; } }
            director pool fallback { { .backend = near; } { .backend = three; } }
            """
        try await with(director) { (origins, client, _) async throws in
            try await origins[0].stop()
            try await origins[1].stop()
            let found = try await bodies(client, paths)
            #expect(Set(found) == ["three"])
        }
    }

    @Test func wantsItsQuorumWell() async throws {
        let probe =
            ".probe = { .url = \"/health\"; .interval = 500ms; .timeout = 30s; .window = 1; .threshold = 1; }"
        try await with("director pool random { .quorum = 50%; \(members()) }", backend: probe) {
            (origins, client, _) async throws in
            let sick: FaultyOrigin.Script = { request in
                request.hasPrefix("GET /health")
                    ? [.send("HTTP/1.1 500 Sick\r\nContent-Length: 0\r\n\r\n")]
                    : [.send(FaultyOrigin.ok("sick"))]
            }
            origins[0].act(sick)
            origins[1].act(sick)
            #expect(
                try await eventually { try await client.get("/a")["X-Why"] == "Quorum weight not reached" })
            origins[2].act(sick)
            #expect(
                try await eventually {
                    try await client.get("/a")["X-Why"] == "All backends failed or unhealthy"
                })
        }
    }

    // MARK: saint mode

    @Test func leavesABackendAloneForAnObjectThatItCouldNotGive() async throws {
        let rest = """
            sub vcl_fetch {
              if (beresp.status == 500 && req.restarts < 2) { set beresp.saintmode = 60s; restart; }
              return(pass);
            }
            """
        let backend = ".saintmode_threshold = 2;"
        try await with("director pool fallback { \(members("")) }", backend: backend, rest: rest) {
            (origins, client, core) async throws in
            origins[0].act { request in
                request.contains("/bad")
                    ? [.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")]
                    : [.send(FaultyOrigin.ok("one"))]
            }
            #expect(try await client.get("/bad").body == "two")
            #expect(try await client.get("/bad").body == "two")
            #expect(origins[0].requests.count == 1)
            // Other objects are still asked of it, until too many were not had.
            #expect(try await client.get("/good").body == "one")
            #expect(try await client.get("/bad2").body == "two")
            #expect(try await client.get("/good").body == "two")
            #expect(core.facts.isHealthy(core.snapshot.program.backends[0]) == false)
        }
    }
}

@Suite struct SaintListTests {
    @Test func forgetsInTime() {
        let list = SaintList()
        var backend = Backend(name: "a")
        backend.saintModeThreshold = 1
        list.avoid(backend, object: 1, until: 100, now: 0)
        #expect(!list.allows(backend, object: 1, now: 99))
        #expect(!list.allows(backend, object: 2, now: 99))
        #expect(list.allows(backend, object: 1, now: 100))
        backend.saintModeThreshold = 0
        list.avoid(backend, object: 1, until: 200, now: 100)
        #expect(list.allows(backend, object: 1, now: 150))
    }

    @Test func keepsItsBound() {
        let list = SaintList()
        var backend = Backend(name: "a")
        backend.saintModeThreshold = .max
        for object in 0..<UInt64(OriginLimits.saintlyObjects + 1) {
            list.avoid(backend, object: object, until: 1000 + Int64(object), now: 0)
        }
        // The one whose time would have been over first has gone for the last.
        #expect(list.allows(backend, object: 0, now: 1))
        #expect(!list.allows(backend, object: UInt64(OriginLimits.saintlyObjects), now: 1))
    }
}
