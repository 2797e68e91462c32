import HTTPCache
import Kernel
import NIOCore
import Testing
import VCLRuntime

@testable import Edge

/// What goes wrong with a backend, and what a client is told.
struct Fault: Sendable, CustomTestStringConvertible {
    let name: String
    let script: FaultyOrigin.Script
    /// `obj.response`, or nil where the backend's own answer goes on.
    let response: String?
    /// What of the body a client has before the end breaks off; nil where the failure is known before the answer begins.
    var half: String?
    var properties = ""
    /// Before the fault, to have something stale: the same in all.
    var testDescription: String { name }

    static let all: [Fault] = [
        Fault(
            name: "says nothing", script: { _ in [] }, response: "first byte timeout",
            properties: ".first_byte_timeout = 200ms;"),
        Fault(
            name: "pauses in the head", script: { _ in [.send("HTTP/1.1 200 OK\r\nCache-Con")] },
            response: "first byte timeout", properties: ".first_byte_timeout = 200ms;"),
        Fault(name: "closes at once", script: { _ in [.close] }, response: "backend read error"),
        Fault(name: "resets at once", script: { _ in [.reset] }, response: "backend read error"),
        Fault(
            name: "closes in the head", script: { _ in [.send("HTTP/1.1 200 OK\r\n"), .close] },
            response: "backend read error"),
        Fault(
            name: "speaks another language", script: { _ in [.send("SSH-2.0-OpenSSH_9.2\r\n\r\n")] },
            response: "backend response malformed"),
        Fault(
            name: "sends an endless head",
            script: { _ in [.send("HTTP/1.1 200 OK\r\n"), .flood("X-A: b\r\n")] },
            response: "backend response malformed"),
        Fault(
            name: "says two lengths",
            script: { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello")]
            },
            response: "backend response malformed"),
        Fault(
            name: "says 101 unasked", script: { _ in [.send("HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\n")] },
            response: "backend response malformed"),
        Fault(
            name: "is broken",
            script: { _ in [.send("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops")] }, response: nil),
        Fault(
            name: "closes in a body with a length",
            script: { _ in
                [
                    .send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\nhalf"),
                    .close,
                ]
            },
            response: nil, half: "half"),
        Fault(
            name: "closes in a body of chunks",
            script: { _ in [.send(Fault.chunked + "4\r\nhalf\r\n"), .close] }, response: nil, half: "half"),
        Fault(
            name: "sends garbage in place of a chunk",
            script: { _ in [.send(Fault.chunked + "4\r\nhalf\r\nzzz\r\n")] }, response: nil, half: "half"),
        Fault(
            name: "pauses in the body",
            script: { _ in
                [.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\nhalf")]
            },
            response: nil, half: "half", properties: ".between_bytes_timeout = 200ms;"),
        Fault(
            name: "never ends", script: { _ in [.send(Fault.chunked + "4\r\nhalf\r\n")] }, response: nil,
            half: "half", properties: ".fetch_timeout = 300ms;"),
    ]

    private static let chunked =
        "HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n"
}

@Suite struct FaultScenarios {
    private static func program(_ port: Int, _ properties: String, states: String = DefaultVCL.states)
        -> String
    {
        """
        backend F_origin { .host = "127.0.0.1"; .port = "\(port)"; \(properties) }
        \(states)
        sub vcl_error { set obj.http.X-Why = obj.response; }
        """
    }

    private static let good = FaultyOrigin.ok("good", "Cache-Control: max-age=60, stale-if-error=600")

