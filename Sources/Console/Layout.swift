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
        /// Where to go about it.
        var link: Link?

        struct Link {
            let href: String
            let label: String
        }
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
        ("/vcl/simulate", "VCL"), ("/rehearsals", "Rehearsals"), ("/calendar", "Calendar"),
    ]

    func layout(
        _ title: String, _ body: String, session: Session?, at path: String = "", command: String? = nil,
        notice: Notice? = nil, status: Int = 200
    ) async throws -> HTTPResponse {
        let facts = try await source.facts()
        var notice = notice
        if notice == nil, let session, session.fullRole != session.role, !session.hasFactor {
            notice = Notice(
                tone: "", text: "You are \(session.fullRole.article), and may do here what an editor may.",
                link: Notice.Link(href: "/account", label: "Set up your second factor"))
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

/// Times as people say them: `3 min ago`, `in 2 days`.
enum Distance {
    static func text(_ milliseconds: Int64, now: Int64) -> String {
        let gap = now - milliseconds
        let seconds = Int(abs(gap) / 1000)
        let words: String
        switch seconds {
        case ..<5: return "just now"
        case ..<60: words = "\(seconds) s"
        case ..<3600: words = "\(seconds / 60) min"
        case ..<86400: words = counted(seconds / 3600, "hour")
        default: words = counted(seconds / 86400, "day")
        }
        return gap > 0 ? words + " ago" : "in " + words
    }
}
