import EdgeLink
import HTTPCache
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// Whole scenarios over real sockets: an origin, an edge, clients.
@Suite struct EdgeScenarios {
    @Test func missesThenHits() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: max-age=60", "Surrogate-Key: k"])
            let client = try await ScenarioClient(port: port)
            let first = try await client.get("/a")
            #expect(first.status == 200 && first["X-Cache"] == "MISS" && first.body == "hello")
            let second = try await client.get("/a")
            #expect(second["X-Cache"] == "HIT" && second["X-Cache-Hits"] == "1")
            let age = try #require(second["Age"].flatMap { Int($0) })
            #expect(second["Surrogate-Key"] == nil)
            #expect(first["Cache-Status"] == "hq; fwd=miss; stored")
            #expect(
                ["hq; hit; ttl=\(60 - age)", "hq; hit; ttl=\(59 - age)"].contains(second["Cache-Status"]))
            #expect(try await client.get("/a", method: "HEAD")["Content-Length"] == "5")
            #expect(origin.requests.count == 1)
            let put = try await client.get("/a", method: "PUT", headers: ["Content-Length: 0"])
            #expect(put["Cache-Status"] == "hq; fwd=method")
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/slow", body: "slow", delay: .milliseconds(50))
            origin.answer("/quick", headers: ["Cache-Control: max-age=60"], body: "quick")
            let client = try await ScenarioClient(port: port)
            let one = { (path: String) in "GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n" }
            try await client.send(one("/slow") + one("/quick") + one("/quick"))
            let bodies = [
                try await client.read().body, try await client.read().body, try await client.read().body,
            ]
            #expect(bodies == ["slow", "quick", "quick"])
        }
    }

    @Test func fetchesOnceForManyWhoAsk() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], delay: .milliseconds(200))
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<50 {
                    group.addTask { try await ScenarioClient(port: port).get("/a").status }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(origin.requests.count == 1)
        }
    }

    @Test func servesStaleWhenTheOriginIsDown() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60, stale-if-error=600"])
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            core.cache.purgeAll(soft: true, now: wallClock())
            origin.answer("/a", status: "500 Oops", body: "broken")
            let stale = try await client.get("/a")
            #expect(stale.status == 200 && stale["X-Cache"] == "STALE" && stale.body == "hello")
            try await origin.stop()
            #expect(try await client.get("/a").body == "hello")
            #expect(try await client.get("/never-seen").status == 503)
        }
    }

    @Test func refreshesBehindAStaleAnswer() async throws {
        try await scenario { origin, port, core in
            let headers = ["Cache-Control: max-age=60, stale-while-revalidate=60"]
            origin.answer("/a", headers: headers, body: "old")
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            for body in ["new", "newer"] {
                core.cache.purgeAll(soft: true, now: wallClock())
                origin.answer("/a", headers: headers, body: body)
                #expect(try await client.get("/a")["X-Cache"] == "STALE")
                var seen = try await client.get("/a")
                for _ in 0..<1000 where seen["X-Cache"] != "HIT" { seen = try await client.get("/a") }
                #expect(seen["X-Cache"] == "HIT" && seen.body == body)
            }
            #expect(origin.requests.count == 3)
        }
    }

    @Test func sharesAFailureAmongThoseWhoWait() async throws {
        try await scenario { origin, port, _ in
            try await origin.stop()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 { group.addTask { try await ScenarioClient(port: port).get("/a").status } }
                for try await status in group { #expect(status == 503) }
            }
        }
    }

    /// One fetch, for which all others wait, ends in an answer that is not kept: the others go side by side.
    @Test(arguments: [false, true])
    func letsThoseWhoWaitedInVainGoSideBySide(hasStale: Bool) async throws {
        try await scenario { origin, port, core in
            if hasStale {
                origin.answer("/a", headers: ["Cache-Control: max-age=60, stale-if-error=600"])
                _ = try await ScenarioClient(port: port).get("/a")
                core.cache.purgeAll(soft: true, now: wallClock())
            }
            origin.answer("/a", status: "503 Oops")
            origin.hold()
            let before = (asked: hasStale ? 1 : 0, fetched: origin.requests.count)
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<10 { group.addTask { try await ScenarioClient(port: port).get("/a").status } }
                let allWait = try await eventually {
                    try await core.publish()
                    return core.statistics().requests == before.asked + 10
                }
                #expect(allWait && origin.requests.count <= before.fetched + 1)
                #expect(try await eventually { origin.requests.count == before.fetched + 1 })
                origin.release()
                #expect(try await eventually { origin.requests.count == before.fetched + 10 })
                origin.release(forGood: true)
                for try await status in group { #expect(status == (hasStale ? 200 : 503)) }
            }
        }
    }

    @Test func cachesAgainOnceAnErrorIsOver() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", status: "503 Oops")
            let client = try await ScenarioClient(port: port)
            #expect(try await client.get("/a").status == 503)
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            #expect(try await client.get("/a")["X-Cache"] == "MISS")
            #expect(try await client.get("/a")["X-Cache"] == "HIT")
        }
    }

    @Test func revalidatesWithItsETag() async throws {
        try await scenario { origin, port, core in
            let headers = ["Cache-Control: max-age=60, stale-if-error=600", "ETag: \"v1\""]
            origin.answer("/a", headers: headers)
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            core.cache.purgeAll(soft: true, now: wallClock())
            origin.answer("/a", status: "304 Not Modified", headers: headers, body: "")
            let answer = try await client.get("/a")
            #expect(answer.status == 200 && answer.body == "hello")
            #expect(origin.requests.last?.contains("If-None-Match: \"v1\"") == true)
            #expect(try await client.get("/a")["X-Cache"] == "HIT")
            let unchanged = try await client.get("/a", headers: ["If-None-Match: W/\"v1\""])
            #expect(unchanged.status == 304 && unchanged.body.isEmpty)
        }
    }

    @Test func streamsRequestBodies() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/form", body: "thanks")
            let client = try await ScenarioClient(port: port)
            try await client.send("POST /form HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n01234")
            try await client.send("56789")
            let answer = try await client.read()
            #expect(answer.body == "thanks" && answer["X-Cache"] == "PASS")
            #expect(try await client.get("/form").body == "thanks", "the connection serves on")
        }
    }

    @Test(arguments: ["5\r\n01234\r\n", "5\r\n01234\r\nno chunk"])
    func endsNoUploadThatItsClientBrokeOff(chunks: String) async throws {
        try await scenario { origin, port, _ in
            origin.hold()
            let client = try await ScenarioClient(port: port)
            try await client.send("POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
            #expect(try await eventually { origin.requests.count == 1 })
            try await client.send(chunks)
            try? await client.close()
            #expect(try await eventually { origin.connections == 0 })
            #expect(origin.requests.count == 1, "the chunk that ends a body would count as another one here")
        }
    }

    @Test(arguments: [5, 8_000_000])
    func sendsTheWholeAnswerBeforeItCloses(size: Int) async throws {
        try await scenario { origin, port, _ in
            let body = String(repeating: "x", count: size)
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], body: body)
            _ = try await ScenarioClient(port: port).get("/a")
            let client = try await ScenarioClient(port: port)
            let answer = try await client.get("/a", headers: ["Connection: close"])
            #expect(answer["X-Cache"] == "HIT" && answer.body == body)
            await #expect(throws: ScenarioClient.Closed.self) { try await client.read() }
        }
    }

    /// More than may lie between an origin and a reader that does not read.
    private let large = String(repeating: "x", count: EdgeLimits.streamWindow * 2)

    @Test func readsNoFurtherForAClientThatLeft() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: no-store"], body: large)
            origin.hold()
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await eventually { origin.requests.count == 1 })
            try await client.close()
            let hasLeft = try await eventually {
                try await core.publish()
                return core.sample().openConnections == 0
            }
            #expect(hasLeft && origin.connections == 1)
            origin.release(forGood: true)
            #expect(try await eventually { origin.connections == 0 })
        }
    }

    @Test func readsNoFurtherWhenARefreshIsNotKept() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60, stale-while-revalidate=60"])
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            core.cache.purgeAll(soft: true, now: wallClock())
            origin.answer("/a", headers: ["Cache-Control: no-store"], body: large)
            #expect(try await client.get("/a")["X-Cache"] == "STALE")
            #expect(try await eventually { origin.requests.count == 2 && origin.connections == 0 })
        }
    }

    @Test func endsAnAnswerOfUnknownLengthWithTheConnection() async throws {
        try await scenario { origin, port, _ in
            let body = String(repeating: "x", count: 8_000_000)
            origin.answer("/a", headers: ["Cache-Control: no-store"], body: body, chunked: true)
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /a HTTP/1.0\r\nHost: test\r\n\r\n")
            let answer = try await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\n" + body))
        }
    }

    @Test func keepsNoHalfResponse() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], body: "0123456789", breaks: true)
            let client = try await ScenarioClient(port: port)
            await #expect(throws: ScenarioClient.Closed.self) { try await client.get("/a") }
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], body: "whole")
            #expect(try await ScenarioClient(port: port).get("/a").body == "whole")
        }
    }

    @Test func keepsVariantsAndPersonalAnswersApart() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/v", headers: ["Cache-Control: max-age=60", "Vary: X-Lang"], body: "one")
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/v", headers: ["X-Lang: en"])
            #expect(try await client.get("/v", headers: ["X-Lang: en"])["X-Cache"] == "HIT")
            #expect(try await client.get("/v", headers: ["X-Lang: fr"])["X-Cache"] == "MISS")
            origin.answer(
                "/p", headers: ["Last-Modified: Mon, 05 Jan 2015 10:00:00 GMT", "Set-Cookie: id=1"])
            _ = try await client.get("/p")
            #expect(try await client.get("/p")["X-Cache"] == "PASS")
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 70_000))\r\n\r\n", 431),
        ("GET /\(String(repeating: "x", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ])
    func refuses(request: String, status: Int) async throws {
        try await scenario(loops: 1) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send(request)
            #expect(try await client.read().status == status)
            await #expect(throws: ScenarioClient.Closed.self) { try await client.read() }
        }
    }

    @Test func restartsThreeTimesAtMost() async throws {
        let vcl = """
            sub vcl_recv { set req.backend = F_origin; if (req.url == "/loop") { restart; } return(pass); }
            sub vcl_deliver { set resp.http.Restarts = req.restarts; }
            """
        try await scenario(vcl: vcl) { _, port, _ in
            let answer = try await ScenarioClient(port: port).get("/loop")
            #expect(answer.status == 503 && answer["Restarts"] == "4")
        }
    }

    @Test func answersOneRange() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], body: "0123456789")
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            let part = try await client.get("/a", headers: ["Range: bytes=2-4"])
            #expect(part.status == 206 && part.body == "234" && part["Content-Range"] == "bytes 2-4/10")
            #expect(try await client.get("/a", headers: ["Range: bytes=-3"]).body == "789")
        }
    }

    @Test func endsWhatIsUnderWayWhenItShallStop() async throws {
        let origin = ScenarioOrigin()
        try await origin.start()
        origin.answer("/slow")
        origin.hold()
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: try origin.program(DefaultVCL.states)),
            cacheSize: ByteCount(1 << 20), identity: "test")
        let server = EdgeServer(core: core, loops: 1)
        let port = try await server.start(host: "127.0.0.1", port: 0)
        let (busy, idle) = (try await ScenarioClient(port: port), try await ScenarioClient(port: port))
        let answer = Task { try await busy.get("/slow") }
        #expect(try await eventually { origin.requests.count == 1 })
        let stopping = Task { await server.stop() }
        await #expect(throws: ScenarioClient.Closed.self) { try await idle.read() }
        origin.release(forGood: true)
        #expect(try await answer.value.body == "hello")
        await stopping.value
        await #expect(throws: (any Error).self) { try await ScenarioClient(port: port) }
        try await origin.end()
    }

    @Test(arguments: ["vcl_error", "vcl_deliver"]) func endsARestartThatHasNoEnd(state: String) async throws {
        let vcl = "sub vcl_recv { error 503; }\nsub \(state) { if (req.url ~ \"loop\") { restart; } }\n"
        try await scenario(vcl: vcl) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            #expect(try await client.get("/loop").status == 503)
            #expect(try await client.get("/other").status == 503)
        }
    }

    @Test func handsNoTunnelToABackend() async throws {
        try await scenario { origin, port, _ in
            origin.answer("/a")
            let client = try await ScenarioClient(port: port)
            try await client.send("CONNECT a:80 HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await client.read().status == 405)
            #expect(try await client.get("/a").status == 200)
            #expect(origin.requests.count == 1)
        }
    }

    @Test(arguments: [20_000, 200_000, 900_000, 2_000_000]) func givesTheFirstVisitorTheWholeOfALargeBody(
        size: Int
    ) async throws {
        try await scenario { origin, port, _ in
            let text = String(repeating: "0123456789", count: size / 10)
            origin.answer("/large", headers: ["Cache-Control: max-age=60"], body: text)
            let client = try await ScenarioClient(port: port)
            #expect(try await client.get("/large").body == text)
            #expect(try await client.get("/large").body == text)
            #expect(origin.requests.count == 1)
        }
    }
}
