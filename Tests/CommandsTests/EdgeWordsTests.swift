import ArgumentParser
import CampaignFile
import ControlPlane
import Edge
import Foundation
import Kernel
import Testing

@testable import Commands

/// What `hq up` tells the edge of the campaign file is what the edge understands.
@Suite struct EdgeWordsTests {
    private let folder = URL(fileURLWithPath: "/campaign")

    private func start(_ edge: String) throws -> EdgeStart {
        let text = """
            campaign: c
            people: [{name: ann, role: admin}]
            edge:
              \(edge.replacing("\n", with: "\n  "))
            sites:
              main: {folder: www, domains: [localhost]}

            """
        let campaign = try #require(CampaignReading(text: text) { _ in true }.campaign)
        // As 'hq up' does, which names the place without TLS.
        return try EdgeStart.parse(["--listen", "127.0.0.1:0"] + campaign.edgeWords(in: folder))
    }

    @Test func carryLimitsAndShields() throws {
        let edge = try start(
            """
            cache: 64MiB
            access_log: [stdout]
            metrics: 127.0.0.1:9145
            limits: {max_connections: 50, client_connections: 20, network_connections: 30, client_rate: 0.5,
                     network_rate: 400000, exempt: [10.0.0.0/8, "2001:db8::/32"]}
            challenge: {above: 2000, bits: 18, lifetime: 90m, except: [/api/]}
            shield: {place: near, word: .hq/edges.word, places: {far: "10.0.0.2:80", sea: "https://[::1]:443"}}
            """)
        #expect(edge.cache == "67108864B" && edge.observing.accessLog == ["stdout"])
        #expect(edge.observing.metrics == "127.0.0.1:9145")
        let limits = edge.admission.limits
        #expect(limits.connections == 50 && limits.connectionsPerClient == 20)
        #expect(limits.connectionsPerNetwork == 30 && limits.requestsPerClient == 0.5)
        #expect(limits.requestsPerNetwork == 400_000)
        #expect(limits.exempt == [AddressRange("10.0.0.0/8"), AddressRange("2001:db8::/32")])
        let challenges = edge.challenges
        #expect(challenges.challenge && challenges.challengeAbove == 2000 && challenges.challengeBits == 18)
        #expect(challenges.challengeLifetime == "5400s" && challenges.challengeExcept == ["/api/"])
        #expect(edge.shields.shieldWord == "/campaign/.hq/edges.word" && edge.shields.place == "near")
        #expect(edge.shields.shield == ["far=10.0.0.2:80", "sea=https://[::1]:443"])
        #expect(ShieldOptions.parse("sea=https://[::1]:443")?.1.usesTLS == true)
    }

    @Test func carryTLS() throws {
        let edge = try start(
            """
            tls:
              listen: ["0.0.0.0:443", "[::]:443"]
              certificates: [{certificate: tls/w.pem, key: /etc/keys/w.key}, {folder: .hq/tls}, {certificate: both.pem}]
              acme: {directory: letsencrypt-staging, names: [a.example, b.example], email: [x@a.example, y@a.example],
                     agree_to_terms: true, trust: ca.pem, external_account: .hq/eab}
              redirect: true
              port: 8443
              hsts: 1d
            """)
        let listening = edge.listening
        #expect(listening.tlsListen == ["0.0.0.0:443", "[::]:443"])
        #expect(listening.certificate == ["/campaign/tls/w.pem", "/campaign/both.pem"])
        #expect(listening.key == ["/etc/keys/w.key", "/campaign/both.pem"])
        #expect(listening.certificateFolder == ["/campaign/.hq/tls"])
        #expect(listening.redirects && listening.httpsPort == 8443 && listening.hsts == 86_400)
        let acme = listening.acme
        #expect(acme.directory == "letsencrypt-staging" && acme.hosts == ["a.example", "b.example"])
        #expect(acme.contacts == ["x@a.example", "y@a.example"] && acme.folder == nil)
        #expect(acme.trust == "/campaign/ca.pem" && acme.external == "/campaign/.hq/eab")
    }

