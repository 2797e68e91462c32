import EdgeLink
import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

/// What an edge says about one address.
@Suite struct ExplainScenarios {
    private func explain(
        _ core: EdgeCore, _ target: String, method: String = "GET", headers: [(String, String)] = []
    ) async throws -> Explanation {
        var request = ExplainedRequest(host: "test", target: target)
        request.method = method
        request.headers = headers.map { ($0.0, $0.1) }
        return try await core.explain(request)
    }

    @Test func followsAnAddressThroughItsLife() async throws {
        try await scenario { origin, port, core in
            origin.answer(
                "/a",
                headers: [
                    "Cache-Control: max-age=60, stale-while-revalidate=30", "ETag: \"e\"",
                    "Surrogate-Key: one two",
                    "Vary: Accept-Language",
                ])
            let before = try await explain(core, "/a")
            #expect(before.steps.map(\.state) == ["vcl_recv", "vcl_hash", "vcl_miss"])
            #expect(before.variants.isEmpty && before.backend == "F_origin" && before.key == "/a test")
            #expect(before.verdict.contains { $0.hasPrefix("nothing is kept") })
            let client = try await ScenarioClient(port: port)
            for _ in 0..<3 { _ = try await client.get("/a", headers: ["Accept-Language: en"]) }
            let hit = try await explain(core, "/a", headers: [("Accept-Language", "en")])
            #expect(hit.steps.map(\.state) == ["vcl_recv", "vcl_hash", "vcl_hit"])
            #expect(hit.verdict.last?.hasPrefix("HIT: from the cache, fresh for another") == true)
            let kept = try #require(hit.variants.first)
            #expect(hit.variants.count == 1 && kept.isChosen && kept.hits == 2 && kept.status == 200)
            #expect(
                kept.vary == ["Accept-Language: en"] && kept.etag == "\"e\""
                    && kept.surrogateKeys == ["one", "two"])
            #expect(kept.bodyBytes == 5 && kept.memoryBytes > 5 && (50...60).contains(kept.ttl))
            #expect(kept.remarks.contains { $0.hasSuffix("comes from Cache-Control: max-age") })
            let other = try await explain(core, "/a", headers: [("Accept-Language", "fr")])
            #expect(other.variants.count == 1 && !other.variants[0].isChosen)
            #expect(other.verdict.contains { $0.contains("by Vary") })
            core.cache.purgeAll(soft: true, now: wallClock())
            let stale = try await explain(core, "/a", headers: [("Accept-Language", "en")])
            #expect(stale.verdict.last?.hasPrefix("STALE from the cache") == true)
            #expect(
                stale.variants[0].ttl <= 0 && stale.variants[0].remarks.contains { $0.contains("soft purge") }
            )
            // Looking has fetched, counted and changed nothing.
            try await core.publish()
            #expect(origin.requests.count == 1 && core.statistics().requests == 3)
            #expect(try await explain(core, "/a", headers: [("Accept-Language", "en")]).variants[0].hits == 2)
        }
    }

    @Test func saysWhatTheProgramDecides() async throws {
        let vcl = """
            sub vcl_recv {
              set req.backend = F_origin;
              if (req.url == "/made") { error 410; }
              if (req.url == "/passed") { return(pass); }
              if (req.url == "/again" && req.restarts == 0) { restart; }
              if (req.url == "/ever") { restart; }
              return(lookup);
            }
            sub vcl_hash { set req.hash += req.url.path; return(hash); }
            sub vcl_fetch { set beresp.ttl = 2m; return(deliver); }
            """
        try await scenario(vcl: vcl) { origin, port, core in
            #expect(
                try await explain(core, "/made").verdict == [
                    "vcl_recv answers by itself, with 410; vcl_error makes the answer"
                ])
            let passed = try await explain(core, "/passed")
            #expect(passed.verdict.first == "vcl_recv passes it" && passed.steps.last?.state == "vcl_pass")
            #expect(
                try await explain(core, "/again").steps.map(\.state).prefix(2) == ["vcl_recv", "vcl_recv"])
            #expect(try await explain(core, "/ever").verdict.last?.contains("503") == true)
            #expect(
                try await explain(core, "/a", method: "PURGE").verdict == [
                    "it removes the address with all its variants"
                ])
            #expect(try await explain(core, "/a?x=1").key == "/a")
            origin.answer("/ttl", headers: ["Cache-Control: max-age=60"])
            _ = try await ScenarioClient(port: port).get("/ttl")
            let kept = try #require(try await explain(core, "/ttl?query").variants.first)
            #expect(kept.remarks.contains { $0.contains("was set by the program") } && kept.ttl > 60)
        }
    }

    @Test func saysWhyNothingIsKept() async throws {
        try await scenario { origin, port, core in
            origin.answer("/private", headers: ["Cache-Control: private"])
            _ = try await ScenarioClient(port: port).get("/private")
            let found = try await explain(core, "/private")
            #expect(found.variants.first?.isHitForPass == true)
            #expect(found.verdict.first?.contains("not to be kept") == true)
            #expect(
                try await explain(core, "/a", method: "POST").verdict.first == "a POST is not for a cache")
        }
    }

    @Test func saysThatABackendIsNotWell() async throws {
        let probe =
            ".probe = { .request = \"GET /health HTTP/1.0\"; .interval = 100ms; .initial = 0; .threshold = 1; .window = 1; }"
        let vcl =
            "backend F_sick { .host = \"127.0.0.1\"; .port = \"1\"; \(probe) }\nsub vcl_recv { set req.backend = F_sick; return(lookup); }"
        try await scenario(vcl: vcl) { _, _, core in
            let found = try await explain(core, "/")
            #expect(found.backend == "F_sick" && found.verdict.last?.contains("is not well") == true)
        }
    }

    @Test(arguments: [
        ("https://www.example.org/a?b#c", "www.example.org", "/a?b", true), ("http://h", "h", "/", false),
        ("h/a", "h", "/a", false), ("h:8080?x", "h:8080", "/?x", false),
    ])
    func readsAddresses(url: String, host: String, target: String, isTLS: Bool) throws {
        let request = try #require(ExplainedRequest(url: url))
        #expect(request.host == host && request.target == target && request.isTLS == isTLS)
    }

    @Test(arguments: ["", "/a", "ftp://h/", "h /a", "h/a\nb"])
    func refusesWhatIsNoAddress(url: String) { #expect(ExplainedRequest(url: url) == nil) }
}