    @Test(arguments: Fault.all)
    func saysWhatIsWrongWhenThereIsNothingStale(_ fault: Fault) async throws {
        let origin = FaultyOrigin(fault.script)
        try await origin.start()
        try await edgeScenario(Self.withoutStale(origin.port, fault.properties)) { port, _ in
            let client = try await ScenarioClient(port: port)
            try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            let text = try await client.readToEnd()
            if let half = fault.half {
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(text.contains("Content-Length: 10") == !text.contains("chunked"))
                #expect(text.contains(half) && !text.hasSuffix("0\r\n\r\n"))
            } else if let response = fault.response {
                #expect(text.hasPrefix("HTTP/1.1 503 \(response)\r\n"))
            } else {
                #expect(text.hasPrefix("HTTP/1.1 500 Oops\r\n") && text.hasSuffix("oops"))
            }
            // Half of it is not kept, and the edge serves on.
            origin.act { _ in [.send(FaultyOrigin.ok("well"))] }
            #expect(try await eventually { try await ScenarioClient(port: port).get("/a").body == "well" })
        }
        try await origin.end()
    }

    private static func withoutStale(_ port: Int, _ properties: String) -> String {
        """
        backend F_origin { .host = "127.0.0.1"; .port = "\(port)"; \(properties) }
        sub vcl_recv { set req.backend = F_origin; return(lookup); }
        """
    }

    @Test(arguments: Fault.all)
    func servesWhatIsStale(_ fault: Fault) async throws {
        let origin = FaultyOrigin { _ in [.send(Self.good)] }
        try await origin.start()
        try await edgeScenario(Self.program(origin.port, fault.properties)) { port, core in
            #expect(try await ScenarioClient(port: port).get("/a").body == "good")
            core.cache.purgeAll(soft: true, now: wallClock())
            origin.act(fault.script)
            if let half = fault.half {
                // The answer had begun; whoever asks next, while the backend says nothing, has the old one.
                let client = try await ScenarioClient(port: port)
                try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                #expect(try await client.readToEnd().contains(half))
                origin.act { _ in [.close] }
            }
            let stale = try await ScenarioClient(port: port).get("/a")
            #expect(stale.status == 200 && stale.body == "good" && stale["X-Cache"] == "STALE")
        }
        try await origin.end()
    }

    /// Twenty ask for what is fetched; the fetch fails in each way, and none of them hangs.
    @Test(arguments: Fault.all)
    func letsNobodyWaitForEver(_ fault: Fault) async throws {
        let origin = FaultyOrigin(fault.script)
        try await origin.start()
        try await edgeScenario(Self.withoutStale(origin.port, fault.properties)) { port, _ in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let client = try await ScenarioClient(port: port)
                        try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                        return try await client.readToEnd()
                    }
                }
                for try await text in group {
                    let start =
                        fault.half != nil ? "200 OK" : fault.response.map { "503 \($0)" } ?? "500 Oops"
                    // Who came after the end of one fetch began another, which may find the backend's port closed by then.
                    #expect(text.hasPrefix("HTTP/1.1 \(start)\r\n"))
                }
            }
        }
        try await origin.end()
    }
}

/// Backends to which there is no way.
@Suite struct ConnectingScenarios {
    private func answer(_ backend: String) async throws -> ScenarioClient.Answer {
        var answer: ScenarioClient.Answer?
        let vcl = """
            backend F_origin { \(backend) }
            sub vcl_recv { set req.backend = F_origin; return(pass); }
            sub vcl_error { set obj.http.X-Why = obj.response; return(deliver); }
            """
        try await edgeScenario(vcl) { port, _ in answer = try await ScenarioClient(port: port).get("/a") }
        return try #require(answer)
    }

