import Diagnostics
import Kernel
import Testing

@testable import CampaignFile

/// What a campaign file says of TLS.
@Suite struct TLSTests {
    private static let pair = "certificates: [{certificate: tls/w.pem, key: tls/w.key}]"
    private static let good = "listen: 0.0.0.0:443, \(pair)"
    private static func acme(_ members: String) -> String {
        "listen: \":443\", acme: {directory: letsencrypt, agree_to_terms: true, \(members)}"
    }

    private func reading(_ tls: String) -> CampaignReading {
        let text = """
            campaign: c
            people: [{name: ann, role: admin}]
            edge:
              tls: {\(tls)}
            sites:
              main: {folder: www, domains: [localhost]}

            """
        return CampaignReading(text: text) { _ in true }
    }

    @Test func readsAllOfIt() throws {
        let found = reading(
            """
            listen: ["0.0.0.0:443", "[::]:443"], redirect: true, port: 8443, hsts: 365d,
                certificates: [{certificate: tls/w.pem, key: /etc/keys/w.key}, {certificate: both.pem}, {folder: .hq/tls}],
                acme: {directory: "https://ca.example/dir", names: [WWW.example.org, example.org], email: ops@example.org,
                       agree_to_terms: true, trust: ca.pem, external_account: .hq/eab}
            """)
        let tls = try #require(found.campaign?.tls, "\(found.placed.rendered())")
        #expect(tls.listen.map(\.description) == ["0.0.0.0:443", "[::]:443"])
        #expect(tls.redirects && tls.port == 8443 && tls.hstsSeconds == 31_536_000)
        #expect(tls.certificates.map(\.chain) == ["tls/w.pem", "both.pem"])
        #expect(tls.certificates.map(\.key) == ["/etc/keys/w.key", "both.pem"] && tls.folders == [".hq/tls"])
        let acme = try #require(tls.acme)
        #expect(acme.directory == "https://ca.example/dir" && acme.contacts == ["ops@example.org"])
        #expect(acme.names == ["www.example.org", "example.org"])
        #expect(acme.trust == "ca.pem" && acme.externalAccount == ".hq/eab")
        // Where each file stands, for those who find something wrong with it.
        #expect(
            Set(found.filePlaces.keys)
                == ["tls/w.pem", "/etc/keys/w.key", "both.pem", ".hq/tls", "ca.pem", ".hq/eab"])
        let span = try #require(found.filePlaces["tls/w.pem"])
        #expect(found.sources.file(of: span)?.position(of: span.start).0 == 5)
    }

    @Test func saysNothingOfWhatIsNotThere() throws {
        let found = reading(Self.good)
        let tls = try #require(found.campaign?.tls, "\(found.placed.rendered())")
        #expect(!tls.redirects && tls.port == nil && tls.hstsSeconds == nil && tls.acme == nil)
        let bare = CampaignReading(
            text: "campaign: c\npeople: [{name: a, role: admin}]\nedge: {listen: 0.0.0.0:80}\nsites: {}\n"
        ) { _ in true }
        #expect(bare.campaign?.tls == nil && bare.campaign?.listen?.port == 80 && bare.filePlaces.isEmpty)
    }

    @Test(arguments: [("31536000", 31_536_000), ("2h", 7200), ("0s", 0)])
    func takesHSTSAsATimeOrInSeconds(written: String, seconds: Int) {
        #expect(reading(Self.good + ", hsts: \(written)").campaign?.tls?.hstsSeconds == seconds)
    }

    @Test(arguments: [
        (pair, "tls needs 'listen'"),
        ("listen: \":443\"", "tls needs 'certificates' or 'acme'"),
        (
            "listen: everywhere, \(pair)",
            "an address looks like 0.0.0.0:443 or \"[::]:443\", not 'everywhere'"
        ),
        ("listen: [], \(pair)", "listen names an address, such as 0.0.0.0:443"),
        ("listen: [\":443\", \":443\"], \(pair)", "'0.0.0.0:443' stands twice in listen"),
        (good + ", hsts: 5y", "hsts looks like 365d, not '5y'"),
        (good + ", hsts: 1000d", "'hsts' is 0s to 730 d"),
        (good + ", redirect: perhaps", "redirect is true or false, not 'perhaps'"),
        (good + ", port: 70000", "port looks like 443, not '70000'"),
        (good + ", hst: 1d", "tls has no key 'hst'"),
        ("listen: \":443\", certificates: []", "certificates names none"),
        ("listen: \":443\", certificates: [{key: a.key}]", "a certificate needs 'certificate', or 'folder'"),
        (
            "listen: \":443\", certificates: [{folder: a, key: a.key}]",
            "a certificate is either 'certificate' with 'key', or a 'folder'"
        ),
        (
            "listen: \":443\", certificates: [{certificate: ../w.pem}]",
            "'../w.pem' leads out of the campaign's folder"
        ),
        (
            "listen: \":443\", certificates: [{certificate: w.pem, key: ./www/w.key}]",
            "the site 'main' would show this file to everybody"
        ),
        (
            "listen: \":443\", certificates: [{folder: www/tls}]",
            "the site 'main' would show this file to everybody"
        ),
        ("listen: \":443\", acme: {directory: letsencrypt, agree_to_terms: true}", "acme needs 'names'"),
        (
            "listen: \":443\", acme: {directory: letsencrypt, names: [a.example]}",
            "acme needs 'agree_to_terms'"
        ),
        (
            "listen: \":443\", acme: {directory: letsencrypt, names: [a.example], agree_to_terms: false}",
            "an authority issues to those alone who agree to its terms"
        ),
        (
            "listen: \":443\", acme: {directory: encrypt, names: [a.example], agree_to_terms: true}",
            "'encrypt' is no address of an ACME directory"
        ),
        (acme("names: []"), "names holds none"),
        (
            acme("names: [\"*.a.example\"]"),
            "'*.a.example' is a wildcard, which authorities do not issue by the challenge http-01"
        ),
        (acme("names: [a.example, A.example]"), "'A.example' stands twice in names"),
        (acme("names: [a.example], email: me"), "'me' is no e-mail address"),
    ])
    func refusesWhatCannotBeMeant(tls: String, message: String) {
        let found = reading(tls)
        #expect(found.campaign == nil)
        #expect(found.diagnostics.map(\.message) == [message], "\(found.placed.rendered())")
        #expect(found.placed.rendered().contains("campaign.yaml:4:"), "\(found.placed.rendered())")
    }

    @Test func refusesMoreThanIsLookedAtEveryFewSeconds() {
        let pairs = (0...CampaignLimits.certificates).map { "{certificate: c\($0).pem}" }
        #expect(reading("listen: \":443\", certificates: [\(pairs.joined(separator: ", "))]").campaign == nil)
        let names = (0...CampaignLimits.acmeNames).map { "n\($0).example" }.joined(separator: ", ")
        #expect(reading(Self.acme("names: [\(names)]")).campaign == nil)
        let places = (0...CampaignLimits.tlsPlaces).map { "\":\(9000 + $0)\"" }.joined(separator: ", ")
        #expect(reading("listen: [\(places)], \(Self.pair)").campaign == nil)
    }
}
