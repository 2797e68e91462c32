import EdgeLink
import HTTPCache
import HTTPKit
import Kernel
import RequestFlow
import Testing
import VCLRuntime

@testable import Edge

/// Only what the cache has is served, on an operator's word.
@Suite struct ShedScenarios {
    @Test func servesWhatItHasAndFetchesNothing() async throws {
        try await scenario { origin, port, core in
            origin.answer("/fresh", headers: ["Cache-Control: max-age=60"])
            origin.answer("/old", headers: ["Cache-Control: max-age=60"])
            origin.answer("/grace", headers: ["Cache-Control: max-age=60, stale-while-revalidate=60"])
            let client = try await ScenarioClient(port: port)
            for path in ["/old", "/grace"] { _ = try await client.get(path) }
            core.cache.purgeAll(soft: true, now: wallClock())
            _ = try await client.get("/fresh")
            let asked = origin.requests.count
            await core.shed(ShedRule())
            #expect(try await client.get("/fresh")["X-Cache"] == "HIT")
            for path in ["/old", "/grace"] {
                let stale = try await client.get(path)
                #expect(stale.status == 200 && stale["X-Cache"] == "STALE", "\(path) \(stale)")
            }
            let missing = try await client.get("/none")
            #expect(missing.status == 503 && missing["Retry-After"] == "\(ShedLimits.retrySeconds)")
            #expect(missing.body == "only the cache is served")
            let post = try await client.get("/fresh", method: "POST", headers: ["Content-Length: 0"])
            #expect(post.status == 503)
            #expect(origin.requests.count == asked)
            try await core.publish()
            let counts = core.sample().statistics
            #expect(counts.cacheOnlyFetches == 2 && counts.fetchFailures == 0)
            await core.shed(nil)
            #expect(try await client.get("/none").status == 404)
            #expect(try await client.get("/old")["X-Cache"] == "MISS")
        }
    }

    /// What its origin wants asked each time is not the cache's to give.
    @Test(arguments: ["no-cache", "max-age=60, must-revalidate", "max-age=60, proxy-revalidate"])
    func servesNothingThatMustBeAskedFor(control: String) async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: \(control)", "ETag: \"1\""])
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            core.cache.purgeAll(soft: true, now: wallClock())
            await core.shed(ShedRule())
            #expect(try await client.get("/a").status == 503)
        }
    }

    @Test func fetchesWhatIsExempt() async throws {
        let vcl = """
            sub vcl_recv {
              set req.backend = F_origin;
              if (req.url.path == "/donate/now") { set req.url = "/app"; return(pass); }
              if (req.url.path ~ "^/pass") { return(pass); }
            }
            """
        try await scenario(vcl: vcl) { origin, port, core in
            for path in ["/app", "/pass", "/donate"] { origin.answer(path) }
            await core.shed(ShedRule(except: ["/donate"]))
            let client = try await ScenarioClient(port: port)
            // By the address that the visitor asked for, whatever the program makes of it.
            #expect(try await client.get("/donate/now").body == "hello")
            #expect(try await client.get("http://test/donate?x=1").status == 404)
            #expect(try await client.get("/donate").status == 200)
            #expect(try await client.get("/app").status == 503)
            #expect(try await client.get("/pass").status == 503)
            #expect(origin.requests.count == 3)
        }
    }

    @Test func letsTheProgramDressTheAnswer() async throws {
        let vcl = """
            sub vcl_recv { set req.backend = F_origin; }
            sub vcl_error {
              if (obj.response == "only the cache is served") {
                set obj.http.X-Wait = obj.http.Retry-After;
                set obj.status = 429;
                synthetic "come back";
                return(deliver);
              }
            }
            """
        try await scenario(vcl: vcl) { _, port, core in
            await core.shed(ShedRule())
            let answer = try await ScenarioClient(port: port).get("/none")
            #expect(answer.status == 429 && answer.body == "come back")
            #expect(answer["X-Wait"] == "\(ShedLimits.retrySeconds)")
        }
    }

    /// What waits for a fetch that began before is answered by it.
    @Test func endsWhatHadBegun() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            origin.hold()
            try await withThrowingTaskGroup(of: Int.self) { group in
                group.addTask { try await ScenarioClient(port: port).get("/a").status }
                let isAsked = try await eventually { origin.requests.count == 1 }
                #expect(isAsked)
                await core.shed(ShedRule())
                origin.release(forGood: true)
                #expect(try await group.next() == 200)
            }
            #expect(try await ScenarioClient(port: port).get("/a")["X-Cache"] == "HIT")
        }
    }

    @Test func isTurnedThroughTheOperatorsDoor() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a")
            let client = try await ScenarioClient(port: port)
            func turn(_ query: [String: String], _ server: AdminServer) async -> Int {
                await server.handle(HTTPRequest(method: "POST", path: "/v1/shed", query: query)).status
            }
            let door = AdminServer(core)
            #expect(await turn(["state": "on", "except": "/a\n/b"], door) == 200)
            #expect(core.snapshot.shedding == ShedRule(except: ["/a", "/b"]))
            #expect(try await client.get("/a").status == 200)
            #expect(try await client.get("/c").status == 503)
            let told = try await core.explain(try #require(ExplainedRequest(url: "http://test/c")))
            #expect(told.verdict.contains { $0.contains("only the cache is served") }, "\(told.verdict)")
            #expect(await turn(["state": "odd"], door) == 400)
            #expect(await turn(["state": "on"], AdminServer(core, followsCampaign: true)) == 400)
            #expect(await turn(["state": "off"], door) == 200)
            #expect(core.snapshot.shedding == nil)
        }
    }
}
