import EdgeRecords
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// What an edge writes down of the requests that it answers.
@Suite struct AccessLogScenarios {
    @Test func writesALineForEachRequest() async throws {
        let sink = MemorySink()
        let hub = RecordHub(destinations: [try memoryLog(sink)])
        try await observedScenario(Observation(hub: hub)) { origin, port, _ in
            origin.answer("/a?token=t", headers: ["Cache-Control: max-age=60"])
            let client = try await ScenarioClient(port: port)
            for _ in 0..<2 {
                _ = try await client.get("/a?token=t", headers: ["User-Agent: me", "Cookie: s=1"])
            }
            #expect(try await eventually { sink.lines.count == 2 })
            let lines = try sink.lines.map { try $0.json }
            #expect(lines.map { $0["cache"] } == ["MISS", "HIT"])
            #expect(
                lines.allSatisfy { $0["status"] == 200 && $0["bytes"] == 5 && $0["client"] == "127.0.0.1" })
            #expect(lines[0]["backend"] == "F_origin" && lines[1]["backend"] == nil)
            #expect(
                lines[1]["target"] == "/a?token=***" && lines[1]["host"] == "test"
                    && lines[1]["user_agent"] == "me")
            #expect(lines[0]["snapshot"] == 7 && lines[0]["request_id"] != lines[1]["request_id"])
            #expect(!sink.lines.contains { $0.contains("s=1") })
        }
    }

    /// The program may turn the request into another; the log shows what the client sent.
    @Test func showsTheRequestAsItCame() async throws {
        let sink = MemorySink()
        let hub = RecordHub(destinations: [try memoryLog(sink, place: "memory,format=common")])
        let vcl = """
            sub vcl_recv {
              set req.backend = F_origin; set req.url = "/other"; set req.http.Host = "elsewhere";
              set client.identity = "ann"; return(lookup);
            }
            """
        try await observedScenario(Observation(hub: hub), vcl: vcl) { origin, port, _ in
            origin.answer("/other")
            _ = try await ScenarioClient(port: port).get("/asked")
            #expect(try await eventually { sink.lines.count == 1 })
            #expect(sink.lines[0].contains("\"GET /asked HTTP/1.1\" 200 5"))
        }
    }

    @Test func writesMalformedRequestsToo() async throws {
        let sink = MemorySink()
        let hub = RecordHub(destinations: [try memoryLog(sink)])
        try await observedScenario(Observation(hub: hub)) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            #expect(try await client.read().status == 400)
            #expect(try await eventually { sink.lines.count == 1 })
            let line = try sink.lines[0].json
            #expect(line["status"] == 400 && line["refused"] == true && line["target"] == "/bad")
        }
    }

    @Test func saysWhenTheClientLeft() async throws {
        let sink = MemorySink()
        let hub = RecordHub(destinations: [try memoryLog(sink)])
        try await observedScenario(Observation(hub: hub)) { origin, port, _ in
            origin.answer("/slow")
            origin.hold()
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await eventually { origin.requests.count == 1 })
            try await client.close()
            #expect(try await eventually { sink.lines.count == 1 })
            let line = try sink.lines[0].json
            #expect(line["status"] == 499 && line["cut"] == true && line["cache"] == "MISS")
            origin.release(forGood: true)
        }
    }

    /// What programs log goes to the endpoint that they name, and nowhere else.
    @Test func sendsProgramsLinesToTheirEndpoints() async throws {
        let (requests, audit, other) = (MemorySink(), MemorySink(), MemorySink())
        let hub = RecordHub(destinations: [
            try memoryLog(requests), try memoryLog(audit, .endpoint("audit log")),
            try memoryLog(other, .endpoint("b")),
        ])
        let vcl = """
            sub vcl_recv { set req.backend = F_origin; error 403; }
            sub vcl_log {
              log "syslog " req.service_id " audit log :: " req.method " " resp.status;
              log {"syslog x b :: two
            lines"};
              log "to nobody";
            }
            """
        try await observedScenario(Observation(hub: hub), vcl: vcl) { _, port, _ in
            _ = try await ScenarioClient(port: port).get("/")
            #expect(
                try await eventually {
                    !audit.lines.isEmpty && !other.lines.isEmpty && !requests.lines.isEmpty
                })
            #expect(audit.lines == ["GET 403"] && other.lines == ["two lines"])
            #expect(try requests.lines[0].json["log"] == nil)
        }
    }

    /// An edge that ends writes what it has.
    @Test func losesNothingAtItsEnd() async throws {
        let sink = MemorySink()
        let hub = RecordHub(destinations: [try memoryLog(sink)])
        try await observedScenario(Observation(hub: hub)) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            for number in 0..<50 { _ = try await client.get("/\(number)") }
        }
        #expect(sink.lines.count == 50)
    }

    /// A log that takes nothing costs lines, and no request waits for it.
    @Test func servesOnWhenALogHangs() async throws {
        let sink = MemorySink()
        sink.hold()
        let destination = try memoryLog(sink)
        try await observedScenario(Observation(hub: RecordHub(destinations: [destination]))) { _, port, _ in
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/")
            #expect(try await eventually { sink.waiting == 1 })
            for number in 0..<100 { #expect(try await client.get("/\(number)").status == 404) }
            #expect(sink.lines.isEmpty)
            sink.release()
            #expect(try await eventually { sink.lines.count == 101 })
        }
    }

    /// Nobody wants to know, and nothing is written down.
    @Test func writesNothingForNobody() async throws {
        try await observedScenario(Observation()) { _, port, core in
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/")
            try await core.handOver()
            #expect(core.observation.hub.counts.records == 0)
        }
    }
}

extension EdgeCore {
    /// What was written down up to now goes to the pump, without waiting for a tick.
    func handOver() async throws {
        for loop in loops.withLock({ $0 }) { try await loop.loop.submit { loop.observer.handOver() }.get() }
    }
}
