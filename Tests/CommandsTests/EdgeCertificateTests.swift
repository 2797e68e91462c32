import ArgumentParser
import Edge
import EdgeLink
import Foundation
import Kernel
import Testing

@testable import Commands

@Suite struct CertificateTableTests {
    private let now: Int64 = 1_800_000_000

    private func certificate(
        _ names: [String], issuer: String = "Let's Encrypt R11", days: Int64 = 60, selfMade: Bool = false
    ) -> EdgeCertificate {
        EdgeCertificate(
            names: names, issuer: issuer, notAfter: now + days * 86_400, file: "/x.pem", isSelfMade: selfMade)
    }

    @Test func showsWhatThereIs() {
        var kept = certificate(["www.example.org"])
        kept.renewal = now + 30 * 86_400
        let file = certificate(["a.test", "*.a.test"], issuer: "Own CA", days: -3)
        #expect(
            CertificateTable([kept, file], now: now).text == """
                host             issuer             ends                  renewal
                www.example.org  Let's Encrypt R11  2027-03-16            2027-02-14
                a.test *.a.test  Own CA             2027-01-12 (expired)  by its file
                """)
    }

    @Test func saysWhatIsNotThereAndWhy() {
        var missing = certificate(["www.example.org"], issuer: "self", selfMade: true)
        missing.renewal = now + 240
        missing.failures = 3
        missing.lastError = "the authority takes no order: rateLimited (wait)"
        #expect(
            CertificateTable([missing], now: now).text == """
                host             issuer                      ends  renewal
                www.example.org  self-made, none issued yet  -     2027-01-15T08:04:00Z
                www.example.org: failed 3 times in a row, last: the authority takes no order: rateLimited (wait)
                """)
        #expect(CertificateTable([], now: now).text.contains("does not listen for TLS"))
    }
}

@Suite struct ACMEOptionsTests {
    private static let good = [
        "--tls-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--acme", "letsencrypt-staging",
        "--acme-host",
        "www.example.org",
    ]

    @Test func takesAnAuthorityInPlaceOfFiles() throws {
        let options = try ListenerOptions.parse(Self.good)
        #expect(options.acme.isWanted && options.certificate.isEmpty)
    }

    @Test(arguments: [
        (["--acme-host", "a.test"], "--acme-host wants --acme"),
        (["--listen", "127.0.0.1:0", "--acme", "letsencrypt", "--acme-host", "a.test"], "belong together"),
        (
            ["--tls-listen", "127.0.0.1:0", "--acme", "letsencrypt", "--acme-host", "a.test"],
            "--acme wants a --listen"
        ),
        (Self.good + ["--acme-host", "*.a.test"], "wildcard"),
        (Self.good + ["--acme-contact", "me"], "mail address"),
        (
            ["--tls-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--acme", "letsencrypt"],
            "--acme-host NAME"
        ),
        (
            [
                "--tls-listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--acme", "ca", "--acme-host",
                "a.test",
            ],
            "no address of an ACME directory"
        ),
    ]) func saysWhatIsMissing(words: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ListenerOptions.parse(words) }
        #expect(error.map { ListenerOptions.message(for: $0).contains(message) } == true)
    }

    @Test func makesAFolderWithACertificateToBeginWith() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hq-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let said = Guarded<[String]>([])
        let options = try ListenerOptions.parse(Self.good + ["--acme-host", "WWW.example.org"])
        let opened = try options.opened(certificatesIn: folder.path) { line in
            said.withLock { $0.append(line) }
        }
        #expect(opened.certificates.shown.map(\.names) == [["www.example.org"]])
        #expect(opened.certificates.shown.map(\.isSelfMade) == [true])
        #expect(said.withLock { $0.count } == 1)
        // One that stands alone must be told where.
        #expect(throws: Failure.self) { try options.opened { _ in } }
    }

    @Test func wantsTwoWordsOfAnExternalAccount() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("hq-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("only-one\n".utf8).write(to: file)
        let folder = file.path + ".d"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = try ListenerOptions.parse(
            Self.good + ["--acme-eab", file.path, "--acme-folder", folder])
        let failure = #expect(throws: Failure.self) { try options.opened { _ in } }
        #expect(failure?.message.contains("two words") == true)
    }
}
