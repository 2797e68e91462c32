import Foundation
import HTTPCache
import Kernel
import NIOCore
import NIOSSL
import Testing
import VCLRuntime

@testable import Edge

/// An origin whose certificate is for `name`, signed by itself.
struct TestTLSOrigin {
    let origin = FaultyOrigin()
    let context: NIOSSLContext
    /// The certificate's text.
    let pem: String

    init(_ name: String, version: TLSVersion? = nil) throws {
        let certificate = try TestCertificate(name)
        let chain = try NIOSSLCertificate.fromPEMFile(certificate.file.chain)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.file.key, format: .pem)))
        if let version {
            (configuration.minimumTLSVersion, configuration.maximumTLSVersion) = (version, version)
        }
        context = try NIOSSLContext(configuration: configuration)
        pem = try String(contentsOfFile: certificate.file.chain, encoding: .utf8)
    }
}

/// Backends that are spoken to over TLS.
@Suite struct OriginTLSScenarios {
    /// Runs `body` with an origin whose certificate is for `name`, and the text of that certificate.
    private func origin(
        for name: String, version: TLSVersion? = nil, _ body: (FaultyOrigin, String) async throws -> Void
    ) async throws {
        let made = try TestTLSOrigin(name, version: version)
        try await made.origin.start(tls: made.context)
        try await body(made.origin, made.pem)
        try await made.origin.end()
    }

    private func answer(_ port: Int, _ properties: String) async throws -> ScenarioClient.Answer {
        var answer: ScenarioClient.Answer?
        let vcl = """
            backend F_origin { .host = "127.0.0.1"; .port = "\(port)"; .ssl = true; \(properties) }
            sub vcl_recv { set req.backend = F_origin; return(pass); }
            sub vcl_error { set obj.http.X-Why = obj.response; return(deliver); }
            """
        try await edgeScenario(vcl, loops: 1) { port, _ in
            let client = try await ScenarioClient(port: port)
            _ = try await client.get("/a")
            answer = try await client.get("/a")
        }
        return try #require(answer)
    }

    private func trusting(_ pem: String) -> String { ".ssl_ca_cert = {\"\(pem)\"};" }

    @Test func asksOverTLS() async throws {
        try await origin(for: "origin.example") { (origin, pem) async throws in
            let found = try await answer(
                origin.port, trusting(pem) + ".ssl_cert_hostname = \"origin.example\";")
            #expect(found.status == 200 && found.body == "hello")
            #expect(origin.connections == 1 && origin.requests.count == 2)
        }
    }

    @Test func believesOnlyAuthorities() async throws {
        try await origin(for: "origin.example") { (origin, _) async throws in
            let found = try await answer(origin.port, ".ssl_cert_hostname = \"origin.example\";")
            #expect(found.status == 503 && found["X-Why"] == "unable to get local issuer certificate")
            #expect(origin.requests.isEmpty)
        }
    }

    @Test func wantsTheNameThatWasDeclared() async throws {
        try await origin(for: "origin.example") { (origin, pem) async throws in
            let other = try await answer(
                origin.port, trusting(pem) + ".ssl_cert_hostname = \"other.example\";")
            #expect(other["X-Why"] == "hostname doesn't match against certificate")
            // Without one, the backend's own.
            let own = try await answer(origin.port, trusting(pem))
            #expect(own["X-Why"] == "hostname doesn't match against certificate")
            #expect(origin.requests.isEmpty)
            let asked = try await answer(
                origin.port,
                trusting(pem)
                    + ".ssl_sni_hostname = \"asked.example\"; .ssl_cert_hostname = \"origin.example\";")
            #expect(asked.status == 200)
        }
    }

    @Test func asksAnybodyWhenToldSo() async throws {
        try await origin(for: "origin.example") { (origin, _) async throws in
            #expect(try await answer(origin.port, ".ssl_check_cert = never;").body == "hello")
        }
    }

