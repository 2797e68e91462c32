import ACME
import Foundation
import HTTPCache
import Kernel
import NIOCore
import NIOSSL
import Testing
import VCLRuntime

@testable import Edge

/// The edge behind TLS, over real sockets.
@Suite struct TLSScenarios {
    private func certificates(_ made: TestCertificate...) throws -> Certificates {
        try Certificates(made.map(\.file)) { _ in }
    }

    @Test func servesOverTLS() async throws {
        let made = try TestCertificate("a.test")
        try await listenerScenario {
            $0.certificates = try certificates(made)
        } _: { origin, place, _ in
            let body = String(repeating: "0123456789", count: 50_000)
            origin.answer("/large", headers: ["Cache-Control: max-age=60"], body: body)
            let client = try await place.client(ClientTLS("a.test", protocols: ["http/1.1"]))
            #expect(try await client.get("/large").body == body)
            #expect(try await client.get("/large")["X-Cache"] == "HIT")
            // The whole URI may stand in the request line; without TLS it is misdirected (RFC 9110, section 7.4).
            #expect(try await client.get("https://test/large")["X-Cache"] == "HIT")
        }
    }

    @Test(arguments: [
        ("a.test", "a.test"), ("B.test", "b.test"), ("x.w.test", "*.w.test"), ("x.y.w.test", "a.test"),
        ("w.test", "a.test"), ("other.test", "a.test"), (nil, "a.test"),
    ]) func choosesTheCertificateByName(asked: String?, shown: String) async throws {
        let made = try (TestCertificate("a.test"), TestCertificate("b.test"), TestCertificate("*.w.test"))
        try await listenerScenario {
            $0.certificates = try certificates(made.0, made.1, made.2)
        } _: { origin, place, _ in
            origin.answer("/a")
            let tls = try ClientTLS(asked)
            let answer = try await place.client(tls).get("/a")
            #expect(answer.status == 200)
            #expect(tls.names == [shown])
        }
    }

    @Test(arguments: [
        (TLSVersion.tlsv13, "TLSv1.3 TLS_", 0x13), (.tlsv12, "TLSv1.2 ECDHE-ECDSA-", 0xC0),
    ]) func tellsProgramsOfTheHandshake(version: TLSVersion, begins: String, family: Int) async throws {
        let vcl = """
            sub vcl_recv { error 600; }
            sub vcl_deliver {
              set resp.http.Saw = tls.client.protocol " " tls.client.cipher " " tls.client.servername;
              set resp.http.Is = if(req.is_ssl, "yes", "no") " " req.protocol;
              set resp.http.ID = tls.client.iana_chosen_cipher_id;
            }
            """
        let made = try TestCertificate("a.test")
        try await listenerScenario(vcl: vcl) {
            $0.certificates = try certificates(made)
        } _: { _, place, _ in
            let answer = try await place.client(ClientTLS("a.test", most: version)).get("/")
            #expect(answer["Saw"]?.hasPrefix(begins) == true && answer["Saw"]?.hasSuffix(" a.test") == true)
            #expect(answer["Is"] == "yes https")
            #expect(answer["ID"].flatMap { Int($0) }.map { $0 >> 8 } == family)
        }
    }

