import Diagnostics
import Kernel
import Testing

@testable import CampaignFile

/// What a campaign file says of clients, shields and shedding.
@Suite struct DefencesTests {
    private func reading(_ edge: String) -> CampaignReading {
        let text = """
            campaign: c
            people: [{name: ann, role: admin}]
            edge:
              \(edge.replacing("\n", with: "\n  "))
            sites:
              main: {folder: www, domains: [localhost]}

            """
        return CampaignReading(text: text) { _ in true }
    }

    @Test func readsAllOfThem() throws {
        let found = reading(
            """
            limits: {max_connections: 5000, client_connections: 20, network_connections: 200, client_rate: 0.5,
                     network_rate: 400, exempt: [10.0.0.0/8, "2001:db8::1"]}
            shield: {place: near, word: .hq/edges.word, places: {far: "10.0.0.2:80", sea: "https://edge.example:443"}}
            shed: {except: [/donate, /api/]}
            challenge: {above: 2000, bits: 18, lifetime: 1h, except: [/feeds/]}
            """)
        let campaign = try #require(found.campaign, "\(found.placed.rendered())")
        #expect(campaign.limits.maxConnections == 5000 && campaign.limits.clientConnections == 20)
        #expect(campaign.limits.networkConnections == 200 && campaign.limits.clientRate == 0.5)
        #expect(
            campaign.limits.networkRate == 400 && campaign.limits.exempt == ["10.0.0.0/8", "2001:db8::1"])
        let shield = try #require(campaign.shield)
        #expect(shield.place == "near" && shield.word == ".hq/edges.word")
        #expect(shield.places.map(\.name) == ["far", "sea"])
        #expect(shield.places.map(\.address.usesTLS) == [false, true])
        #expect(shield.places.map(\.address.address.port) == [80, 443])
        #expect(campaign.shedExceptions == ["/donate", "/api/"])
        let challenge = try #require(campaign.challenge)
        #expect(challenge.above == 2000 && challenge.bits == 18 && challenge.lifetime == .seconds(3600))
        #expect(challenge.except == ["/feeds/"])
    }

    @Test func saysNothingOfWhatIsNotThere() throws {
        let campaign = try #require(reading("cache: 64MiB").campaign)
        #expect(campaign.limits == Campaign.ClientLimits() && campaign.shield == nil)
        #expect(campaign.shedExceptions.isEmpty && campaign.challenge == nil)
        #expect(reading("challenge: {}").campaign?.challenge == Campaign.Challenge())
    }

    @Test(arguments: [
        ("limits: {client_connections: 0}", "'client_connections' is 1 to 10000000, not 0"),
        ("limits: {max_connections: many}", "max_connections looks like 200, not 'many'"),
        ("limits: {client_rate: 0}", "'client_rate' is 0.01 to 1000000 requests a second"),
        ("limits: {network_rate: nan}", "'network_rate' is 0.01 to 1000000 requests a second"),
        ("limits: {exempt: [10.0.0.0/33]}", "'10.0.0.0/33' is no range of addresses"),
        ("limits: {exempt: 10.0.0.0/8}", "exempt is a list: each item begins with '- '"),
        ("limits: {client_conections: 1}", "limits has no key 'client_conections'"),
        ("shield: {place: near}", "shield needs 'word'"),
        ("shield: {word: ../w}", "'../w' leads out of the campaign's folder"),
        ("shield: {word: /etc/w}", "'/etc/w' leads out of the campaign's folder"),
        ("shield: {word: www/w}", "the site 'main' would show this file to everybody"),
        ("shield: {word: ./www/x/w}", "the site 'main' would show this file to everybody"),
        ("shield: {word: w, place: \"n!\"}", "'n!' cannot be a place's name"),
        (
            "shield: {word: w, places: {far: here}}",
            "a shield's address looks like 10.0.0.2:80 or https://edge.example:443, not 'here'"
        ),
        ("shed: {except: [donate]}", "'donate' is no beginning of a path"),
        ("shed: {except: [\"/a?b\"]}", "'/a?b' is no beginning of a path"),
        ("shed: {}", "shed needs 'except'"),
        ("challenge: {above: 0}", "'above' is 1 to 10000000 requests a second"),
        ("challenge: {above: much}", "above looks like 2000 (requests a second), not 'much'"),
        ("challenge: {bits: 7}", "'bits' is 8 to 24, not 7"),
        ("challenge: {lifetime: 1s}", "'lifetime' is 1m to 24h"),
        ("challenge: {except: [api]}", "'api' is no beginning of a path"),
    ])
    func refusesWhatCannotBeMeant(edge: String, message: String) {
        let found = reading(edge)
        #expect(found.campaign == nil)
        #expect(found.diagnostics.map(\.message) == [message], "\(found.placed.rendered())")
        // In its place: under the key or the value that is wrong.
        #expect(found.placed.rendered().contains("campaign.yaml:4:"), "\(found.placed.rendered())")
    }

    @Test func refusesMoreThanIsComparedForEachConnection() {
        let ranges = (0...CampaignLimits.exemptRanges).map { "10.0.\($0).0/24" }.joined(separator: ", ")
        #expect(reading("limits: {exempt: [\(ranges)]}").campaign == nil)
        let paths = (0...CampaignLimits.shedExceptions).map { "/p\($0)" }.joined(separator: ", ")
        #expect(reading("shed: {except: [\(paths)]}").campaign == nil)
    }
}
