import Kernel
import NIOCore
import NIOPosix
import Rehearsal
import Testing

@testable import LoadGeneration

/// A server of one fixed answer per connection's request, for loads: its handler gets each request's first line.
final class AnswerServer: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let asked = Guarded<[String]>([])
    let port: Int
    private let channel: any Channel

    /// `answer` makes the bytes for a request's path; nil closes the connection, empty bytes say nothing for ever.
    init(_ answer: @escaping @Sendable (String) -> String?) async throws {
        let asked = asked
        channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(asked, answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func end() async throws { try await group.shutdownGracefully() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let asked: Guarded<[String]>
        private let answer: @Sendable (String) -> String?
        private var text = ""

        init(_ asked: Guarded<[String]>, _ answer: @escaping @Sendable (String) -> String?) {
            self.asked = asked
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let end = text.firstRange(of: "\r\n\r\n") {
                let path = String(text.split(separator: " ")[1])
                text = String(text[end.upperBound...])
                asked.withLock { $0.append(path) }
                guard let bytes = answer(path) else { return context.close(promise: nil) }
                context.writeAndFlush(NIOAny(ByteBuffer(string: bytes)), promise: nil)
            }
        }
    }
}

@Suite struct LoadGeneratorTests {
    private func load(
        _ server: AnswerServer, _ mix: PathMix = PathMix(paths: ["/"], weights: [1]), rate: Double = 100,
        seconds: Double = 1, change: (inout LoadPlan) -> Void = { _ in }
    ) async throws -> (Tally, String?) {
        let address = HostPort(host: "127.0.0.1", port: server.port)
        let curve = RateCurve(corners: [.init(at: 0, rate: rate), .init(at: seconds, rate: rate)])
        var plan = LoadPlan(
            target: RehearsalTarget(isTLS: false, address: address),
            addresses: [try SocketAddress(ipAddress: "127.0.0.1", port: server.port)], mix: mix, curve: curve)
        // A busy machine is no trouble of the server's.
        plan.timeout = .seconds(60)
        change(&plan)
        let sum = Guarded(Tally())
        let reason = try await LoadGenerator(plan).run { _, tally in
            sum.withLock { $0.add(tally) }
            return nil
        }
        return (sum.withLock { $0 }, reason)
    }

    /// Connections that close while they are idle are neither open nor busy.
    @Test func countsNoConnectionThatIsGone() async throws {
        let server = try await AnswerServer { _ in LoadGeneratorTests.page }
        let curve = RateCurve(corners: [.init(at: 0, rate: 1), .init(at: 1, rate: 1)])
        var plan = LoadPlan(
            target: RehearsalTarget(isTLS: false, address: HostPort(host: "127.0.0.1", port: server.port)),
            addresses: [try SocketAddress(ipAddress: "127.0.0.1", port: server.port)],
            mix: PathMix(paths: ["/"], weights: [1]), curve: curve)
        plan.warmConnections = 3
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (loop, settled) = (group.next(), plan)
        let load = try await loop.submit {
            LoadLoop(plan: settled, loop: loop, part: 0, requests: settled.requests(), tls: nil)
        }.get()
        loop.execute { load.openConnections() }
        while try await loop.submit({ !load.isReady }).get() {}
        #expect(try await loop.submit { load.take().open }.get() == 3)
        loop.execute { load.finish() }
        while try await loop.submit({ load.take().open > 0 }).get() {}
        #expect(try await loop.submit { load.take().busy }.get() == 0)
        try await group.shutdownGracefully()
        try await server.end()
    }

    private static let page = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Cache: HIT\r\n\r\nhello"

    @Test func sendsAllThatIsDueAndKnowsHitsFromMisses() async throws {
        let server = try await AnswerServer { path in
            path == "/hit"
                ? LoadGeneratorTests.page
                : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Cache: MISS\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        }
        let mix = PathMix(paths: ["/hit", "/miss"], weights: [3, 1])
        let (tally, reason) = try await load(server, mix, rate: 200) { $0.loops = 2 }
        #expect(reason == nil)
        #expect(tally.due == 200 && tally.sent == 200 && tally.answers == 200)
        #expect(tally.failures == 0 && tally.statuses == [0, 200, 0, 0, 0])
        let asked = server.asked.withLock { $0 }
        #expect(tally.hits.count == asked.count { $0 == "/hit" })
        #expect(tally.fetched.count == asked.count { $0 == "/miss" })
        #expect(tally.connectionsMade < 200, "connections are kept")
        try await server.end()
    }

    @Test func aServerThatSaysNothingIsAskedAsOftenAndTimesOut() async throws {
        let server = try await AnswerServer { _ in "" }
        let (tally, _) = try await load(server, rate: 50) {
            $0.timeout = .milliseconds(200)
            $0.maxConnections = 200
        }
        #expect(tally.due == 50 && tally.answers == 0 && tally.failures == 50)
        // On a busy machine a connection may take as long as an answer may.
        let late = tally.troubles[Trouble.timeout.rawValue]
        #expect(late > 0 && late + tally.troubles[Trouble.connect.rawValue] == 50)
        try await server.end()
    }

    @Test func aClosedConnectionIsATroubleAndIsReplaced() async throws {
        let server = try await AnswerServer { $0 == "/good" ? LoadGeneratorTests.page : nil }
        let (tally, _) = try await load(server, PathMix(paths: ["/good", "/bad"], weights: [1, 1]))
        let bad = server.asked.withLock { $0.count { $0 == "/bad" } }
        #expect(bad > 0 && tally.troubles[Trouble.closed.rawValue] == bad)
        #expect(tally.answers == 100 - bad)
        try await server.end()
    }

    @Test func nobodyListeningIsATrouble() async throws {
        let server = try await AnswerServer { _ in nil }
        try await server.end()
        let (tally, _) = try await load(server)
        #expect(tally.troubles[Trouble.connect.rawValue] == 100 && tally.sent == 0)
    }

    @Test func whatIsNoHTTPIsATrouble() async throws {
        let server = try await AnswerServer { _ in "SSH-2.0-OpenSSH\r\n\r\n" }
        let (tally, _) = try await load(server, rate: 20)
        #expect(tally.troubles[Trouble.malformed.rawValue] == 20)
        try await server.end()
    }

    @Test func connectionsAreBoundedAndWhoWaitsCountsFromItsMoment() async throws {
        let server = try await AnswerServer { _ in LoadGeneratorTests.page }
        let (tally, _) = try await load(server, rate: 400) { $0.maxConnections = 2 }
        #expect(tally.connectionsMade <= 2)
        #expect(tally.answers == 400)
        try await server.end()
    }

    @Test func visitorsLeaveAfterTheirRequests() async throws {
        let server = try await AnswerServer { _ in LoadGeneratorTests.page }
        let (tally, _) = try await load(server) { $0.requestsPerConnection = 1 }
        #expect(tally.answers == 100 && tally.connectionsMade == 100)
        try await server.end()
    }

    @Test func warmsEachPathOnceAndCountsNoneOfThat() async throws {
        let server = try await AnswerServer { _ in LoadGeneratorTests.page }
        let paths = (0..<100).map { "/\($0)" }
        let mix = PathMix(paths: paths, weights: [1] + Array(repeating: 0, count: 99))
        let (tally, _) = try await load(server, mix, rate: 10) {
            $0.warmsCache = true
            $0.loops = 3
        }
        #expect(tally.due == 10 && tally.answers == 10)
        let asked = server.asked.withLock { $0 }
        #expect(Set(asked) == Set(paths) && asked.count == 110)
        try await server.end()
    }

    @Test func endsEarlyWhenItIsTold() async throws {
        let server = try await AnswerServer { _ in LoadGeneratorTests.page }
        let address = HostPort(host: "127.0.0.1", port: server.port)
        let plan = LoadPlan(
            target: RehearsalTarget(isTLS: false, address: address),
            addresses: [try SocketAddress(ipAddress: "127.0.0.1", port: server.port)],
            mix: PathMix(paths: ["/"], weights: [1]),
            curve: RateCurve(corners: [.init(at: 0, rate: 50), .init(at: 3600, rate: 50)]))
        #expect(try await LoadGenerator(plan).run { _, _ in "enough" } == "enough")
        try await server.end()
    }
}

@Suite struct HostGateTests {
    @Test func thisMachineNeedsNoLeave() async throws {
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            let gate = HostGate(target: try RehearsalTarget(parsing: "http://\(name):80"), token: nil)
            let addresses = try gate.addresses()
            #expect(HostGate.areHere(addresses))
            #expect(try await gate.confirmation(for: addresses, now: 0) == nil)
        }
    }

    @Test(arguments: ["192.0.2.1", "10.1.2.3", "2001:db8::1", "0.0.0.0"])
    func everyOtherHostIsRefusedWithoutItsOwnersWord(address: String) async throws {
        let host = address.contains(":") ? "[\(address)]" : address
        let gate = HostGate(target: try RehearsalTarget(parsing: "http://\(host):80"), token: nil)
        let failure = await #expect(throws: Failure.self) {
            try await gate.confirmation(for: try gate.addresses(), now: 0)
        }
        #expect(failure?.kind == .refused)
        #expect(failure?.hint?.contains("hq rehearse authorize") == true)
    }

    @Test func aHostConfirmsByServingTheLine() async throws {
        let token = String(repeating: "b2", count: 16)
        let line = HostConfirmation(host: "127.0.0.1", token: token, until: 5000, rate: 7).line
        let server = try await AnswerServer { path in
            path == HostConfirmation.path(token)
                ? "HTTP/1.1 200 OK\r\nContent-Length: \(line.utf8.count)\r\n\r\n\(line)"
                : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        }
        let target = try RehearsalTarget(parsing: "http://127.0.0.1:\(server.port)")
        // What the gate is told about addresses decides; the host itself answers here all the same.
        let elsewhere = [try SocketAddress(ipAddress: "192.0.2.1", port: 80)]
        let confirmed = try await HostGate(target: target, token: token).confirmation(
            for: elsewhere, now: 4000)
        #expect(confirmed?.rate == 7)
        for (token, now) in [(token, Int64(6000)), (String(repeating: "c3", count: 16), 4000)] {
            let failure = await #expect(throws: Failure.self) {
                try await HostGate(target: target, token: token).confirmation(for: elsewhere, now: now)
            }
            #expect(failure?.kind == .refused)
        }
        try await server.end()
    }
}

