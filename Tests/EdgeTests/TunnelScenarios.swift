import HTTPCache
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// WebSockets, and events that come one by one.
@Suite struct TunnelScenarios {
    private static func program(_ port: Int, _ more: String = "") -> String {
        """
        backend F_origin { .host = "127.0.0.1"; .port = "\(port)"; .max_connections = 1; \(more) }
        sub vcl_recv {
          set req.backend = F_origin;
          if (req.http.Upgrade) { return(upgrade); }
          return(pass);
        }
        sub vcl_error { set obj.http.X-Why = obj.response; return(deliver); }
        """
    }

    private static let hello =
        "GET /chat HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n"

    /// Takes a request for the other protocol, and says everything back in capitals.
    private static let echo: FaultyOrigin.Script = { request in
        request.hasPrefix("GET /chat")
            ? [
                .send(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\nfirst"
                )
            ]
            : [.send(request.uppercased())]
    }

    @Test func letsBothSidesTalk() async throws {
        let origin = FaultyOrigin(Self.echo)
        try await origin.start()
        try await edgeScenario(Self.program(origin.port), loops: 1) { port, core in
            let client = try await ScenarioClient(port: port)
            // What follows at once goes through as well.
            try await client.send(Self.hello + "one\r\n\r\n")
            let head = try await client.read(hasBody: false)
            #expect(head.status == 101 && head["Upgrade"] == "websocket" && head["Connection"] == "Upgrade")
            #expect(head["Sec-WebSocket-Accept"] == "a")
            #expect(origin.requests[0].contains("\r\nUpgrade: websocket\r\n"))
            #expect(origin.requests[0].contains("\r\nConnection: Upgrade\r\n"))
            #expect(try await client.readMore("ONE\r\n\r\n").hasPrefix("first"))
            try await client.send("two\r\n\r\n")
            _ = try await client.readMore("TWO\r\n\r\n")
            let loop = try #require(core.loops.withLock { $0.first })
            #expect(try await loop.loop.submit { loop.tunnels }.get() == 1)
            // When the client goes, so does the connection to the backend, which is one of those that it may have.
            try await client.close()
            #expect(try await eventually { try await loop.loop.submit { loop.tunnels }.get() == 0 })
            origin.act { _ in [.send(FaultyOrigin.ok("plain"))] }
            #expect(try await ScenarioClient(port: port).get("/a").body == "plain")
        }
        try await origin.end()
    }

    @Test func endsWhenTheBackendDoes() async throws {
        let origin = FaultyOrigin { request in
            request.hasPrefix("GET /chat") ? Self.echo(request) : [.send("bye"), .close]
        }
        try await origin.start()
        try await edgeScenario(Self.program(origin.port), loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send(Self.hello + "end\r\n\r\n")
            #expect(try await client.readToEnd().hasSuffix("firstbye"))
        }
        try await origin.end()
    }

    @Test func handsOnARefusal() async throws {
        let origin = FaultyOrigin { _ in [.send("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno")] }
        try await origin.start()
        try await edgeScenario(Self.program(origin.port), loops: 1) { port, core in
            let client = try await ScenarioClient(port: port)
            try await client.send(Self.hello)
            let answer = try await client.read()
            #expect(answer.status == 403 && answer.body == "no")
            let loop = try #require(core.loops.withLock { $0.first })
            #expect(try await loop.loop.submit { loop.tunnels }.get() == 0)
            // The connection goes on in HTTP.
            #expect(try await client.get("/a").status == 403)
        }
        try await origin.end()
    }

    @Test func wantsARequestThatAsksForIt() async throws {
        let origin = FaultyOrigin(Self.echo)
        try await origin.start()
        try await edgeScenario(Self.program(origin.port), loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            let answer = try await client.get("/chat", headers: ["Upgrade: websocket"])
            #expect(answer.status == 501 && answer["X-Why"] == "upgrade is not possible")
        }
        #expect(origin.requests.isEmpty)
        try await origin.end()
    }

    @Test func doesNotKeepTheEdgeFromStopping() async throws {
        let origin = FaultyOrigin(Self.echo)
        try await origin.start()
        var client: ScenarioClient?
        try await edgeScenario(Self.program(origin.port), loops: 1) { port, _ in
            let one = try await ScenarioClient(port: port)
            try await one.send(Self.hello)
            #expect(try await one.read(hasBody: false).status == 101)
            client = one
        }
        _ = try await client?.readToEnd()
        try await origin.end()
    }

    // MARK: server-sent events

    private static let events =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n"

    private static func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }

    /// The origin says the first event and waits: the client has it before there is a second one.
    @Test func handsEventsOnAsTheyCome() async throws {
        let origin = FaultyOrigin { _ in [.send(Self.events), .send(Self.chunk("data: 1\n\n"))] }
        try await origin.start()
        let vcl = Self.program(origin.port, ".between_bytes_timeout = 600s;")
        try await edgeScenario(vcl, loops: 1) { port, core in
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
            let text = try await client.readMore("data: 1\n\n")
            #expect(text.contains("text/event-stream"))
            // Who leaves is not listened to for any longer.
            try await client.close()
            let place = OriginPlace(core.snapshot.program.backends[0])
            #expect(try await eventually { core.origins.budget.open(place) == 0 })
        }
        try await origin.end()
    }

    @Test func handsEventsOnOverHTTP2() async throws {
        let origin = FaultyOrigin { _ in [.send(Self.events), .send(Self.chunk("data: 1\n\n"))] }
        try await origin.start()
        let vcl = """
            backend F_events { .host = "127.0.0.1"; .port = "\(origin.port)"; .between_bytes_timeout = 600s; }
            sub vcl_recv { set req.backend = F_events; return(pass); }
            """
        try await listenerScenario(vcl: vcl, { _ in }) { _, place, _ in
            let client = try await HTTP2Client(place)
            async let answer = client.get("/events")
            #expect(try await eventually { client.bodies == "data: 1\n\n" })
            try await client.close()
            #expect(try await answer.broke)
        }
        try await origin.end()
    }
}