    @Test func areFewWhenLittleIsSaid() throws {
        let edge = try start("cache: 1MiB")
        #expect(edge.listening.tlsListen.isEmpty && !edge.listening.redirects && edge.listening.hsts == nil)
        #expect(edge.admission.clientRate == nil && edge.admission.limitExempt.isEmpty)
        #expect(edge.shields.shieldWord == nil && edge.shields.shield.isEmpty)
        #expect(!edge.challenges.challenge && edge.challenges.challengeAbove == nil)
        #expect(try edge.challenges.opened() == nil)
        #expect(try start("challenge: {}").challenges.challenge)
    }

    @Test func wantAWordThatNobodyGuesses() throws {
        let file = NSTemporaryDirectory() + "hq-word-\(UUID().uuidString)"
        #expect(throws: Failure.self) { try ShieldOptions.word(in: file) }
        try Data("short\n".utf8).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(throws: Failure.self) { try ShieldOptions.word(in: file) }
        let word = String(repeating: "a1", count: 32)
        try Data("\(word)\n".utf8).write(to: URL(fileURLWithPath: file))
        #expect(try ShieldOptions.word(in: file) == word)
    }
}

@Suite struct ChallengeKeyTests {
    @Test func isMadeOnceForThisUserAlone() throws {
        let path = NSTemporaryDirectory() + "hq-key-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: Failure.self) { try ChallengeKey.read(path) }
        let key = try ChallengeKey.readOrMake(path)
        #expect(try key.count >= ChallengeKey.shortest && ChallengeKey.readOrMake(path) == key)
        #expect(try ChallengeKey.read(path) == key)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try Data("short".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: Failure.self) { try ChallengeKey.readOrMake(path) }
    }

    @Test(arguments: [
        ["--challenge-bits", "16"], ["--challenge", "--challenge-bits", "7"],
        ["--challenge", "--challenge-lifetime", "1s"], ["--challenge-above", "0"],
        ["--challenge", "--challenge-except", "api"], ["--challenge-key", "x"],
    ])
    func refusesWhatCannotBeMeant(words: [String]) {
        #expect(throws: (any Error).self) { try ChallengeOptions.parse(words) }
    }
}

@Suite struct EdgeShedTests {
    @Test(arguments: [
        ["maybe", "--because", "x"], ["on", "--because", "x", "--except", "/a"],
        ["on", "--admin", "a.sock", "--for", "1h"],
        ["on", "--admin", "a.sock", "--except", "a"],
    ])
    func refusesWhatCannotBeMeant(words: [String]) {
        #expect(throws: (any Error).self) { try EdgeShed.parse(words) }
    }

    @Test func wantsNoReasonForTheEnd() throws {
        #expect(try EdgeShed.parse(["off"]).position == .off)
        #expect(
            try EdgeShed.parse(["on", "--because", "origin down", "--for", "10m"]).time.duration == "10m")
        #expect(
            try EdgeShed.parse(["on", "--admin", "a", "--except", "/a", "--except", "/b"]).except.count == 2)
    }

    /// Through the API, as a console's form: by an operator, with a reason, and not for a socket of the server's machine.
    @Test func goesThroughTheJourney() async throws {
        let hq = try await TestHQ()
        let token = try await hq.token("ann")
        let viewer = try await hq.token("edie")
        func shed(_ words: [String], _ token: String) async throws -> Int {
            let argv = String(decoding: try JSONEncoder().encode(["edge", "shed"] + words), as: UTF8.self)
            return await hq.api("POST", "/v1/commands", "{\"argv\": \(argv)}", token: token).status
        }
        #expect(try await shed(["on", "--because", "x"], viewer) == 403)
        #expect(try await shed(["on"], token) == 400)
        #expect(try await shed(["on", "--because", " "], token) == 400)
        #expect(try await shed(["on", "--because", "x"], token) == 200)
        #expect(try await hq.control.status().shedding?.contains("of ann: x;") == true)
        #expect(try await shed(["off"], token) == 200)
        #expect(try await hq.control.status().shedding == nil)
    }
}