    @Test func keepsToTheVersionsThatWereDeclared() async throws {
        try await origin(for: "origin.example", version: .tlsv12) { (origin, _) async throws in
            let old = ".ssl_check_cert = never; .max_tls_version = \"1.2\";"
            let good = try await answer(origin.port, old)
            #expect(good.status == 200)
            let new = ".ssl_check_cert = never; .min_tls_version = \"1.3\";"
            let bad = try await answer(origin.port, new)
            #expect(bad["X-Why"] == "SSL handshake error")
        }
    }

    @Test func saysThatTheOtherSideSpeaksNoTLS() async throws {
        let origin = FaultyOrigin(greeting: "220 mail.example ESMTP\r\n")
        try await origin.start()
        let plain = try await answer(origin.port, ".connect_timeout = 60s;")
        #expect(plain.status == 503)
        #expect(plain["X-Why"] == "SSL handshake error")
        try await origin.end()
    }

    /// A body that only the connection's end ends may have been cut by anybody, unless TLS says goodbye.
    @Test func takesNoCutBodyForAWholeOne() async throws {
        try await origin(for: "origin.example") { (origin, _) async throws in
            origin.act { _ in [.send("HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n\r\nhalf"), .reset] }
            let vcl = """
                backend F_origin {
                  .host = "127.0.0.1"; .port = "\(origin.port)"; .ssl = true; .ssl_check_cert = never;
                }
                sub vcl_recv { set req.backend = F_origin; return(lookup); }
                """
            try await edgeScenario(vcl, loops: 1) { port, _ in
                let client = try await ScenarioClient(port: port)
                try await client.send("GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
                let text = try await client.readToEnd()
                #expect(text.contains("half") && !text.hasSuffix("0\r\n\r\n"))
                origin.act { _ in [.send(FaultyOrigin.ok("whole"))] }
                #expect(
                    try await eventually { try await ScenarioClient(port: port).get("/a").body == "whole" })
            }
        }
    }

    @Test func probesOverTLSToo() async throws {
        try await origin(for: "origin.example") { (origin, _) async throws in
            origin.act { request in
                request.hasPrefix("GET /health")
                    ? [.send("HTTP/1.1 500 Sick\r\nContent-Length: 0\r\n\r\n")]
                    : [.send(FaultyOrigin.ok("hello"))]
            }
            let vcl = """
                backend F_origin {
                  .host = "127.0.0.1"; .port = "\(origin.port)"; .ssl = true; .ssl_check_cert = never;
                  .probe = { .url = "/health"; .interval = 500ms; .timeout = 30s; .window = 1; .threshold = 1; }
                }
                sub vcl_recv { set req.backend = F_origin; return(pass); }
                """
            try await edgeScenario(vcl, loops: 1) { port, _ in
                let client = try await ScenarioClient(port: port)
                #expect(try await eventually { try await client.get("/a").status == 503 })
                origin.act { _ in [.send(FaultyOrigin.ok("well"))] }
                #expect(try await eventually { try await client.get("/a").body == "well" })
            }
        }
    }
}

@Suite struct CertificateNameTests {
    @Test(arguments: [
        ("origin.example", "origin.example", true), ("Origin.Example", "origin.EXAMPLE.", true),
        ("a.origin.example", "*.origin.example", true), ("origin.example", "*.origin.example", false),
        ("a.b.origin.example", "*.origin.example", false), ("ab.origin.example", "a*.origin.example", false),
        ("origin.example", "*.example", false), ("example", "*", false),
        ("a..example.org", "*..example.org", false),
        ("a.b.example", "a.*.example", false), ("192.0.2.1", "192.0.2.1", false),
        ("192.0.2.1", "*.0.2.1", false),
        ("", "", false),
    ])
    func comparesLabelByLabel(host: String, pattern: String, matches: Bool) {
        #expect(CertificateName.matches(host, dns: pattern) == matches)
    }

    @Test func comparesAddresses() {
        #expect(CertificateName.matches("192.0.2.1", address: [192, 0, 2, 1]))
        #expect(!CertificateName.matches("192.0.2.1", address: [192, 0, 2, 2]))
        #expect(CertificateName.matches("::1", address: Array(repeating: 0, count: 15) + [1]))
        #expect(!CertificateName.matches("::1", address: [1]))
        #expect(!CertificateName.matches("origin.example", address: [192, 0, 2, 1]))
    }
}
