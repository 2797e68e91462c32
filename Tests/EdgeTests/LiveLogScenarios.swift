import EdgeRecords
import Foundation
import Kernel
import NIOCore
import Testing

@testable import Edge

@Suite struct LiveLogScenarios {
    @Test func showsWhatFits() async throws {
        let vcl = "sub vcl_recv { log \"seen\"; set req.backend = F_origin; error 404; }"
        try await observedScenario(Observation(), vcl: vcl) { _, port, core in
            let stream = try core.observation.hub.follow(try RecordFilter("path ~ \"^/api\""), clients: .none)
            try await core.settle()
            let client = try await ScenarioClient(port: port)
            for path in ["/other", "/api/x?token=t", "/other"] { _ = try await client.get(path) }
            let lines = stream.compactMap { $0.count > 1 ? String(decoding: $0, as: UTF8.self) : nil }
            let line = try #require(await lines.first { _ in true }).json
            #expect(line["target"] == "/api/x?token=***" && line["client"] == "-" && line["log"] == ["seen"])
        }
    }

    /// An edge that nobody follows any more writes nothing down.
    @Test func endsWithItsLastFollower() async throws {
        try await observedScenario(Observation()) { _, port, core in
            let hub = core.observation.hub
            var stream: AsyncStream<Data>? = try hub.follow(.everything)
            #expect(hub.isWanted)
            try await core.settle()
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/")
            try await core.handOver()
            #expect(hub.counts.records == 1)
            withExtendedLifetime(stream) {}
            stream = nil
            #expect(try await eventually { !hub.isWanted })
            try await core.settle()
            _ = try await client.get("/")
            try await core.handOver()
            #expect(hub.counts.records == 1)
        }
    }

    @Test func isForAFewAtOnce() throws {
        let hub = RecordHub()
        let streams = try (0..<LogLimits.followers).map { _ in try hub.follow(.everything) }
        let failure = #expect(throws: Failure.self) { try hub.follow(.everything) }
        #expect(failure?.kind == .limit)
        withExtendedLifetime(streams) {}
    }

    /// A slow terminal is told how much it did not see.
    @Test func saysWhatIsLeftOut() async throws {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Data.self, bufferingPolicy: .bufferingOldest(2))
        let follower = LogFollower(.everything, .full, continuation)
        let chunk = RecordChunk()
        for _ in 0..<5 { #expect(chunk.append(RecordDraft())) }
        follower.take(chunk)
        var iterator = stream.makeAsyncIterator()
        for _ in 0..<2 { _ = await iterator.next() }
        let one = RecordChunk()
        #expect(one.append(RecordDraft()))
        follower.take(one)
        let line = try #require(await iterator.next())
        #expect(String(decoding: line, as: UTF8.self) == "{\"lost\":3}\n")
        continuation.finish()
    }
}

extension EdgeCore {
    /// Until the loops have heard what was said to them.
    func settle() async throws {
        for loop in loops.withLock({ $0 }) { try await loop.loop.submit {}.get() }
    }
}
