import CampaignFile
import Foundation
import Journey
import Kernel
import Store
import Testing

@testable import Dictionaries

@Suite struct FindingTests {
    let store: Store

    init() throws {
        store = try Store(
            path: NSTemporaryDirectory() + "hq-find-\(UUID().uuidString).sqlite",
            migrations: Dictionaries.migrations)
        func declared(_ name: String, _ kind: DictionaryKind, _ first: [String: String])
            -> DictionaryDeclaration
        {
            var made = DictionaryDeclaration(name: name, kind: kind)
            made.first = first
            if kind == .addresses { made.protected = ["192.0.2.0/24"] }
            return made
        }
        let all = [
            declared("redirects", .redirects, ["/a": "/b", "/x": "302 https://www.example/y"]),
            declared("vanity", .redirects, ["/join": "/events/"]),
            declared("landing", .weights, ["old": "90", "new": "10"]),
            declared("blocked", .addresses, ["203.0.113.0/24": "spam"]),
        ]
        try store.write { try Dictionaries.declare(all, in: $0) }
    }

    private func findings(_ wishes: [Wish], from person: String? = nil) throws -> [Finding] {
        let facts = Findings.Facts(hosts: ["www.example"], person: person.flatMap { IPAddress($0) })
        return try store.read {
            let change = try Dictionaries.planChangeSet(wishes, seal: { $0 }, in: $0)
            return try Findings.list(of: change, facts, in: $0)
        }
    }

    @Test func findsCirclesThroughAllDictionariesOfRedirects() throws {
        #expect(
            try findings([Wish("vanity", "/b", "/a")]) == [
                Finding(
                    .blocks, "vanity: /b -> /a -> /b goes round in a circle",
                    hint: "let one of them lead to a page")
            ])
        #expect(
            try findings([Wish("redirects", "/y", "https://WWW.example:443/x?utm=1")]).first?.message
                == "redirects: /y -> https://WWW.example:443/x?utm=1 -> https://www.example/y goes round in a circle"
        )
        #expect(
            try findings([Wish("redirects", "/self", "/self#top")]).first?.message
                == "redirects: /self -> /self#top goes round in a circle")
    }

    @Test func knowsOneHostFromAnother() throws {
        // From one host to the same path of another is no circle.
        #expect(
            try findings([Wish("redirects", "https://old.example/live", "https://www.example/live")]).isEmpty)
        #expect(
            try findings([Wish("redirects", "http://www.example/live", "https://www.example/live")]).isEmpty)
        let circle = [
            Wish("redirects", "https://www.example/p", "/q"),
            Wish("redirects", "https://www.example/q", "/p"),
        ]
        #expect(try findings(circle).count == 2)
    }

    @Test func warnsOfChains() throws {
        #expect(
            try findings([Wish("redirects", "/c", "/a")]) == [
                Finding(
                    .warns, "redirects: visitors of /c are sent on twice: /c -> /a -> /b",
                    hint: "let /c lead to /b")
            ])
    }

    @Test func seesACircleThatOnlyTheWholeChangeSetMakes() throws {
        #expect(try findings([Wish("redirects", "/p", "/q")]).isEmpty)
        let both = try findings([Wish("redirects", "/p", "/q"), Wish("vanity", "/q", "/p")])
        #expect(both.count == 2 && both.allSatisfy { $0.weight == .blocks })
        // What the same change removes is no way on.
        #expect(try findings([Wish("redirects", "/b", "/a"), Wish("redirects", "/a", nil)]).isEmpty)
    }

    @Test func endsAtALongWay() throws {
        let long = (0..<30).map { Wish("redirects", "/s\($0)", "/s\($0 + 1)") }
        #expect(try findings(long).first?.message == "redirects: /s0 leads over more than 20 others")
    }

    @Test func addsWeightsUp() throws {
        #expect(
            try findings([Wish("landing", "new", "15")]) == [
                Finding(
                    .blocks, "landing: the weights add up to 105, not 100",
                    hint: "change several together, and take 5 away: new 15, old 90")
            ])
        #expect(try findings([Wish("landing", "new", "15"), Wish("landing", "old", "85")]).isEmpty)
        #expect(
            try findings([Wish("landing", "new", nil)]).first?.message
                == "landing: the weights add up to 90, not 100")
    }

    @Test func shutsNobodyOutWhoShallComeIn() throws {
        #expect(
            try findings([Wish("blocked", "198.51.100.0/24", "")], from: "198.51.100.7") == [
                Finding(
                    .blocks, "blocked: 198.51.100.0/24 would shut you out: you come from 198.51.100.7",
                    hint: "leave it out, or add the exception !198.51.100.7 first")
            ])
        let withException = [Wish("blocked", "198.51.100.0/24", ""), Wish("blocked", "!198.51.100.7", "me")]
        #expect(try findings(withException, from: "198.51.100.7").isEmpty)
        #expect(
            try findings([Wish("blocked", "192.0.0.0/8", "")]).first?.message
                == "blocked: 192.0.0.0/8 would shut out the campaign's own 192.0.2.0/24")
        #expect(try findings([Wish("blocked", "198.51.100.0/24", "")]).isEmpty)
    }

    @Test func anExceptionCountsWhetherItComesOrGoes() throws {
        let own = [Wish("blocked", "192.0.0.0/8", ""), Wish("blocked", "!192.0.2.0/24", "ours")]
        #expect(try findings(own).isEmpty)
        // Narrower than what is protected, it leaves the rest of it shut out.
        let part = [Wish("blocked", "192.0.0.0/8", ""), Wish("blocked", "!192.0.2.7", "one of ours")]
        #expect(
            try findings(part).first?.message
                == "blocked: 192.0.0.0/8 would shut out the campaign's own 192.0.2.0/24")
        try store.write { transaction in
            let change = try Dictionaries.planChangeSet(
                [Wish("blocked", "198.51.100.0/24", ""), Wish("blocked", "!198.51.100.7", "")], seal: { $0 },
                in: transaction)
            for edit in change.edits { try Dictionaries.apply(edit, in: transaction) }
        }
        #expect(
            try findings([Wish("blocked", "!198.51.100.7", nil)], from: "198.51.100.7").first?.message
                == "blocked: 198.51.100.0/24 would shut you out: you come from 198.51.100.7")
    }

    @Test func anAddressHasOneWayToBeWritten() throws {
        let change = try store.read {
            try Dictionaries.planSet("blocked", "!2001:DB8:0::/32", "x", seal: { $0 }, in: $0)
        }
        #expect(change.edits[0].path == ["blocked", "!2001:db8::/32"])
    }

    @Test func warnsOfAnAddressThatIsThereAlready() throws {
        #expect(
            try findings([Wish("blocked", "203.0.113.7", "")]) == [
                Finding(.warns, "blocked: 203.0.113.7 lies in 203.0.113.0/24, which is there already")
            ])
        #expect(try findings([Wish("blocked", "!203.0.113.7", "")]).isEmpty)
    }
}
