import EdgeLink
import HTTPCache
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// What an edge says of itself.
@Suite struct SampleScenarios {
    @Test func countsEachAnswerOnceByWhatItBecame() async throws {
        let vcl = """
            sub vcl_recv {
              set req.backend = F_origin;
              if (req.url == "/made") { error 404; }
              if (req.url == "/passed") { return(pass); }
              return(lookup);
            }
            sub vcl_fetch {
              if (beresp.status >= 500 && stale.exists) { return(deliver_stale); }
              if (req.url == "/refused") { error 403; }
              return(deliver);
            }
            """
        try await scenario(vcl: vcl) { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60, stale-if-error=60", "ETag: \"1\""])
            origin.answer("/passed")
            origin.answer("/refused")
            let client = try await ScenarioClient(port: port)
            for path in ["/a", "/a", "/passed", "/made", "/refused"] { _ = try await client.get(path) }
            _ = try await client.get("/a", headers: ["If-None-Match: *"])
            core.cache.purgeAll(soft: true, now: wallClock())
            origin.answer("/a", status: "500 Oops")
            #expect(try await client.get("/a")["X-Cache"] == "STALE")
            _ = try await client.get("/a", method: "PURGE")
            #expect(try await client.get("/a").status == 500)
            try await client.send("GET / HTTP/1.1\r\n\r\n")
            #expect(try await client.read().status == 400)
            try await core.publish()
            let found = core.sample().statistics
            #expect(found.hits == 2 && found.stale == 1 && found.misses == 2 && found.passes == 1)
            #expect(found.synthetics == 4 && found.requests == 10)
            #expect(found.statuses == [0, 5, 1, 3, 1])
        }
    }

    @Test func showsConnectionsBackendsAndWhatIsCached() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", headers: ["Cache-Control: max-age=60"])
            origin.answer("/broken", status: "502 Bad Gateway", delay: .milliseconds(5))
            let client = try await ScenarioClient(port: port)
            let other = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            _ = try await client.get("/broken")
            _ = try await other.get("/a")
            try await core.publish()
            let sample = core.sample()
            #expect(sample.openConnections == 2 && sample.statistics.connections == 2)
            #expect(sample.edge == "test" && sample.started <= sample.at)
            #expect(sample.cachedObjects >= 1 && sample.cachedBytes > 5)
            let backend = try #require(sample.backends.first)
            #expect(backend.name == "F_origin" && backend.address == "127.0.0.1:\(origin.port)")
            #expect(backend.fetches == 2 && backend.errors == 1 && backend.failures == 0)
            #expect(backend.firstByteNanoseconds >= 5_000_000)
            try await other.close()
            #expect(
                try await eventually {
                    try await core.publish()
                    return core.sample().openConnections == 1
                })
        }
    }

    @Test func countsWhatABackendFails() async throws {
        try await scenario { origin, port, core in
            try await origin.stop()
            #expect(try await ScenarioClient(port: port).get("/a").status == 503)
            try await core.publish()
            let backend = try #require(core.sample().backends.first)
            #expect(backend.fetches == 1 && backend.failures == 1 && backend.errors == 0)
        }
    }

    @Test func findsWhatIsAskedForMostOnAllLoops() async throws {
        try await scenario { origin, port, core in
            origin.answer("/popular", headers: ["Cache-Control: max-age=60"])
            for connection in 0..<4 {
                let client = try await ScenarioClient(port: port)
                for number in 0..<50 {
                    _ = try await client.get("/\(connection)/\(number)")
                    if number % 5 == 0 { _ = try await client.get("/popular?number=\(number)") }
                }
            }
            try await core.publish()
            let paths = core.sample().topPaths
            #expect(paths.first == EdgeSample.TopPath(host: "test", path: "/popular", count: 40))
            #expect(paths.count == EdgeLimits.topPaths && paths.dropFirst().allSatisfy { $0.count == 1 })
        }
    }

    @Test func countsNoVisitOfTheControlPlaneAndHandsItsWordToNobody() async throws {
        let origin = ScenarioOrigin()
        try await origin.start()
        origin.answer("/a")
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: try origin.program(DefaultVCL.states)),
            cacheSize: ByteCount(1 << 20), identity: "test", checkWord: "secret")
        let server = EdgeServer(core: core, loops: 1)
        let client = try await ScenarioClient(port: try await server.start(host: "127.0.0.1", port: 0))
        #expect(try await client.get("/a", headers: ["HQ-Check: secret"]).status == 200)
        #expect(try await client.get("/b", headers: ["HQ-Check: guess"]).status == 404)
        try await core.publish()
        let sample = core.sample()
        #expect(sample.statistics.requests == 1 && sample.statistics.statuses == [0, 0, 0, 1, 0])
        #expect(sample.topPaths.map { $0.path } == ["/b"])
        #expect(!origin.requests.contains { $0.lowercased().contains("hq-check") })
        await server.stop()
        try await origin.end()
    }
}
