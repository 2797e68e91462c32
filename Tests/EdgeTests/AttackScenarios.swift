import EdgeLink
import HTTPCache
import Kernel
import NIOCore
import NIOPosix
import Testing
import VCLRuntime

@testable import Edge

/// What attackers get, and that others go on.
@Suite struct AttackScenarios {
    private func scenario(
        _ change: (inout AdmissionLimits) -> Void,
        _ body: (ScenarioOrigin, Int, EdgeCore) async throws -> Void
    ) async throws {
        var limits = AdmissionLimits()
        change(&limits)
        let origin = ScenarioOrigin()
        try await origin.start()
        origin.answer("/", headers: ["Cache-Control: max-age=60"])
        origin.answer(
            "/page", headers: ["Cache-Control: max-age=60"], body: String(repeating: "x", count: 30_000))
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: try origin.program(DefaultVCL.states)),
            cacheSize: ByteCount(64 << 20), identity: "test", admission: limits)
        let server = EdgeServer(core: core, loops: 2)
        let port = try await server.start(host: "127.0.0.1", port: 0)
        try await body(origin, port, core)
        await server.stop()
        try await origin.end()
    }

    @Test func aClientBeyondItsConnectionsIsTurnedAway() async throws {
        try await scenario({ $0.connectionsPerClient = 2 }) { _, port, core in
            let first = try await ScenarioClient(port: port)
            let second = try await ScenarioClient(port: port)
            #expect(try await first.get("/").status == 200)
            #expect(try await second.get("/").status == 200)
            let third = try? await ScenarioClient(port: port)
            #expect((try? await third?.get("/")) == nil)
            try await core.publish()
            #expect(core.sample().statistics.refusedConnections == 1)
            try await second.close()
            #expect(
                try await eventually {
                    let next = try? await ScenarioClient(port: port)
                    let status = try? await next?.get("/").status
                    try? await next?.close()
                    return status == 200
                })
            try await first.close()
        }
    }

    @Test func whoAsksTooOftenIsHeldAndThenTold429() async throws {
        // So few that no slow machine earns another while it asks: ten at once, and then none.
        try await scenario({
            $0.requestsPerClient = 0.0001
            $0.tarpit = .milliseconds(10)
        }) { _, port, core in
            let client = try await ScenarioClient(port: port)
            var statuses: [Int] = []
            for _ in 0..<11 { statuses.append(try await client.get("/").status) }
            #expect(statuses == Array(repeating: 200, count: 10) + [429])
            try await core.publish()
            #expect(core.sample().statistics.limitedRequests == 1)
        }
    }

    @Test func aHeadThatNeverEndsEndsWith408() async throws {
        try await scenario({ $0.headTime = .milliseconds(50) }) { _, port, core in
            let client = try await ScenarioClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: test\r\n")
            let text = try await client.readToEnd()
            #expect(text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            try await core.publish()
            #expect(core.sample().statistics.slowClients == 1)
        }
    }

    @Test func aHeadInPiecesThatEndsInTimeIsServed() async throws {
        try await scenario({ $0.headTime = .seconds(60) }) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            for piece in ["GET / HT", "TP/1.1\r\nHo", "st: test\r\n", "\r\n"] { try await client.send(piece) }
            #expect(try await client.read().status == 200)
            #expect(try await client.get("/").status == 200)
        }
    }

    @Test func whoTakesNothingIsLetGoAndItsRequestsAreNotBegun() async throws {
        try await scenario({ $0.pace = .milliseconds(50) }) { _, port, core in
            let client = try await DeafClient(port: port)
            // Each answer is small; what waits for the client must be bounded all the same.
            let request = "GET /page HTTP/1.1\r\nHost: test\r\n\r\n"
            client.send(String(repeating: request, count: 200_000))
            #expect(
                try await eventually {
                    try await core.publish()
                    return core.sample().statistics.slowClients == 1
                })
            #expect(core.sample().statistics.requests < 200_000)
            #expect(
                try await eventually {
                    try await core.publish()
                    return core.sample().openConnections == 0
                })
            try? await client.close()
        }
    }
}

/// A client that sends and never reads.
private final class DeafClient: Sendable {
    private let channel: any Channel

    init(port: Int) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.so_rcvbuf), value: 4096)
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// Whether the other end takes it or not.
    func send(_ text: String) { channel.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func close() async throws { try await channel.close().get() }
}
