import EdgeLink
import HTTPCache
import Kernel
import NIOCore
import NIOHPACK
import NIOHTTP2
import Testing
import VCLRuntime

@testable import Edge

/// HTTP/2 over real sockets.
@Suite struct HTTP2Scenarios {
    private func over(
        vcl: String = DefaultVCL.states,
        _ body: (ScenarioOrigin, ScenarioPlace, HTTP2Client) async throws -> Void
    ) async throws {
        try await listenerScenario(vcl: vcl) { _ in
        } _: { origin, place, _ in
            let client = try await HTTP2Client(place)
            try await body(origin, place, client)
            try? await client.close()
        }
    }

    private static let post: HPACKHeaders = [
        ":method": "POST", ":scheme": "http", ":path": "/form", ":authority": "test",
    ]

    @Test func missesThenHits() async throws {
        try await over { origin, _, client in
            origin.answer("/a", headers: ["Cache-Control: max-age=60", "Keep-Alive: timeout=5"])
            let first = try await client.get("/a")
            #expect(first.status == 200 && first["x-cache"] == "MISS" && first.text == "hello")
            #expect(first["connection"] == nil && first["keep-alive"] == nil)
            let second = try await client.get("/a")
            #expect(second["x-cache"] == "HIT" && second.text == "hello")
            #expect(second["age"].flatMap { Int($0) }.map { (0..<60).contains($0) } == true)
            #expect(second["content-length"] == "5" && second["date"] != nil)
            #expect(try await client.get("/a", ["range": "bytes=1-2"]).text == "el")
            #expect(origin.requests.count == 1)
        }
    }

    @Test func isChosenInTheHandshake() async throws {
        let made = try TestCertificate("a.test")
        try await listenerScenario(
            vcl: """
                sub vcl_deliver {
                  set resp.http.Saw = req.proto " " req.protocol " " tls.client.servername;
                  set resp.http.Stream = fastly_info.h2.stream_id;
                }
                """
        ) {
            $0.certificates = try Certificates([made.file]) { _ in }
            $0.hstsSeconds = 60
        } _: { origin, place, _ in
            origin.answer("/a")
            let client = try await HTTP2Client(
                place, tls: ClientTLS("a.test", protocols: ["h2", "http/1.1"]))
            let answer = try await client.get("/a")
            #expect(answer["saw"] == "HTTP/2 https a.test" && answer["stream"] == "1")
            #expect(answer["strict-transport-security"] == "max-age=60")
            #expect(try await client.get("/a")["stream"] == "3")
            try await client.close()
        }
    }

