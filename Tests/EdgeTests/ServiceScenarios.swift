import Diagnostics
import EdgeLink
import HTTPCache
import Kernel
import NIOCore
import NIOHPACK
import Testing
import VCLRuntime

@testable import Edge

/// Several programs on one edge, chosen by host.
@Suite struct ServiceScenarios {
    private static func vcl(_ name: String) -> String {
        """
        sub vcl_recv {
          set req.backend = F_origin;
          if (req.url ~ "^/fail") { error 503; }
          return(lookup);
        }
        sub vcl_fetch { set beresp.ttl = 1h; return(deliver); }
        sub vcl_deliver {
          set resp.http.By = "\(name) " req.service_id " " req.vcl.version;
          set resp.http.State = fastly_info.state;
          set resp.http.Key = table.lookup(closed, "word", "none");
          return(deliver);
        }
        """
    }

    /// The campaign's program, with services for shop.example.com and anything below example.org.
    private static func snapshot(_ origin: ScenarioOrigin, number: Int64 = 1) throws -> Snapshot {
        func service(_ id: String, _ version: Int64) throws -> Snapshot {
            Snapshot(
                number: number, program: try origin.program(vcl(id)),
                service: ServiceIdentity(id: id, version: version, md5: "", isApart: true),
                fullNames: ["closed": "\(id)/closed"])
        }
        return Snapshot(
            number: number, program: try origin.program(vcl("own")),
            service: ServiceIdentity(id: "campaign", version: nil, md5: "", isApart: false),
            services: ServiceHosts([
                (try service("shop", 4), ["shop.example.com"]), (try service("news", 9), ["*.example.org"]),
            ]))
    }

    private func scene(_ body: (ScenarioOrigin, Int, EdgeCore) async throws -> Void) async throws {
        try await scenario { origin, port, core in
            core.install(try Self.snapshot(origin, number: 7))
            origin.answer("/a", headers: ["Surrogate-Key: red", "Cache-Control: max-age=60"])
            try await body(origin, port, core)
        }
    }

    private func get(_ port: Int, _ path: String, _ host: String) async throws -> ScenarioClient.Answer {
        let client = try await ScenarioClient(port: port)
        try await client.send("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        let answer = try await client.read()
        try await client.close()
        return answer
    }

    private let hosts = ["localhost", "shop.example.com", "a.example.org"]

    private func states(_ port: Int) async throws -> [String?] {
        var states: [String?] = []
        for host in hosts { states.append(try await get(port, "/a", host).headers["state"]) }
        return states
    }

    @Test func answersEachHostByItsProgram() async throws {
        try await scene { origin, port, core in
            for (host, by) in [
                ("localhost", "own campaign 7"), ("shop.example.com", "shop shop 4"),
                ("SHOP.example.com:80", "shop shop 4"), ("a.example.org", "news news 9"),
                ("a.b.example.org", "news news 9"), ("example.org", "own campaign 7"),
            ] {
                let answer = try await get(port, "/a", host)
                #expect(answer.headers["by"] == by)
            }
            let words = Table(name: "shop/closed", entries: [(key: "word", value: "open sesame")])
            core.install(core.snapshot.replacing(words, number: 8))
            #expect(try await get(port, "/a", "shop.example.com").headers["key"] == "open sesame")
            #expect(try await get(port, "/a", "localhost").headers["key"] == "none")
        }
    }

    @Test func choosesForHTTP2Too() async throws {
        try await listenerScenario({ _ in }) { origin, place, core in
            core.install(try Self.snapshot(origin))
            origin.answer("/a")
            let client = try await HTTP2Client(place)
            let answer = try await client.ask([
                ":method": "GET", ":scheme": "http", ":path": "/a", ":authority": "shop.example.com",
            ])
            #expect(answer.status == 200 && answer["by"] == "shop shop 4")
            try await client.channel.close().get()
        }
    }

    @Test func sharesNoObject() async throws {
        // One Host for all, so that nothing but the service tells the keys apart.
        let vcl = { (name: String) in
            Self.vcl(name).replacing("return(lookup);", with: "set req.http.Host = \"same\"; return(lookup);")
        }
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            let service = Snapshot(
                number: 2, program: try origin.program(vcl("shop")),
                service: ServiceIdentity(id: "shop", version: 1, md5: "", isApart: true))
            core.install(
                Snapshot(
                    number: 2, program: try origin.program(vcl("own")),
                    services: ServiceHosts([(service, ["shop.example.com"])])))
            #expect(try await get(port, "/a", "localhost").headers["state"] == "MISS")
            #expect(try await get(port, "/a", "shop.example.com").headers["state"] == "MISS")
            #expect(try await get(port, "/a", "localhost").headers["state"] == "HIT")
            #expect(try await get(port, "/a", "shop.example.com").headers["state"] == "HIT")
            #expect(origin.requests.count == 2)
        }
    }