    @Test func saysThatNobodyListens() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        try await origin.stop()
        let found = try await answer(".host = \"127.0.0.1\"; .port = \"\(origin.port)\";")
        #expect(found.status == 503 && found["X-Why"] == "connection refused")
        try await origin.end()
    }

    @Test func givesUpConnecting() async throws {
        let full = try await FullPort()
        let found = try await answer(
            ".host = \"127.0.0.1\"; .port = \"\(full.port)\"; .connect_timeout = 200ms;")
        #expect(found.status == 503 && found["X-Why"] == "connection timed out")
        try await full.end()
    }

    @Test func saysThatANameIsUnknown() async throws {
        let found = try await answer(
            ".host = \"no-such-host.invalid\"; .port = \"80\"; .connect_timeout = 30s;")
        #expect(found.status == 503 && found["X-Why"] == "unable to resolve the backend's name")
    }

    /// A connection kept alive that ends just as it is used: the request is made again when it may be, over a new one.
    @Test func asksAgainOverANewConnection() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        let vcl = """
            backend F_origin { .host = "127.0.0.1"; .port = "\(origin.port)"; }
            sub vcl_recv { set req.backend = F_origin; return(pass); }
            """
        try await edgeScenario(vcl, loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            #expect(try await client.get("/a").body == "hello")
            let seen = origin.requests.count
            origin.act { [weak origin] _ in
                // The first on the old connection; what comes after it over a new one is answered.
                (origin?.requests.count ?? 0) == seen + 1 ? [.close] : [.send(FaultyOrigin.ok("again"))]
            }
            #expect(try await client.get("/b").body == "again")
            #expect(origin.connections == 2)
            // A POST may have done its work.
            let before = origin.requests.count
            origin.act { _ in [.close] }
            #expect(try await client.get("/c", method: "POST").status == 503)
            #expect(origin.requests.count == before + 1)
        }
        try await origin.end()
    }

    @Test func closesWhatWasIdleForTooLong() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        let vcl = """
            backend F_origin { .host = "127.0.0.1"; .port = "\(origin.port)"; .max_use = 2; }
            sub vcl_recv { set req.backend = F_origin; return(pass); }
            sub vcl_pass { if (req.url == "/new") { set bereq.max_reuse_idle_time = 0.001ms; } return(pass); }
            """
        try await edgeScenario(vcl, loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            for count in 1...4 {
                _ = try await client.get("/a")
                #expect(origin.connections == (count + 1) / 2)
            }
            _ = try await client.get("/a")
            #expect(origin.connections == 3)
            _ = try await client.get("/new")
            #expect(origin.connections == 4)
        }
        try await origin.end()
    }

    /// One connection for the whole edge, whatever loop asks.
    @Test func keepsToItsConnections() async throws {
        let origin = FaultyOrigin()
        try await origin.start()
        let vcl = """
            backend F_origin {
              .host = "127.0.0.1"; .port = "\(origin.port)"; .max_connections = 1; .connect_timeout = 60s;
            }
            sub vcl_recv { set req.backend = F_origin; return(pass); }
            """
        try await edgeScenario(vcl, loops: 2) { port, core in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await ScenarioClient(port: port).get("/a").status }
                }
                for try await status in group { #expect(status == 200) }
            }
            let place = OriginPlace(core.snapshot.program.backends[0])
            #expect(core.origins.budget.open(place) == 1)
        }
        #expect(origin.requests.count == 20)
        try await origin.end()
    }

    @Test func saysThatAllConnectionsAreInUse() async throws {
        let origin = FaultyOrigin { _ in [] }
        try await origin.start()
        let vcl = """
            backend F_origin {
              .host = "127.0.0.1"; .port = "\(origin.port)"; .max_connections = 1;
              .first_byte_timeout = 60s;
            }
            sub vcl_recv { set req.backend = F_origin; return(pass); }
            sub vcl_pass {
              if (req.url == "/b") { set bereq.connect_timeout = 100ms; }
              return(pass);
            }
            """
        try await edgeScenario(vcl) { port, _ in
            let first = try await ScenarioClient(port: port)
            try await first.send("GET /a HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(try await eventually { origin.requests.count == 1 })
            let second = try await ScenarioClient(port: port)
            try await second.send("GET /b HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            #expect(try await second.readToEnd().hasPrefix("HTTP/1.1 503 backend.max_conn reached\r\n"))
            try await first.close()
        }
        try await origin.end()
    }
}
