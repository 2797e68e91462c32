import EdgeLink
import HTTPCache
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// Whose fault is it? Requests that failed, tried again under the snapshots before and after a change.
@Suite struct TrialScenarios {
    /// Fails for paths in the dictionary `closed`, and changes a request in all ways that a try must not inherit.
    private let closing = """
        sub vcl_recv {
          if (table.contains(closed, req.url.path)) { error 503; }
          if (req.http.Cookie) { error 500; }
          set req.url = "/rewritten";
          unset req.http.Host;
          set req.method = "POST";
          error 599;
        }
        """

    private func order(_ snapshots: Int64...) -> TrialOrder {
        TrialOrder(id: 5, snapshots: snapshots, since: 0)
    }

    private func closed(_ paths: [String], number: Int64, in other: Snapshot) -> Snapshot {
        let table = Table(name: "closed", entries: paths.map { (key: $0, value: "yes") })
        return other.replacing(table, number: number)
    }

    @Test func findsADictionaryGuilty() async throws {
        let vcl = """
            sub vcl_recv { set req.backend = F_origin; if (table.contains(closed, req.url.path)) { error 503; } }
            """
        try await scenario(vcl: vcl) { origin, port, core in
            for path in ["/a", "/b", "/c"] { origin.answer(path) }
            core.install(closed(["/a", "/b"], number: 2, in: core.snapshot))
            for path in ["/a", "/b?x=1", "/c", "/a"] {
                let status = try await ScenarioClient(port: port).get(path).status
                #expect(status == (path == "/c" ? 200 : 503))
            }
            let result = await core.trial(order(1, 2))
            #expect(result.edge == "test" && result.id == 5 && result.tried == 3)
            #expect(result.failures == [1: 0, 2: 3])
            #expect(result.examples.sorted() == ["test/a", "test/b"])
        }
    }

    @Test func findsAProgramGuiltyOfWhatTheClientSent() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a")
            core.install(closed([], number: 2, in: Snapshot(number: 2, program: try origin.program(closing))))
            let client = try await ScenarioClient(port: port)
            #expect(try await client.get("/a", headers: ["Cookie: a=b"]).status == 500)
            #expect(try await client.get("/a").status == 599)
            #expect(try await client.get("/a", method: "HEAD").status == 599)
            try await client.send("POST /a HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx")
            #expect(try await client.read().status == 599)
            core.install(closed(["/a"], number: 3, in: core.snapshot))
            let result = await core.trial(order(1, 2, 3))
            #expect(result.tried == 3 && result.failures == [1: 0, 2: 3, 3: 3])
            #expect(origin.requests.count == 3 && origin.requests.contains { $0.contains("Cookie: a=b") })
        }
    }

    @Test func accusesNobodyWhenTheOriginIsDown() async throws {
        try await scenario { origin, port, core in
            try await origin.stop()
            core.install(closed([], number: 2, in: core.snapshot))
            for number in 0..<40 {
                #expect(try await ScenarioClient(port: port).get("/\(number)").status == 503)
            }
            let result = await core.trial(order(1, 2))
            #expect(result.tried == EdgeLimits.trialRequests)
            #expect(result.failures == [1: result.tried, 2: result.tried])
            #expect(result.examples.count == EdgeLimits.trialExamples)
        }
    }

    @Test func accusesNobodyWhenTheOriginHangs() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", status: "500 Oops")
            let client = try await ScenarioClient(port: port)
            #expect(try await client.get("/a").status == 500)
            core.install(closed([], number: 2, in: core.snapshot))
            origin.hold()
            let result = await core.trial(order(1, 2), within: .milliseconds(100))
            #expect(result.tried == 1 && result.failures == [1: 1, 2: 1])
            origin.release(forGood: true)
            #expect(try await client.get("/a").status == 500, "what was tried holds up nobody")
        }
    }

    @Test func triesOnlyWhatFailedSince() async throws {
        try await scenario { origin, port, core in
            origin.answer("/a", status: "500 Oops")
            _ = try await ScenarioClient(port: port).get("/a")
            let later = wallClock() / 1_000_000 + 1
            let result = await core.trial(TrialOrder(id: 1, snapshots: [1], since: later))
            #expect(result.tried == 0 && result.failures == [1: 0])
            #expect(await core.trial(order(0)).failures.isEmpty)
        }
    }

    @Test func leavesTheCacheAndTheCountersAsTheyWere() async throws {
        try await scenario(loops: 1) { origin, port, core in
            let life = ["Cache-Control: max-age=60, stale-while-revalidate=60, stale-if-error=60"]
            origin.answer("/new", status: "500 Oops")
            origin.answer("/hit", status: "500 Oops")
            origin.answer("/stale", status: "500 Oops")
            let client = try await ScenarioClient(port: port)
            for path in ["/new", "/hit", "/stale"] { #expect(try await client.get(path).status == 500) }
            for path in ["/new", "/hit", "/stale"] { origin.answer(path, headers: life) }
            _ = try await client.get("/stale")
            core.cache.purgeAll(soft: true, now: wallClock())
            _ = try await client.get("/hit")
            core.install(closed([], number: 2, in: core.snapshot))
            try await core.publish()
            let before = core.sample()
            let asked = origin.requests.count

            let result = await core.trial(order(1, 2))
            #expect(result.tried == 3 && result.failures == [1: 0, 2: 0])
            try await core.publish()
            let after = core.sample()
            #expect(after.statistics == before.statistics && after.backends == before.backends)
            #expect(after.topPaths == before.topPaths)
            #expect(after.cachedObjects == before.cachedObjects && after.cachedBytes == before.cachedBytes)
            #expect(
                origin.requests.count == asked + 2,
                "only what was nowhere in the cache, once for each snapshot")
            #expect(try await client.get("/hit")["X-Cache-Hits"] == "1")
            #expect(try await client.get("/new")["X-Cache"] == "MISS")
        }
    }
}
