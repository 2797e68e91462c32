import HTTPCache
import Kernel
import Testing
import VCLRuntime

@testable import Edge

/// Ways in which a backend cannot be had at all.
enum Unreachable: String, CaseIterable, Sendable {
    case refuses, doesNotAnswer, unknownName, noTLS, untrusted, otherName, unhealthy, undeclared

    var response: String {
        switch self {
        case .refuses: "connection refused"
        case .doesNotAnswer: "connection timed out"
        case .unknownName: "unable to resolve the backend's name"
        case .noTLS: "SSL handshake error"
        case .untrusted: "unable to get local issuer certificate"
        case .otherName: "hostname doesn't match against certificate"
        case .unhealthy: "Backend is unhealthy"
        case .undeclared: "no backend"
        }
    }
}

/// What a client gets when there is no way to the backend, and that nobody waits for ever.
@Suite struct UnreachableScenarios {
    /// The program before, whose backend answers, and the same with a backend that cannot be had.
    private func with(
        _ way: Unreachable, states: String,
        _ body: (_ port: Int, _ core: EdgeCore, _ bad: Program) async throws -> Void
    ) async throws {
        let good = FaultyOrigin { _ in
            [.send(FaultyOrigin.ok("good", "Cache-Control: max-age=60, stale-if-error=600"))]
        }
        try await good.start()
        let dead = FaultyOrigin()
        try await dead.start(on: FaultyOrigin.quietAddress)
        try await dead.stop()
        let mail = FaultyOrigin(greeting: "220 mail.example ESMTP\r\n")
        try await mail.start()
        let tls = try TestTLSOrigin()
        try await tls.origin.start(tls: tls.context)
        let full = try await FullPort()
        let backend =
            switch way {
            case .refuses: ".host = \"\(FaultyOrigin.quietAddress)\"; .port = \"\(dead.port)\";"
            case .doesNotAnswer: ".port = \"\(full.port)\"; .connect_timeout = 200ms;"
            case .unknownName: ".host = \"no-such-host.invalid\"; .connect_timeout = 60s;"
            case .noTLS: ".port = \"\(mail.port)\"; .ssl = true; .connect_timeout = 60s;"
            case .untrusted: ".port = \"\(tls.origin.port)\"; .ssl = true; .connect_timeout = 60s;"
            case .otherName:
                ".port = \"\(tls.origin.port)\"; .ssl = true; .ssl_ca_cert = {\"\(tls.pem)\"}; .connect_timeout = 60s;"
            case .unhealthy:
                ".host = \"\(FaultyOrigin.quietAddress)\"; .port = \"\(dead.port)\"; .probe = { .url = \"/\"; .interval = 3600s; .initial = 0; .threshold = 1; }"
            case .undeclared: ".port = \"\(dead.port)\";"
            }
        let pool = way == .undeclared ? "director F_pool shield { .shield = \"x\"; }" : ""
        let name = way == .undeclared ? "F_pool" : "F_origin"
        let ownHost: [Unreachable] = [.unknownName, .refuses, .unhealthy]
        let host = ownHost.contains(way) ? "" : ".host = \"127.0.0.1\";"
        let bad = "backend F_origin { \(host) \(backend) } \(pool)\n"
        let before = "backend F_origin { .host = \"127.0.0.1\"; .port = \"\(good.port)\"; }\n"
        try await edgeScenario(before + states.replacing("BACKEND", with: "F_origin")) { port, core in
            try await body(port, core, try program(bad + states.replacing("BACKEND", with: name)))
        }
        for origin in [good, dead, mail, tls.origin] { try await origin.end() }
        try await full.end()
    }

    private static let plain = "sub vcl_recv { set req.backend = BACKEND; return(lookup); }"

    @Test(arguments: Unreachable.allCases)
    func servesWhatIsStale(_ way: Unreachable) async throws {
        let states = DefaultVCL.states.replacing("F_origin", with: "BACKEND")
        try await with(way, states: states) { port, core, bad in
            #expect(try await ScenarioClient(port: port).get("/a").body == "good")
            core.install(Snapshot(number: 2, program: bad))
            core.cache.purgeAll(soft: true, now: wallClock())
            let stale = try await ScenarioClient(port: port).get("/a")
            #expect(stale.status == 200 && stale.body == "good" && stale["X-Cache"] == "STALE")
        }
    }

    @Test(arguments: Unreachable.allCases)
    func tellsAllWhoWait(_ way: Unreachable) async throws {
        try await with(way, states: Self.plain) { port, core, bad in
            core.install(Snapshot(number: 2, program: bad))
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let client = try await ScenarioClient(port: port)
                        try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                        return try await client.readToEnd()
                    }
                }
                for try await text in group { #expect(text.hasPrefix("HTTP/1.1 503 \(way.response)\r\n")) }
            }
        }
    }
}
