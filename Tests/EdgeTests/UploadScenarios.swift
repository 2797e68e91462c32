import HTTPCache
import Kernel
import NIOCore
import NIOPosix
import Testing
import VCLRuntime

@testable import Edge

/// What clients send behind their heads.
@Suite struct UploadScenarios {
    private static func pass(_ port: Int) -> String {
        """
        backend F_origin { .host = "127.0.0.1"; .port = "\(port)"; .first_byte_timeout = 600s; }
        sub vcl_recv { set req.backend = F_origin; return(pass); }
        """
    }

    /// A backend that reads nothing: what the edge takes of a large upload is bounded by the buffers on the way.
    @Test func readsNoFasterThanTheBackendTakes() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let taken = Guarded(0)
        let held = Guarded<[any Channel]>([])
        let origin = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.socketOption(.so_rcvbuf), value: 64 * 1024)
            .childChannelInitializer { channel in
                held.withLock { $0.append(channel) }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Counter(taken))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let most = 64 * 1024 * 1024
        try await edgeScenario(Self.pass(origin.localAddress?.port ?? 0), loops: 1) { port, core in
            let client = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).get()
            let head = "POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: \(most)\r\n\r\n"
            try await client.writeAndFlush(ByteBuffer(string: head)).get()
            let piece = ByteBuffer(repeating: 0x61, count: 64 * 1024)
            let sent = Guarded(0)
            @Sendable func send() {
                guard sent.withLock({ $0 }) < most else { return }
                client.writeAndFlush(piece).whenSuccess {
                    sent.withLock { $0 += piece.readableBytes }
                    send()
                }
            }
            send()
            #expect(try await eventually { held.withLock { !$0.isEmpty } })
            // Until no more goes on: both sides' socket buffers are full, and the edge has its window at most.
            var last = -1
            var still = 0
            while still < 50 {
                let now = sent.withLock { $0 }
                still = now == last ? still + 1 : 0
                last = now
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(last < most / 2)
            // Then the backend takes it, and gets all of it.
            for channel in held.withLock({ $0 }) {
                try await channel.setOption(.autoRead, value: true).get()
            }
            #expect(try await eventually { taken.withLock { $0 } > most })
            try await client.close().get()
        }
        try await group.shutdownGracefully()
    }

    private final class Counter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let taken: Guarded<Int>
        init(_ taken: Guarded<Int>) { self.taken = taken }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let count = unwrapInboundIn(data).readableBytes
            taken.withLock { $0 += count }
        }
    }

    @Test(arguments: ["x\r\n", "5\r\nhelloX", "5;\u{7f}\r\n", "fffffffffffffffff\r\n"])
    func refusesAMalformedChunk(body: String) async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        try await edgeScenario(Self.pass(origin.port), loops: 1) { port, core in
            let client = try await ScenarioClient(port: port)
            try await client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
            let text = try await client.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n") && text.contains("Connection: close\r\n"))
        }
        #expect(origin.requests.isEmpty)
        try await origin.end()
    }

    /// The answer to a body that is refused reaches a client that goes on sending.
    @Test func answersWhoIsStillSending() async throws {
        let vcl = "backend F_origin { .host = \"127.0.0.1\"; .port = \"1\"; } sub vcl_recv { error 413; }"
        try await edgeScenario(vcl, loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n")
            for _ in 0..<8 { try? await client.send(String(repeating: "x", count: 64 * 1024)) }
            let text = try await client.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func sendsAFormAgainAfterARestart() async throws {
        let origin = FaultyOrigin { request in
            request.contains("/first")
                ? [.send("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")]
                : [.send(FaultyOrigin.ok("taken"))]
        }
        try await origin.start()
        let vcl = """
            backend F_origin { .host = "127.0.0.1"; .port = "\(origin.port)"; }
            sub vcl_recv {
              set req.backend = F_origin;
              if (req.restarts > 0) { set req.url = "/second"; }
              return(pass);
            }
            sub vcl_fetch { if (beresp.status == 500 && req.restarts == 0) { restart; } return(pass); }
            """
        try await edgeScenario(vcl, loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            for (framing, body) in [
                ("Content-Length: 5", "hello"), ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
            ] {
                try await client.send("POST /first HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n\(body)")
                #expect(try await client.read().body == "taken")
                #expect(origin.requests.last?.hasPrefix("POST /second ") == true)
                #expect(origin.requests.last?.hasSuffix(body) == true)
            }
        }
        try await origin.end()
    }

    /// What everybody gets later does not depend on what one sends with a GET.
    @Test func sendsNoBodyForTheCache() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        let vcl = """
            backend F_origin { .host = "127.0.0.1"; .port = "\(origin.port)"; }
            sub vcl_recv { set req.backend = F_origin; return(lookup); }
            """
        try await edgeScenario(vcl, loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nevil")
            #expect(try await client.read().body == "hello")
            #expect(try await client.get("/a")["X-Cache"] == "HIT")
        }
        #expect(origin.requests.count == 1 && origin.requests[0].contains("evil") == false)
        try await origin.end()
    }
}