    @Test func refusesOldVersions() async throws {
        let made = try TestCertificate("a.test")
        try await listenerScenario {
            $0.certificates = try certificates(made)
        } _: { _, place, _ in
            await #expect(throws: (any Error).self) {
                try await place.client(ClientTLS("a.test", most: .tlsv11)).get("/")
            }
        }
    }

    @Test func takesNewCertificatesAndKeepsConnections() async throws {
        let folder = TestFolder()
        let table = try certificates(TestCertificate("old.test", folder: folder))
        try await listenerScenario {
            $0.certificates = table
        } _: { origin, place, _ in
            origin.answer("/a")
            let open = try await place.client(ClientTLS("x"))
            #expect(try await open.get("/a").status == 200)
            let said = Guarded<[String]>([])
            let watch = Task {
                await table.watch(every: .milliseconds(5)) { word in said.withLock { $0.append(word) } }
            }
            defer { watch.cancel() }
            _ = try TestCertificate("new.test", folder: folder)
            #expect(
                try await eventually {
                    let tls = try ClientTLS("x")
                    _ = try await place.client(tls).get("/a")
                    return tls.names == ["new.test"]
                })
            try Data("nonsense".utf8).write(to: folder.url.appendingPathComponent("server.pem"))
            #expect(
                try await eventually {
                    said.withLock {
                        $0.contains { $0.hasSuffix("; the certificate read before stays in use") }
                    }
                })
            let tls = try ClientTLS("x")
            let answer = try await place.client(tls).get("/a")
            #expect(answer.status == 200)
            #expect(tls.names == ["new.test"])
            #expect(try await open.get("/a").status == 200)
        }
    }

    @Test func takesWhatIsGoodWhenAnotherFileIsBroken() throws {
        let (first, second) = (TestFolder(), TestFolder())
        let made = try (TestCertificate("a.test", folder: first), TestCertificate("b.test", folder: second))
        let certificates = try certificates(made.0, made.1)
        try Data("nonsense".utf8).write(to: first.url.appendingPathComponent("server.pem"))
        _ = try TestCertificate("c.test", folder: second)
        var said: [String] = []
        certificates.reload { said.append($0) }
        #expect(certificates.facts.map(\.facts.names) == [["a.test"], ["c.test"]])
        #expect(said.count == 2 && said[0].hasSuffix("stays in use") && said[1] == "certificates read again")
        #expect(certificates.context(for: "c.test") !== certificates.context(for: "a.test"))
    }

    @Test func saysWhatIsWrongWithAFile() throws {
        let folder = TestFolder()
        let (one, other) = try (
            TestCertificate("a.test", folder: folder), TestCertificate("b.test", folder: folder, as: "other")
        )
        func complaint(_ chain: String, _ key: String) -> String? {
            do {
                _ = try LoadedCertificate(CertificateFile(chain: chain, key: key), now: 0)
                return nil
            } catch { return (error as? Failure)?.message }
        }
        let locked = folder.path("locked.key")
        try TestCertificate.openssl([
            "pkey", "-in", one.file.key, "-aes128", "-passout", "pass:x", "-out", locked,
        ])
        let nothing = folder.path("nothing.pem")
        #expect(complaint(nothing, one.file.key) == "there is no file '\(nothing)'")
        #expect(complaint(one.file.chain, nothing) == "there is no file '\(nothing)'")
        #expect(complaint(one.file.key, one.file.key) == "'\(one.file.key)' holds no certificate in PEM")
        #expect(
            complaint(one.file.chain, one.file.chain) == "'\(one.file.chain)' holds no private key in PEM")
        #expect(
            complaint(one.file.chain, other.file.key)
                == "the key in '\(other.file.key)' does not fit the certificate in '\(one.file.chain)'")
        #expect(complaint(one.file.chain, locked) == "the key in '\(locked)' is encrypted")
        #expect(complaint(one.file.chain, one.file.key) == nil)
    }

    @Test func warnsOfTheTimeOfACertificate() throws {
        let (made, nameless) = try (TestCertificate("a.test"), TestCertificate())
        let now = Int(wallClock() / 1_000_000_000)
        func warnings(_ days: Int) throws -> [String] {
            try LoadedCertificate(made.file, now: now + days * 86_400).warnings
        }
        #expect(try warnings(0) == [])
        #expect(try warnings(3) == ["the certificate in '\(made.file.chain)' has expired"])
        #expect(try warnings(-3) == ["the certificate in '\(made.file.chain)' is not valid yet"])
        #expect(
            try LoadedCertificate(nameless.file, now: now).warnings == [
                "the certificate in '\(nameless.file.chain)' names no host; browsers will refuse it"
            ])
    }

    @Test func resumesSessions() async throws {
        let made = try TestCertificate("a.test")
        try await listenerScenario {
            $0.certificates = try certificates(made)
        } _: { origin, place, _ in
            origin.answer("/a")
            let folder = TestFolder()
            let first = try visit(place.port, "-sess_out \(folder.path("session"))")
            #expect(first.contains("New, TLSv1.3"))
            let second = try visit(place.port, "-sess_in \(folder.path("session"))")
            #expect(second.contains("Reused, TLSv1.3"))
        }
    }

    /// What OpenSSL's client says of a visit.
    private func visit(_ port: Int, _ words: String) throws -> String {
        let request = "printf 'GET /a HTTP/1.1\\r\\nHost: a.test\\r\\nConnection: close\\r\\n\\r\\n'"
        let client = "openssl s_client -connect 127.0.0.1:\(port) -servername a.test -tls1_3 -ign_eof"
        let said = TestFolder()
        let path = said.path("said")
        // s_client's own status says nothing here.
        try spawned(["/bin/sh", "-c", "\(request) | \(client) \(words) >'\(path)' 2>&1 || true"])
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }

    @Test func closesWhoNeverShakesHandsWhenItStops() async throws {
        let made = try TestCertificate("a.test")
        try await listenerScenario {
            $0.certificates = try certificates(made)
        } _: { _, place, _ in
            let idle = try await ScenarioClient(port: place.port)
            let begun = NIODeadline.now()
            await place.server.stop()
            #expect(NIODeadline.now() - begun < .seconds(EdgeLimits.drainSeconds))
            #expect(try await idle.readToEnd() == "")
        }
    }

    @Test(arguments: [
        ("GET", "/a?b=c", "test", 301, "https://test:8443/a?b=c"),
        ("POST", "/a", "test:8080", 308, "https://test:8443/a"),
        ("HEAD", "/", "[::1]:80", 301, "https://[::1]:8443/"),
    ]) func redirectsToHTTPS(method: String, path: String, host: String, status: Int, location: String)
        async throws
    {
        try await listenerScenario {
            $0.redirectPort = 8443
            $0.hstsSeconds = 60
        } _: { origin, place, _ in
            let client = try await place.client()
            try await client.send("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            let answer = try await client.read(hasBody: method != "HEAD")
            #expect(answer.status == status && answer["Location"] == location)
            #expect(answer["Strict-Transport-Security"] == nil && origin.requests.isEmpty)
        }
    }

    /// A redirect would not tell the control plane whether a site is there.
    @Test func redirectsEverybodyButHQItself() async throws {
        try await listenerScenario(checkWord: "secret") {
            $0.redirectPort = 443
        } _: { origin, place, _ in
            origin.answer("/a")
            let client = try await place.client()
            #expect(try await client.get("/a", headers: ["HQ-Check: guess"]).status == 301)
            #expect(try await client.get("/a", headers: ["HQ-Check: secret"]).status == 200)
            #expect(origin.requests.count == 1)
        }
    }

    @Test func saysOverTLSThatHTTPSIsToBeUsed() async throws {
        let made = try TestCertificate("a.test")
        try await listenerScenario {
            $0.certificates = try certificates(made)
            $0.hstsSeconds = 31_536_000
            $0.redirectPort = 443
        } _: { origin, place, _ in
            origin.answer("/a")
            let answer = try await place.client(ClientTLS("a.test")).get("/a")
            #expect(answer.status == 200 && answer["Strict-Transport-Security"] == "max-age=31536000")
        }
    }
}
