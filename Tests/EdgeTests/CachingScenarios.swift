import HTTPCache
import Kernel
import Testing

@testable import Edge

/// What RFC 9110 and 9111 ask of a cache, over real sockets, with the default program.
@Suite struct CachingScenarios {
    @Test(arguments: ["POST", "PUT", "DELETE", "M-SEARCH"])
    func forgetsWhatAnUnsafeMethodChanged(method: String) async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            #expect(try await client.get("/a")["X-Cache"] == "HIT")
            _ = try await client.get("/a", method: method, headers: ["Content-Length: 0"])
            #expect(try await client.get("/a")["X-Cache"] == "MISS")
            origin.answer("/a", status: "500 No", headers: ["Cache-Control: max-age=60"])
            _ = try await client.get("/a", method: method, headers: ["Content-Length: 0"])
            #expect(try await client.get("/a")["X-Cache"] == "HIT")
        }
    }

    @Test func asksBeforeItServesWhatMustBeAsked() async throws {
        try await scenario { origin, port, _ in
            origin.answer(
                "/a", headers: ["Cache-Control: no-cache", "ETag: \"1\"", "X-Old: kept"], body: "one")
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            origin.answer(
                "/a", status: "304 Not Modified", headers: ["ETag: \"1\"", "X-New: 2", "X-New: 3"], body: "")
            let second = try await client.get("/a")
            #expect(second.status == 200 && second.body == "one")
            #expect(second["X-Old"] == "kept" && second["X-New"] == "3")
            #expect(origin.requests.last?.lowercased().contains("if-none-match: \"1\"") == true)
            origin.answer("/a", headers: ["ETag: \"2\""], body: "two")
            #expect(try await client.get("/a").body == "two")
        }
    }

    @Test func servesWhatIsStaleWhenTheOriginFailsUnlessForbidden() async throws {
        try await scenario { origin, port, core in
            origin.answer("/plain", headers: ["Cache-Control: max-age=60"])
            origin.answer("/must", headers: ["Cache-Control: max-age=60, must-revalidate", "ETag: \"1\""])
            origin.answer("/shared", headers: ["Cache-Control: s-maxage=60"])
            let client = try await ScenarioClient(port: port)
            for path in ["/plain", "/must", "/shared"] { _ = try await client.get(path) }
            core.cache.purgeAll(soft: true, now: wallClock())
            for path in ["/plain", "/must", "/shared"] { origin.answer(path, status: "no status at all") }
            #expect(try await client.get("/plain").status == 200)
            #expect(try await client.get("/must").status == 503)
            #expect(try await client.get("/shared").status == 503)
        }
    }

    @Test func manyWhoMustAskDoNotWaitForEachOther() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: no-cache", "ETag: \"1\""])
            _ = try await ScenarioClient(port: port).get("/a")
            origin.answer("/a", status: "304 Not Modified", headers: ["ETag: \"1\""], body: "")
            origin.hold()
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await ScenarioClient(port: port).get("/a").body } }
                #expect(try await eventually { origin.requests.count == 21 })
                origin.release(forGood: true)
                for try await body in group { #expect(body == "hello") }
            }
        }
    }

    @Test func passesHeadsOnThatComeBeforeTheAnswer() async throws {
        try await scenario { origin, port, _ in
            origin.answer(
                "/a", status: "103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 200 OK",
                headers: ["Cache-Control: max-age=60"])
            let client = try await ScenarioClient(port: port)
            let early = try await client.get("/a")
            #expect(early.status == 103 && early["Link"] == "</a.css>; rel=preload")
            let answer = try await client.read()
            #expect(answer.status == 200 && answer["Link"] == nil && answer.body == "hello")
            let second = try await client.get("/a")
            #expect(second.status == 200 && second["X-Cache"] == "HIT")
        }
    }

    @Test func refusesAnEndlessRowOfInterimHeads() async throws {
        try await scenario { origin, port, _ in
            let early = String(
                repeating: "103 Early Hints\r\n\r\nHTTP/1.1 ", count: OriginLimits.interimResponses + 1)
            origin.answer("/a", status: early + "200 OK")
            let client = try await ScenarioClient(port: port)
            var answer = try await client.get("/a")
            while answer.status == 103 { answer = try await client.read() }
            #expect(answer.status == 503)
        }
    }

    @Test func keepsTheAnswerToAPostForThoseWhoGetTheSame() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: max-age=60", "Content-Location: /a"], body: "made")
            origin.answer("/b", headers: ["Cache-Control: max-age=60", "Content-Location: /c"])
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a", method: "POST", headers: ["Content-Length: 0"])
            let kept = try await client.get("/a")
            #expect(kept["X-Cache"] == "HIT" && kept.body == "made")
            _ = try await client.get("/b", method: "POST", headers: ["Content-Length: 0"])
            #expect(try await client.get("/b")["X-Cache"] == "MISS")
        }
    }
}
