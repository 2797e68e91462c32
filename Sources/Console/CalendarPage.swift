import CampaignFile
import Foundation
import HTTPKit
import Journey
import Kernel

/// Calendar: what is coming, what is frozen?
extension Console {
    private struct CalendarPage {
        struct Row {
            let when: String
            let distance: String
            let name: String
            let mark: String?
        }
        struct Waiting {
            let id: String
            let when: String
            let what: String
            let who: String
        }
        let lead: String
        let hasScheduled: Bool
        let scheduled: [Waiting]
        let coming: [Row]
        let hasPast: Bool
        let past: [Row]
    }

    func calendar(_ visit: Visit) async throws -> HTTPResponse {
        let facts = try await source.facts()
        let local = LocalTime(facts.campaign.timeZone)
        let now = Date()
        let rows = { (events: [Campaign.Event]) in
            events.map { event in
                CalendarPage.Row(
                    when: Console.span(event, local), distance: Console.when(event, now: now),
                    name: event.name,
                    mark: event.isFreeze
                        ? (event.from <= now && now < event.to ? "frozen now" : "freeze") : nil)
            }
        }
        let waiting = try await source.scheduled()
        let past = facts.campaign.events.filter { $0.to <= now }
        let page = CalendarPage(
            lead: Console.calendarLead(facts.campaign, now, local), hasScheduled: !waiting.isEmpty,
            scheduled: waiting.map { item in
                let until = item.until.map { ", until " + local.text(local.date($0)) } ?? ""
                return CalendarPage.Waiting(
                    id: item.id, when: local.text(local.date(item.at)) + until, what: item.summary,
                    who: item.person)
            }, coming: rows(facts.campaign.events.filter { $0.to > now }), hasPast: !past.isEmpty,
            past: rows(past.reversed()))
        return try await layout(
            "Calendar", Templates.render("calendar", page), session: visit.session, at: "/calendar",
            command: "hq calendar --all")
    }

    /// A day, days, or hours of one day.
    private static func span(_ event: Campaign.Event, _ local: LocalTime) -> String {
        let first = local.day(event.from)
        let last = local.day(event.to.addingTimeInterval(-1))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = local.zone
        let isWhole =
            calendar.startOfDay(for: event.from) == event.from
            && calendar.startOfDay(for: event.to) == event.to
        if isWhole { return first == last ? first : "\(first) to \(last)" }
        return first == last
            ? "\(local.text(event.from)) to \(local.time(event.to))"
            : "\(local.text(event.from)) to \(local.text(event.to))"
    }

    private static func calendarLead(_ campaign: Campaign, _ now: Date, _ local: LocalTime) -> String {
        if let freeze = campaign.freeze(at: now) {
            return
                "Frozen for \(freeze.name) until \(local.text(freeze.to)). What the public sees stays as it is, unless an operator overrides it and says why."
        }
        guard let next = campaign.events.first(where: { $0.isFreeze && $0.from > now }) else {
            return "Nothing is frozen, and no freeze is planned."
        }
        return "Nothing is frozen. The next freeze is \(next.name), \(local.text(next.from))."
    }
}
