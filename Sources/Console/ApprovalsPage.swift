import Foundation
import HTTPKit
import Journey
import Kernel
import People
import Store

/// What waits for a second person.
extension Console {
    private struct ApprovalsPage {
        struct Row {
            let number: String
            let summary: String
            let person: String
            let when: String
            let exact: String
            let because: String?
            let time: String?
            let reason: String
            let who: String
            let edits: [EditRow]
            let more: String?
            let mayDecide: Bool
            let isOwn: Bool
            let form: String
        }
        let rows: [Row]
    }

    func approvals(_ visit: Visit) async throws -> HTTPResponse {
        if visit.request.method == "POST" {
            let number = visit.field("number")
            let word = visit.field("decision") == "approve" ? "approve" : "reject"
            let report = try await run([word, "--", number], visit)
            leave(notice: "\(report.headline.sentence). \(Console.effect(report))", for: visit.session)
            return redirect("/approvals")
        }
        let local = LocalTime(await source.timeZone)
        let now = Date().milliseconds
        let page = ApprovalsPage(
            rows: try await source.approvals().map { one in
                let isOwn = one.change.person == visit.session.person
                return .init(
                    number: one.change.id, summary: one.change.summary.cut(to: ConsoleLimits.summary),
                    person: one.change.person, when: Distance.text(one.asked, now: now),
                    exact: local.stamp(one.asked), because: one.change.because,
                    time: one.change.at > 0 ? "It shall begin at \(local.stamp(one.change.at))." : nil,
                    reason: one.reason.sentence, who: one.by.rawValue,
                    edits: EditRow.rows(of: one.change.edits),
                    more: one.change.edits.count > ConsoleLimits.edits
                        ? "and \(one.change.edits.count - ConsoleLimits.edits) more; hq approvals --json has all"
                        : nil,
                    mayDecide: !isOwn && visit.session.role >= one.by, isOwn: isOwn,
                    form: visit.session.formToken)
            })
        return try await layout(
            "Waiting", Templates.render("approvals", page), session: visit.session, at: "/dictionaries",
            command: "hq approvals", notice: takeNotice(for: visit.session))
    }
}
