import Foundation
import HTTPKit
import Journey
import Kernel
import Rehearsal
import Rehearsals

/// Rehearsals: what would a surge do?
extension Console {
    private struct RehearsalsPage {
        struct Running {
            let title: String
            let lead: String
            let tone: String
            let verdict: String
            let picture: String
        }
        struct Kept {
            let id: String
            let when: String
            let exact: String
            let person: String
            let lasted: String
            let shape: String
            let target: String
            let gaveFirst: String
            let state: String
            let tone: String
        }
        let running: [Running]
        let kept: [Kept]
        let hasKept: Bool
        let most: Int
        let edgeAddress: String
    }

    private struct ReportPage {
        let title: String
        let lead: String
        let tone: String
        let verdict: String
        let exceeded: [String]
        let picture: String
        let costs: String?
    }

    func rehearsals(_ visit: Visit) async throws -> HTTPResponse {
        guard visit.path.count > 1 else {
            let body = "<div data-live=\"/live/rehearsals\">" + (try await rehearsalsBody()) + "</div>"
            return try await layout(
                "Rehearsals", body, session: visit.session, at: "/rehearsals",
                command: "hq rehearse frankenbump")
        }
        guard let record = try await source.rehearsal(visit.path[1]) else {
            throw Failure(
                .notFound, "there is no rehearsal '\(visit.path[1])'",
                hint: "the last \(RehearsalsLimits.reports) are kept")
        }
        return try await reportPage(record, visit)
    }

    func rehearsalsBody() async throws -> String {
        let facts = try await source.facts()
        let local = LocalTime(await source.timeZone)
        let now = Date().milliseconds
        let (running, kept) = try await source.rehearsals()
        let page = RehearsalsPage(
            running: running.map { record in
                let account = record.account
                return RehearsalsPage.Running(
                    title: "\(account.shape) against \(account.target)".sentence,
                    lead:
                        "Second \(account.now.second + 1) of \(account.length), by \(record.person).",
                    tone: account.gaveFirst == nil ? "good" : "",
                    verdict: Console.verdict(account.gaveFirst, ended: false),
                    picture: RehearsalPicture.html(of: account))
            },
            kept: kept.map { one in
                RehearsalsPage.Kept(
                    id: one.id, when: Distance.text(one.began, now: now), exact: local.stamp(one.began),
                    person: one.person,
                    lasted: Duration.milliseconds(max(0, one.ended - one.began)).brief,
                    shape: one.shape, target: one.target,
                    gaveFirst: one.gaveFirst.isEmpty ? "nothing" : one.gaveFirst,
                    state: Console.words(one.outcome).state, tone: Console.words(one.outcome).tone)
            }, hasKept: !kept.isEmpty, most: RehearsalsLimits.reports, edgeAddress: facts.edgeAddress)
        return Templates.render("rehearsals", page)
    }

    private func reportPage(_ record: RehearsalRecord, _ visit: Visit) async throws -> HTTPResponse {
        let account = record.account
        let local = LocalTime(await source.timeZone)
        let lasted = Duration.milliseconds(max(0, (account.ended ?? account.began) - account.began)).brief
        let early = account.cutShort.map { " It ended early: \($0)." } ?? ""
        let page = ReportPage(
            title: "\(account.shape) against \(account.target)".sentence,
            lead:
                "\(grouped(account.due)) requests in \(lasted), by \(record.person), \(local.stamp(account.began)).\(early)",
            tone: account.gaveFirst == nil ? "good" : "",
            verdict: Console.verdict(account.gaveFirst, ended: true),
            exceeded: account.exceeded.map { "Exceeded: \($0)." },
            picture: RehearsalPicture.html(of: account),
            costs: account.costs.isEmpty ? nil : account.costs.sentence + ".")
        return try await layout(
            account.shape.sentence, Templates.render("rehearsal", page), session: visit.session,
            at: "/rehearsals",
            command: "hq rehearse \(account.shape) --target \(account.target)")
    }

    private static func words(_ outcome: RehearsalAccount.Outcome) -> (state: String, tone: String) {
        switch outcome {
        case .held: ("held", "good")
        case .gave: ("gave way", "warn")
        case .exceeded: ("exceeded its limits", "bad")
        case .endedEarly: ("ended early", "warn")
        }
    }

    private static func verdict(_ gaveFirst: String?, ended: Bool) -> String {
        gaveFirst.map { "What gave first: \($0)." } ?? (ended ? "Nothing gave." : "Nothing has given yet.")
    }
}
