import CampaignFile
import Foundation
import HTTPKit
import Journey
import Kernel
import People

/// What stands around every page.
extension Console {
    struct Notice {
        let tone: String
        let text: String
    }

    private struct LayoutPage {
        struct Nav { let items: [Item] }
        struct Item {
            let href: String
            let label: String
            let isCurrent: Bool
        }
        struct Person {
            let name: String
            let role: String
        }
        let title: String
        let campaign: String
        let version: String
        let nav: Nav?
        let person: Person?
        let notice: Notice?
        let command: String?
        let zone: String
        let body: String
    }

    private static let pages: [(path: String, label: String)] = [
        ("/", "Now"), ("/timeline", "Timeline"), ("/edge", "Edge"), ("/dictionaries", "Dictionaries"),
        ("/calendar", "Calendar"),
    ]

    func layout(
        _ title: String, _ body: String, session: Session?, at path: String = "", command: String? = nil,
        notice: Notice? = nil, status: Int = 200
    ) async throws -> HTTPResponse {
        let facts = try await source.facts()
        var notice = notice
        if notice == nil, let session, session.fullRole != session.role, !session.hasFactor {
            notice = Notice(
                tone: "",
                text:
                    "You may do what an editor may, until you set up a second factor: choose your name at the top."
            )
        }
        let page = LayoutPage(
            title: title, campaign: facts.campaign.name, version: Templates.version,
            nav: session == nil
                ? nil
                : LayoutPage.Nav(
                    items: Console.pages.map {
                        LayoutPage.Item(href: $0.path, label: $0.label, isCurrent: $0.path == path)
                    }),
            person: session.map { LayoutPage.Person(name: $0.person, role: $0.role.rawValue) },
            notice: notice,
            command: command, zone: facts.campaign.timeZone.identifier, body: body)
        return HTTPResponse(
            status: status, type: "text/html; charset=utf-8", text: Templates.render("layout", page))
    }
}

/// Times as people say them: `3 min ago`, `in 2 d`.
enum Distance {
    static func text(_ milliseconds: Int64, now: Int64) -> String {
        let gap = now - milliseconds
        let size = abs(gap)
        if size < 5000 { return "just now" }
        // One unit is enough from afar.
        let words = Duration.milliseconds(size < 60_000 ? size / 1000 * 1000 : size / 60_000 * 60_000).brief
        let brief = words.split(separator: " ").prefix(2).joined(separator: " ")
        return gap > 0 ? "\(brief) ago" : "in \(brief)"
    }
}