@Suite struct UploadClockTests {
    private let second: Int64 = 1_000_000_000

    @Test func givesMoreTimeForMoreBytes() {
        var clock = UploadClock(at: 0)
        let first = OriginLimits.uploadSeconds * second
        #expect(clock.deadline == first)
        clock.took(Int(OriginLimits.uploadBytesPerSecond) - 1)
        #expect(clock.deadline == first)
        clock.took(1)
        #expect(clock.deadline == first + second)
    }

    @Test func stopsWhileNothingIsWanted() {
        var clock = UploadClock(at: 0)
        clock.pause(at: second)
        #expect(clock.deadline == nil)
        clock.pause(at: 2 * second)
        clock.resume(at: 11 * second)
        clock.resume(at: 20 * second)
        #expect(clock.deadline == (OriginLimits.uploadSeconds + 10) * second)
    }
}

@Suite struct ForwardingScenarios {
    private static func passing(_ port: Int) -> String {
        """
        backend F_origin { .host = "127.0.0.1"; .port = "\(port)"; }
        sub vcl_recv { set req.backend = F_origin; return(pass); }
        """
    }

    @Test func saysThatItPassedARequestOn() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        try await edgeScenario(Self.passing(origin.port), loops: 1) { port, core in
            let name = String(decoding: core.loopName.bytes.array, as: UTF8.self)
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            #expect(origin.requests[0].contains("\r\nVia: 1.1 hq\r\n"))
            #expect(origin.requests[0].contains("\r\nCDN-Loop: \(name)\r\n"))
            let headers = [
                "Via: 1.0 other", "Via: 1.1 third", "CDN-Loop: other; a=b", "X-Forwarded-For: 192.0.2.1",
            ]
            _ = try await client.get("/a", headers: headers)
            #expect(origin.requests[1].contains("\r\nVia: 1.0 other, 1.1 third, 1.1 hq\r\n"))
            #expect(origin.requests[1].contains("\r\nCDN-Loop: other; a=b, \(name)\r\n"))
            #expect(origin.requests[1].contains("\r\nX-Forwarded-For: 192.0.2.1, 127.0.0.1\r\n"))
            // Its own name: the request has been here.
            let loop = try await client.get("/a", headers: ["CDN-Loop: other, \(name) ; c=d"])
            #expect(loop.status == 503 && origin.requests.count == 2)
        }
        try await origin.end()
    }

    /// An edge that is its own backend asks itself once.
    @Test func noticesThatItIsItsOwnBackend() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: try program(Self.passing(origin.port))),
            cacheSize: ByteCount(1 << 20), identity: "test")
        let server = EdgeServer(core: core, loops: 1)
        let port = try await server.start(host: "127.0.0.1", port: 0)
        core.install(Snapshot(number: 2, program: try program(Self.passing(port))))
        let client = try await ScenarioClient(port: port)
        try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        let text = try await client.readToEnd()
        #expect(text.hasPrefix("HTTP/1.1 503 Loop detected\r\n"))
        try await core.publish()
        await server.stop()
        try await origin.end()
    }

    @Test(arguments: ["OPTIONS", "TRACE"])
    func countsMaxForwardsDown(method: String) async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        try await edgeScenario(Self.passing(origin.port), loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a", method: method, headers: ["Max-Forwards: 3"])
            #expect(origin.requests[0].contains("\r\nMax-Forwards: 2\r\n"))
            let last = try await client.get("/a", method: method, headers: ["Max-Forwards: 0"])
            #expect(last.status == (method == "OPTIONS" ? 200 : 405) && origin.requests.count == 1)
            _ = try await client.get("/a", method: "PUT", headers: ["Max-Forwards: 0", "Content-Length: 0"])
            #expect(origin.requests.count == 2)
        }
        try await origin.end()
    }
}
