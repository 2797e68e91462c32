import ACME
import ArgumentParser
import CampaignFile
import Crypto
import Diagnostics
import Edge
import EdgeLink
import Foundation
import Kernel
import Testing

@testable import Commands

/// What `hq check` and `hq up` find of the certificates that a campaign file names.
@Suite struct CertificateCheckTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "hq-tls-\(UUID().uuidString)")
    private static let now: Int64 = 1_800_000_000
    /// What the certificates here live for.
    private static let end = now + 10 * 365 * 86_400

    private func make(_ name: String, key named: String? = nil) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let key = P256.Signing.PrivateKey()
        let chain = try SelfMadeCertificate.chain(
            for: try ACMEHost("\(name).example"), key, serial: [1, 2, 3], now: Self.now)
        let other = P256.Signing.PrivateKey().pemRepresentation
        try chain.write(to: folder.appendingPathComponent("\(name).pem"), atomically: true, encoding: .utf8)
        try (named == "other" ? other : key.pemRepresentation)
            .write(to: folder.appendingPathComponent("\(name).key"), atomically: true, encoding: .utf8)
    }

    private func check(_ certificates: String, now: Int64 = CertificateCheckTests.now) -> (
        rules: [String], text: String
    ) {
        let reading = CampaignReading(
            text: """
                campaign: c
                people: [{name: ann, role: admin}]
                edge:
                  tls:
                    listen: 127.0.0.1:443
                    certificates: [\(certificates)]
                sites:
                  main: {folder: www, domains: [localhost]}

                """
        ) { _ in true }
        let found = CertificateCheck.run(reading, folder: folder, now: now)
        return (found.map(\.rule), found.placed(in: reading.sources).rendered())
    }

    private func remove() { try? FileManager.default.removeItem(at: folder) }

    @Test func findsNothingWrongWithAGoodOne() throws {
        defer { remove() }
        try make("www")
        #expect(check("{certificate: www.pem, key: www.key}").rules == [])
    }

    @Test func namesTheFileThatIsNotThereAndItsPlace() throws {
        defer { remove() }
        try make("www")
        let found = check("{certificate: www.pem, key: lost.key}")
        #expect(found.rules == ["campaign/certificate"])
        #expect(found.text.contains("campaign.yaml:6:48: error: there is no file"), "\(found.text)")
        #expect(found.text.contains("lost.key"))
        // Both of a pair at once.
        #expect(check("{certificate: lost.pem, key: lost.key}").rules.count == 2)
    }

    @Test func findsAKeyThatBelongsToAnother() throws {
        defer { remove() }
        try make("www", key: "other")
        let found = check("{certificate: www.pem, key: www.key}")
        #expect(found.rules == ["campaign/certificate"])
        #expect(found.text.contains("does not fit the certificate"), "\(found.text)")
    }

    @Test func findsWhatIsNoCertificateAndWhatIsNoKey() throws {
        defer { remove() }
        try make("www")
        // Each file for the other.
        let found = check("{certificate: www.key, key: www.pem}")
        #expect(found.rules == ["campaign/certificate", "campaign/certificate"])
        #expect(
            found.text.contains("holds no certificate") && found.text.contains("holds no private key"),
            "\(found.text)")
    }

    private static let ends: [(left: Int64, rules: [String])] = [
        (1_296_000, []), (1_209_599, ["campaign/certificate-ends"]), (0, ["campaign/certificate-ends"]),
        (-1, ["campaign/certificate-refused"]),
    ]

    @Test(arguments: CertificateCheckTests.ends)
    func warnsOfTheEndAFortnightBefore(left: Int64, rules: [String]) throws {
        defer { remove() }
        try make("www")
        let found = check("{certificate: www.pem, key: www.key}", now: Self.end - left)
        #expect(found.rules == rules, "\(found.text)")
        #expect(found.text.contains("error:") == (left < 0))
    }

    @Test func looksThroughAFolder() throws {
        defer { remove() }
        try make("a")
        try make("b", key: "other")
        try "no certificate".write(
            to: folder.appendingPathComponent("readme.txt"), atomically: true, encoding: .utf8)
        let found = check("{folder: ./}")
        #expect(found.rules == ["campaign/certificate"] && found.text.contains("b.key"), "\(found.text)")
        #expect(check("{folder: lost}").text.contains("cannot read"))
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("empty"), withIntermediateDirectories: true)
        #expect(check("{folder: empty}").text.contains("holds no certificate"))
    }

    @Test func takesAFolderAtTheCommandLine() throws {
        defer { remove() }
        try make("a")
        try make("b")
        let options = try ListenerOptions.parse([
            "--tls-listen", "127.0.0.1:0", "--certificate-folder", folder.path,
        ])
        let opened = try options.opened { _ in }
        #expect(opened.certificates.shown.map(\.names) == [["a.example"], ["b.example"]])
    }
}