@Suite struct RehearsalOriginTests {
    @Test func pagesHaveTheLifetimeOfTheirPath() async throws {
        let origin = RehearsalOrigin(latency: .milliseconds(1), bodyBytes: 10)
        let port = try await origin.start(HostPort(host: "127.0.0.1", port: 0))
        for (path, lifetime) in [
            ("/fresh/1", "max-age=3600"), ("/stale/1", "max-age=1, stale-while-revalidate=60"),
            ("/pass/1", "private"),
        ] {
            let whole = try await ask(port, "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n", until: "xxxxxxxxxx")
            #expect(whole.contains("Cache-Control: \(lifetime)\r\n") && whole.contains("200 OK"))
        }
        let same = try await ask(
            port, "GET /fresh/1 HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"rehearsal\"\r\n\r\n",
            until: "\r\n\r\n")
        #expect(same.hasPrefix("HTTP/1.1 304 Not Modified\r\n") && !same.contains("Content-Length"))
        await origin.stop()
    }

    private func ask(_ port: Int, _ request: String, until end: String) async throws -> String {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: String.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(promise, end))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: request)).get()
        let text = try await promise.futureResult.get()
        try await channel.close().get()
        return text
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let promise: EventLoopPromise<String>
        private let end: String
        private var text = ""

        init(_ promise: EventLoopPromise<String>, _ end: String) {
            self.promise = promise
            self.end = end
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            if text.hasSuffix(end) { promise.succeed(text) }
        }

        func channelInactive(context: ChannelHandlerContext) { promise.succeed(text) }
    }
}