    @Test(
        arguments: [
            (PurgeOrder.Scope.key("red"), nil, ["MISS", "MISS", "MISS"]),
            (.key("red"), "shop", ["HIT", "MISS", "HIT"]), (.key("red"), "campaign", ["MISS", "HIT", "HIT"]),
            (.key("red"), "unknown", ["HIT", "HIT", "HIT"]), (.key("blue"), nil, ["HIT", "HIT", "HIT"]),
            (.all, nil, ["MISS", "MISS", "MISS"]), (.all, "news", ["HIT", "HIT", "MISS"]),
            (.all, "campaign", ["MISS", "HIT", "HIT"]),
            (.url(host: "shop.example.com", target: "/a"), nil, ["HIT", "MISS", "HIT"]),
            (.url(host: "shop.example.com", target: "/a"), "shop", ["HIT", "MISS", "HIT"]),
            (.url(host: "shop.example.com", target: "/a"), "campaign", ["HIT", "HIT", "HIT"]),
            (.url(host: "localhost", target: "/a"), "campaign", ["MISS", "HIT", "HIT"]),
            (.url(host: "localhost", target: "/a"), nil, ["MISS", "HIT", "HIT"]),
        ] as [(PurgeOrder.Scope, String?, [String])])
    func purgesWhatIsMeant(_ scope: PurgeOrder.Scope, _ service: String?, _ wanted: [String]) async throws {
        try await scene { _, port, core in
            let first = try await states(port)
            #expect(first == ["MISS", "MISS", "MISS"])
            #expect(try await states(port) == ["HIT", "HIT", "HIT"])
            core.purge(PurgeOrder(number: 8, scope: scope, soft: false, service: service))
            #expect(try await states(port) == wanted)
        }
    }

    @Test func purgesByMethodWithinItsService() async throws {
        try await scene { _, port, core in
            _ = try await states(port)
            let client = try await ScenarioClient(port: port)
            try await client.send("PURGE /a HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
            #expect(try await client.read().status == 200)
            #expect(try await states(port) == ["HIT", "MISS", "HIT"])
        }
    }

    @Test func explainsWhatTheServiceWouldDo() async throws {
        try await scene { _, port, core in
            _ = try await get(port, "/a", "shop.example.com")
            let found = try await core.explain(ExplainedRequest(host: "shop.example.com", target: "/a"))
            #expect(found.key.hasPrefix("service shop /a") && found.variants.count == 1)
            #expect(found.verdict.last?.hasPrefix("HIT") == true)
            let own = try await core.explain(ExplainedRequest(host: "localhost", target: "/a"))
            #expect(own.key == "/a localhost" && own.variants.isEmpty)
        }
    }

    @Test func triesWhatFailedUnderTheServicesProgramOfThen() async throws {
        try await scene { origin, port, core in
            let failed = try await get(port, "/fail", "shop.example.com")
            #expect(failed.status == 503)
            let mended = Snapshot(
                number: 9,
                program: try origin.program(
                    "sub vcl_recv { error 601; } sub vcl_error { set obj.status = 200; }"),
                service: ServiceIdentity(id: "shop", version: 5, md5: "", isApart: true))
            core.install(
                Snapshot(
                    number: 9, program: try origin.program(Self.vcl("own")),
                    services: ServiceHosts([(mended, ["shop.example.com"])])))
            let result = await core.trial(TrialOrder(id: 1, snapshots: [7, 9], since: 0))
            #expect(result.tried == 1 && result.failures == [7: 1, 9: 0])
        }
    }

    @Test func watchesTheBackendsOfAllPrograms() async throws {
        try await scenario { origin, port, core in
            func probed(_ name: String) throws -> Program {
                let text = """
                    backend F_\(name) {
                      .host = "127.0.0.1"; .port = "\(origin.port)";
                      .probe = { .request = "GET /\(name) HTTP/1.1" "Host: t" "Connection: close"; .interval = 1s; }
                    }
                    """
                let compiler = Compiler()
                return try #require(
                    compiler.compile(SourceFile(name: "t.vcl", text: text + " sub vcl_recv { error 404; }")))
            }
            let service = Snapshot(
                number: 2, program: try probed("theirs"),
                service: ServiceIdentity(id: "s", version: 1, md5: "", isApart: true))
            core.install(
                Snapshot(
                    number: 2, program: try probed("ours"),
                    services: ServiceHosts([(service, ["shop.example.com"])])))
            let isAsked = try await eventually {
                ["GET /ours ", "GET /theirs "].allSatisfy { line in
                    origin.requests.contains { $0.hasPrefix(line) }
                }
            }
            #expect(isAsked)
        }
    }

    @Test func refreshesBehindTheBackOfAServicesVisitor() async throws {
        let stale = Self.vcl("shop").replacing(
            "set beresp.ttl = 1h;", with: "set beresp.ttl = 0s; set beresp.stale_while_revalidate = 1h;")
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            let service = Snapshot(
                number: 2, program: try origin.program(stale),
                service: ServiceIdentity(id: "shop", version: 1, md5: "", isApart: true))
            core.install(
                Snapshot(
                    number: 2, program: try origin.program("sub vcl_recv { error 404; }"),
                    services: ServiceHosts([(service, ["shop.example.com"])])))
            _ = try await get(port, "/a", "shop.example.com")
            let second = try await get(port, "/a", "shop.example.com")
            #expect(second.headers["state"] == "HIT-STALE")
            #expect(try await eventually { origin.requests.count >= 2 })
        }
    }
}