    @Test func answersManyAtOnceAndOutOfOrder() async throws {
        try await over { origin, _, client in
            origin.answer("/slow", body: "slow", delay: .milliseconds(300))
            for index in 0..<60 { origin.answer("/\(index)", body: "\(index)") }
            let slow = Task { try await client.get("/slow") }
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<60 {
                    group.addTask { try await client.get("/\(index)").text == "\(index)" }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(try await slow.value.text == "slow")
        }
    }

    @Test(arguments: [20_000, 200_000, 2_000_000]) func carriesLargeBodies(size: Int) async throws {
        try await over { origin, _, client in
            let text = String(repeating: "0123456789", count: size / 10)
            origin.answer("/large", headers: ["Cache-Control: max-age=60"], body: text)
            let first = try await client.get("/large")
            #expect(first.text == text)
            #expect(try await client.get("/large").text == text)
            #expect(origin.requests.count == 1)
        }
    }

    @Test func carriesABodyOfUnknownLength() async throws {
        try await over { origin, _, client in
            origin.answer("/a", headers: ["Cache-Control: no-store"], body: "hello", chunked: true)
            let answer = try await client.get("/a")
            #expect(answer.text == "hello" && answer["content-length"] == nil && !answer.broke)
        }
    }

    @Test func answersHEADWithoutABody() async throws {
        try await over { origin, _, client in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            var headers = HTTP2Scenarios.post
            headers.replaceOrAdd(name: ":method", value: "HEAD")
            headers.replaceOrAdd(name: ":path", value: "/a")
            for _ in 0..<2 {
                let answer = try await client.ask(headers)
                #expect(answer.status == 200 && answer["content-length"] == "5" && answer.text == "")
                #expect(!answer.broke)
            }
        }
    }

    @Test(arguments: [true, false]) func handsOnRequestBodies(hasLength: Bool) async throws {
        try await over { origin, _, client in
            origin.answer("/form", body: "thanks")
            var headers = HTTP2Scenarios.post
            if hasLength { headers.add(name: "content-length", value: "10") }
            let answer = try await client.ask(
                headers, body: [ByteBuffer(string: "01234"), ByteBuffer(string: "56789")])
            #expect(answer.text == "thanks")
            let framing = hasLength ? "content-length: 10" : "transfer-encoding: chunked"
            #expect(origin.requests.first?.lowercased().contains(framing) == true)
        }
    }

    /// A reset would take back what waits to be sent.
    @Test(arguments: [5, 300_000]) func theWholeAnswerLeavesBeforeARequestThatDoesNotEndIsCutOff(size: Int)
        async throws
    {
        try await over { origin, _, client in
            let text = String(repeating: "x", count: size)
            origin.answer("/a", headers: ["Cache-Control: max-age=60"], body: text)
            _ = try await client.get("/a")
            var headers = HTTP2Scenarios.post
            headers.replaceOrAdd(name: ":method", value: "GET")
            headers.replaceOrAdd(name: ":path", value: "/a")
            for body in [[], [ByteBuffer(string: "more")]] {
                let answer = try await client.ask(headers, body: body, ends: false)
                #expect(answer.status == 200 && answer.text == text && !answer.broke)
            }
        }
    }

    @Test func endsNoUploadThatItsClientBrokeOff() async throws {
        try await over { origin, _, client in
            origin.hold()
            let asking = Task {
                try await client.ask(HTTP2Scenarios.post, body: [ByteBuffer(string: "01234")], ends: false)
            }
            #expect(try await eventually { origin.requests.count == 1 })
            try await client.close()
            #expect(try await asking.value.broke)
            #expect(try await eventually { origin.connections == 0 })
            #expect(origin.requests.count == 1, "the chunk that ends a body would count as another one here")
        }
    }

    @Test func joinsCookies() async throws {
        try await over { origin, _, client in
            origin.answer("/a")
            _ = try await client.get("/a", ["cookie": "a=1", "x": "y", "cookie": "b=2", "cookie": "c=3"])
            #expect(origin.requests.first?.contains("Cookie: a=1; b=2; c=3\r\n") == true)
        }
    }

    @Test func breaksTheStreamAloneWhenTheOriginBreaks() async throws {
        try await over { origin, _, client in
            origin.answer("/broken", body: String(repeating: "x", count: 5000), breaks: true)
            origin.answer("/a")
            let broken = try await client.get("/broken")
            #expect(broken.broke)
            #expect(try await client.get("/a").text == "hello" && client.isOpen)
        }
    }

    /// Each is answered with an error or a reset, and the connection lives on.
    @Test(
        arguments: [
            [":method": "GET", ":scheme": "http", ":authority": "test"],
            [":method": "GET", ":scheme": "http", ":path": "", ":authority": "test"],
            [":method": "GET", ":path": "/", ":authority": "test"],
            [":scheme": "http", ":path": "/", ":authority": "test"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", ":status": "200"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", ":path": "/b"],
            [":method": "GET", ":scheme": "http", "x": "y", ":path": "/", ":authority": "test"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "connection": "close"],
            [
                ":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test",
                "transfer-encoding": "chunked",
            ],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "keep-alive": "1"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "upgrade": "h2c"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "te": "gzip"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "Upper": "case"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "a b": "c"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "x": "a\r\nY: z"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "x": "a\u{0}b"],
            [":method": "GET", ":scheme": "http", ":path": "/ HTTP/1.1\r\nX: y", ":authority": "test"],
            [":method": "GET", ":scheme": "http", ":path": "/ a", ":authority": "test"],
            [":method": "GET /a", ":scheme": "http", ":path": "/", ":authority": "test"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "test", "host": "other"],
            [":method": "GET", ":scheme": "http", ":path": "/", ":authority": "a/b"],
            [":method": "GET", ":scheme": "http", ":path": "/"],
        ] as [HPACKHeaders]) func refuses(headers: HPACKHeaders) async throws
    {
        try await over { origin, _, client in
            origin.answer("/a")
            let answer = try await client.ask(headers)
            #expect(answer.broke || answer.status == 400)
            #expect(try await client.get("/a").text == "hello")
            #expect(origin.requests.count == 1)
        }
    }

    @Test func answersATunnelWith405() async throws {
        try await over { origin, _, client in
            let answer = try await client.ask([":method": "CONNECT", ":authority": "a:80"])
            #expect(answer.status == 405)
            #expect(origin.requests.isEmpty)
        }
    }

    @Test func closesOnRapidResets() async throws {
        try await over { origin, _, client in
            origin.answer("/a", delay: .seconds(5))
            for _ in 0...HTTP2Limits.resets + 1 { try? await client.askInVain("/a") }
            let isCutOff = try await eventually { client.goodbyes == [.enhanceYourCalm] && !client.isOpen }
            #expect(isCutOff)
        }
    }

    @Test func refusesAHeaderListThatIsTooLarge() async throws {
        try await over { origin, _, client in
            // Each repetition is one byte on the wire.
            let more = HPACKHeaders((0..<20).map { _ in ("x", String(repeating: "a", count: 4000)) })
            let answer = try await client.get("/a", more)
            #expect(answer.broke || answer.status == 431)
            #expect(origin.requests.isEmpty)
        }
    }

    @Test func endsWhatIsUnderWayWhenItShallStop() async throws {
        try await over { origin, place, client in
            origin.answer("/slow")
            origin.hold()
            let answer = Task { try await client.get("/slow") }
            let isAsked = try await eventually { origin.requests.count == 1 }
            #expect(isAsked)
            let stopping = Task { await place.server.stop() }
            #expect(try await eventually { client.goodbyes.contains(.noError) })
            origin.release(forGood: true)
            #expect(try await answer.value.text == "hello")
            await stopping.value
            #expect(client.goodbyes.allSatisfy { $0 == .noError })
        }
    }

    @Test func letsGoOfWhatAClientTakesBack() async throws {
        try await listenerScenario { _ in
        } _: { origin, place, core in
            origin.answer(
                "/pass", headers: ["Cache-Control: no-store"], body: String(repeating: "x", count: 900_000))
            let client = try await HTTP2Client(place)
            for _ in 0..<20 { try await client.askInVain("/pass") }
            origin.answer("/a")
            #expect(try await client.get("/a").text == "hello")
            try await client.close()
            let isClosed = try await eventually {
                try await core.publish()
                let open = core.loops.withLock { loops in
                    loops.map { $0.published.withLock { $0.openConnections } }
                }
                return open.allSatisfy { $0 == 0 }
            }
            #expect(isClosed)
        }
    }
}
