import Diagnostics
import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

@Suite struct HealthScenarios {
    @Test func asksNobodyWhoIsNotWell() async throws {
        let origin = ScenarioOrigin()
        try await origin.start()
        let other = ScenarioOrigin()
        try await other.start()
        origin.answer("/health", body: "")
        origin.answer("/a", body: "first")
        other.answer("/a", body: "second")
        let core = EdgeCore(
            snapshot: Snapshot(number: 1, program: try program(origin.port, other.port)),
            cacheSize: ByteCount(1 << 20), identity: "test")
        let server = EdgeServer(core: core, loops: 1)
        let client = try await ScenarioClient(port: try await server.start(host: "127.0.0.1", port: 0))
        #expect(try await client.get("/a").body == "first")
        origin.answer("/health", status: "500 Sick", body: "")
        #expect(try await eventually { try await client.get("/a").body == "second" })
        #expect(try await client.get("/alone").status == 503)
        #expect(try await client.get("/well")["X-Well"] == "0")
        // The same backend in another program is as it was.
        core.install(Snapshot(number: 2, program: try program(origin.port, other.port)))
        #expect(try await client.get("/a").body == "second")
        origin.answer("/health", body: "")
        #expect(try await eventually { try await client.get("/a").body == "first" })
        await server.stop()
        try await origin.end()
        try await other.end()
    }

    private func program(_ port: Int, _ other: Int) throws -> Program {
        let text = """
            backend first {
              .host = "127.0.0.1"; .port = "\(port)";
              .probe = {
                .request = "GET /health HTTP/1.1" "Host: test" "Connection: close";
                .interval = 500ms; .timeout = 2s; .window = 1; .threshold = 1;
              }
            }
            backend second { .host = "127.0.0.1"; .port = "\(other)"; }
            director both fallback { { .backend = first; } { .backend = second; } }
            sub vcl_recv {
              set req.backend = both;
              if (req.url == "/alone") { set req.backend = first; }
              if (req.url == "/well") { error 200; }
              return(pass);
            }
            sub vcl_deliver { set resp.http.X-Well = backend.first.healthy; return(deliver); }
            """
        let compiler = Compiler()
        guard let program = compiler.compile(SourceFile(name: "test.vcl", text: text)) else {
            throw Failure(.invalid, compiler.diagnostics.placed(in: compiler.sources).rendered())
        }
        return program
    }
}

@Suite struct HealthWindowTests {
    @Test func countsTheLastProbes() {
        var check = HealthCheck(host: "a")
        (check.window, check.threshold, check.initial) = (4, 3, 3)
        var window = HealthWindow(check)
        #expect(window.isHealthy)
        window.record(isGood: false)
        #expect(window.isHealthy)
        window.record(isGood: false)
        #expect(!window.isHealthy)
        for _ in 0..<3 { window.record(isGood: true) }
        #expect(window.isHealthy)
        check.initial = 0
        #expect(!HealthWindow(check).isHealthy)
    }
}
