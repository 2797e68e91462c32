import Diagnostics
import Foundation
import Journey
import Kernel
import Testing

@testable import CampaignFile

@Suite struct CampaignFileTests {
    let valid = """
        campaign: for-america
        timezone: America/New_York
        people:
          - {name: ann, role: admin}
        edge:
          vcl: edge/main.vcl
          backends:
            origin: {sites: true}
            api: {address: "127.0.0.1:9000"}
        dictionaries:
          redirects: {about: old addresses, first: {/a: /b}}
        sites:
          main: {folder: sites/main, domains: [www.example.org], default: true}
        calendar:
          - {name: First debate, date: 2016-09-26, from: "21:00", to: "22:30", freeze: true}
        """

    @Test func readsACampaign() throws {
        let reading = CampaignReading(text: valid) { _ in true }
        let campaign = try #require(reading.campaign, "\(reading.placed.rendered())")
        #expect(campaign.people == [.init(name: "ann", role: .admin)])
        #expect(campaign.backends.map(\.address) == [nil, HostPort("127.0.0.1:9000")])
        #expect(campaign.dictionaries.first?.first == ["/a": "/b"])
        // 21:00 in New York on that day is 01:00 UTC on the next.
        #expect(campaign.events.first?.from == Date(timeIntervalSince1970: 1_474_938_000))
        #expect(campaign.freeze(at: Date(timeIntervalSince1970: 1_474_940_000))?.name == "First debate")
        #expect(campaign.freeze(at: Date(timeIntervalSince1970: 1_474_930_000)) == nil)
    }

    @Test func readsWhereLogsGo() throws {
        let logs = """
              access_log: ["a.log,format=combined", stdout]
              log_endpoints: {audit: "syslog+udp://loghost"}
              metrics: 127.0.0.1:9145
            """
        let text = valid.replacing("  vcl: edge/main.vcl", with: logs + "\n  vcl: edge/main.vcl")
        let reading = CampaignReading(text: text) { _ in true }
        let campaign = try #require(reading.campaign, "\(reading.placed.rendered())")
        #expect(campaign.accessLogs == ["a.log,format=combined", "stdout"])
        #expect(campaign.logEndpoints == [.init(name: "audit", place: "syslog+udp://loghost")])
        #expect(campaign.metrics == HostPort("127.0.0.1:9145"))
    }

    @Test(arguments: [
        "access_log: [\"ftp://x\"]", "access_log: a.log", "log_endpoints: {\"a b\": a.log}",
        "log_endpoints: {a: \"x,format=odd\"}", "metrics: here",
    ])
    func refusesAPlaceThatIsNone(line: String) {
        let text = valid.replacing("  vcl: edge/main.vcl", with: "  \(line)\n  vcl: edge/main.vcl")
        let reading = CampaignReading(text: text) { _ in true }
        #expect(reading.campaign == nil && reading.diagnostics.count == 1, "\(reading.placed.rendered())")
    }

    @Test(arguments: [
        "date: 2016-14-12", "date: 2016-02-30", "date: 2016-11-08, to: \"24:30\"", "date: 8 Nov",
    ])
    func refusesADayThatIsNone(event: String) {
        let reading = CampaignReading(text: valid + "\n  - {name: x, \(event)}\n") { _ in true }
        #expect(reading.campaign == nil && reading.diagnostics.count == 1)
    }

    @Test(arguments: [
        ("domains: [www.example.org]", "domains: [\"http://x y/\"]"),
        ("domains: [www.example.org]", "domains: [\"<b>\"]"),
        ("campaign: for-america", "campaign: <b>"), ("{/a: /b}", "{/a: \"x\\ny\"}"),
        ("{/a: /b}", "{\"\": /b}"),
        ("folder: sites/main", "folder: ."), ("origin: {sites: true}", "origin: {sites: true}\n  cache: 0"),
    ])
    func refusesWhatCannotBeMeant(old: String, new: String) {
        let reading = CampaignReading(text: valid.replacing(old, with: new)) { _ in true }
        #expect(reading.campaign == nil && reading.diagnostics.count == 1, "\(reading.placed.rendered())")
    }

    /// The clocks go back on 6 November 2016: that day has 25 hours.
    @Test func endsADayWhenTheClockSaysSo() throws {
        let text = valid + "\n  - {name: Vote, date: 2016-11-05, until: 2016-11-06}\n"
        let event = try #require(CampaignReading(text: text) { _ in true }.campaign?.events.last)
        #expect(event.to.timeIntervalSince(event.from) == 49 * 3600)
    }

    @Test func reportsAllMistakesAtOnceEachInItsPlace() {
        let reading = CampaignReading(
            text: """
                campaign: x
                peple: []
                people:
                  - {name: ann, role: amdin}
                edge:
                  vcl: edge/gone.vcl
                  cache: plenty
                sites:
                  one: {folder: a, domains: [www.example.org], default: maybe}
                  two: {folder: ../b, domains: [www.example.org]}
                """
        ) { $0 == "a" }
        #expect(reading.campaign == nil)
        #expect(
            reading.placed.rendered() == """
                campaign.yaml:2:1: error: the campaign file has no key 'peple' [campaign/unknown-key]
                  2 | peple: []
                    | ^~~~~
                    = hint: did you mean 'people'?
                campaign.yaml:4:3: error: nobody is an admin [campaign/people]
                  4 |   - {name: ann, role: amdin}
                    |   ^
                    = hint: give one person 'role: admin', who can then invite the others
                campaign.yaml:4:23: error: there is no role 'amdin' [campaign/role]
                  4 |   - {name: ann, role: amdin}
                    |                       ^~~~~
                    = hint: did you mean 'admin'?
                campaign.yaml:6:8: error: there is no 'edge/gone.vcl' in the campaign's folder [campaign/missing-file]
                  6 |   vcl: edge/gone.vcl
                    |        ^~~~~~~~~~~~~
                campaign.yaml:7:10: error: the cache's size looks like 512MiB, not 'plenty' [campaign/type]
                  7 |   cache: plenty
                    |          ^~~~~~
                campaign.yaml:9:57: error: default is true or false, not 'maybe' [campaign/type]
                  9 |   one: {folder: a, domains: [www.example.org], default: maybe}
                    |                                                         ^~~~~
                campaign.yaml:10:17: error: '../b' leads out of the campaign's folder [campaign/path]
                  10 |   two: {folder: ../b, domains: [www.example.org]}
                     |                 ^~~~
                     = hint: write a path below the folder of campaign.yaml
                campaign.yaml:10:33: error: 'www.example.org' belongs to the site 'one' already [campaign/duplicate-address]
                  10 |   two: {folder: ../b, domains: [www.example.org]}
                     |                                 ^~~~~~~~~~~~~~~
                     = hint: two sites cannot share one address

                """)
    }

    @Test(arguments: ["", "a: [", "- x", "campaign: x\ncampaign: y", "\t", "{"])
    func survivesBrokenFiles(text: String) {
        #expect(!CampaignReading(text: text) { _ in true }.diagnostics.isEmpty)
    }
}
