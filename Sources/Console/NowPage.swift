import CampaignFile
import EdgeLink
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger

struct Figure {
    let label: String
    let value: String
    let note: String
}

/// Now: is it well?
extension Console {
    private struct NowPage {
        struct Site {
            let name: String
            let address: String
            let state: String
            let tone: String
        }
        struct Event {
            let name: String
            let when: String
            let exact: String
            let isFreeze: Bool
        }
        let headline: String
        let lead: String
        let warnings: [Notice]
        let figures: [Figure]
        let chart: String
        let sites: [Site]
        let events: [Event]
        let changes: String
    }

    func now(_ visit: Visit) async throws -> HTTPResponse {
        let body = "<div data-live=\"/live/now\">" + (try await nowBody(visit)) + "</div>"
        return try await layout("Now", body, session: visit.session, at: "/", command: "hq status")
    }

    func nowBody(_ visit: Visit) async throws -> String {
        let facts = try await source.facts()
        let traffic = await source.traffic()
        let date = Date()
        let now = date.milliseconds
        let points = traffic.sum(seconds: 300, now: now)
        let minute = Traffic.Totals(Array(points.suffix(60)))
        var filter = Ledger.Filter()
        filter.isBrief = true
        filter.limit = 5
        let local = LocalTime(facts.campaign.timeZone)
        let warnings = Console.warnings(facts, at: date, local)
        let page = NowPage(
            headline: Console.headline(facts, minute), lead: Console.lead(facts, minute), warnings: warnings,
            figures: Console.figures(minute, traffic, now: now),
            chart: Charts.spark(
                points.map { Double($0.requests) },
                label: "requests a second, five minutes; now \(points.last?.requests ?? 0)"),
            sites: facts.sites.map {
                NowPage.Site(
                    name: $0.name, address: $0.address,
                    state: $0.isChecked
                        ? ($0.isUp ? "up" : $0.status.map { "answers \($0)" } ?? "no answer")
                        : "not asked yet",
                    tone: $0.isChecked ? ($0.isUp ? "good" : "bad") : "warn")
            },
            events: facts.campaign.events.filter { $0.to > date }.prefix(4).map {
                NowPage.Event(
                    name: $0.name, when: Console.when($0, now: date), exact: local.text($0.from),
                    isFreeze: $0.isFreeze)
            }, changes: try await entries(filter, for: visit.session).html)
        return Templates.render("now", page)
    }

    static func when(_ event: Campaign.Event, now: Date) -> String {
        event.from <= now
            ? "now"
            : Distance.text(
                event.from.milliseconds, now: now.milliseconds)
    }

    private static func headline(_ facts: ConsoleFacts, _ minute: Traffic.Totals) -> String {
        let down = facts.sites.filter { $0.isChecked && !$0.isUp }
        if facts.edges.isEmpty { return "No edge is connected" }
        if down.count > 1 { return "\(down.count) sites are down" }
        if let one = down.first { return "The \(one.name) site is down" }
        if let share = minute.errorShare, share >= 0.01 {
            return "\(shortDecimal(share * 100))% of visits end in an error"
        }
        return "All is well"
    }

    private static func lead(_ facts: ConsoleFacts, _ minute: Traffic.Totals) -> String {
        let checked = facts.sites.filter(\.isChecked)
        var words: [String] = []
        if let main = checked.first(where: \.isUp) {
            let others = checked.filter(\.isUp).count - 1
            words.append(
                "The \(main.name) site is up\(others > 0 ? ", and \(others) more" : "").")
        }
        if let hits = minute.hitShare {
            words.append(
                "\(shortDecimal(hits * 100))% of visits in the last minute were answered from the edge.")
        } else {
            words.append("Nobody has come by in the last minute.")
        }
        return words.joined(separator: " ")
    }

    private static func warnings(_ facts: ConsoleFacts, at date: Date, _ local: LocalTime) -> [Notice] {
        var warnings: [Notice] = []
        if let freeze = facts.campaign.freeze(at: date) {
            warnings.append(
                Notice(
                    tone: "",
                    text:
                        "Frozen for \(freeze.name) until \(local.text(freeze.to)): changes wait, or take an operator and a reason."
                ))
        }
        for edge in facts.edges where !edge.isCurrent {
            warnings.append(
                Notice(
                    tone: "bad",
                    text:
                        "\(edge.name) does not serve the latest change\(edge.refusal.map { ": \($0)" } ?? "")."
                ))
        }
        return warnings + facts.notes.map { Notice(tone: "bad", text: $0.sentence) }
    }

    static func figures(_ minute: Traffic.Totals, _ traffic: Traffic, now: Int64) -> [Figure] {
        let samples = traffic.samples(now: now)
        let percent = { (part: Double?) in part.map { shortDecimal($0 * 100) + "%" } ?? "–" }
        let bytes = samples.reduce(0) { $0 + $1.cachedBytes }
        return [
            Figure(
                label: "Visits a second",
                value: minute.requestsPerSecond < 100
                    ? shortDecimal(minute.requestsPerSecond)
                    : grouped(Int(minute.requestsPerSecond.rounded())),
                note: "requests, over the last minute"),
            Figure(
                label: "From the edge", value: percent(minute.hitShare),
                note: "hit ratio; the rest asked an origin"),
            Figure(
                label: "Errors", value: percent(minute.errorShare),
                note:
                    "5xx: \(grouped(minute.statuses[4])) of \(grouped(minute.statuses.reduce(0, +))) answers"),
            Figure(
                label: "Kept at the edge", value: grouped(samples.reduce(0) { $0 + $1.cachedObjects }),
                note: "objects, \(ByteCount(bytes))"),
        ]
    }
}
