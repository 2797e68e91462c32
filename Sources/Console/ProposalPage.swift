import CampaignFile
import Dictionaries
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import People
import Store

/// One entry of a change that waits for a decision.
struct EditRow {
    let dictionary: String
    let key: String
    let before: String
    let after: String

    /// The first of them, as anybody may read them.
    static func rows(of edits: [Edit]) -> [EditRow] {
        edits.prefix(ConsoleLimits.edits).map(\.masked).map {
            EditRow(
                dictionary: $0.path[0], key: $0.path.dropFirst().joined(separator: " "),
                before: $0.before ?? "not there", after: $0.after ?? "not there")
        }
    }
}

/// The preview of a change, and the decision about it.
extension Console {
    private struct ProposalPage {
        struct VisitRow {
            let visit: String
            let before: String
            let after: String
        }
        struct Override {
            let name: String
        }
        let title: String
        let edits: [EditRow]
        let more: String?
        let hasVisits: Bool
        let visits: [VisitRow]
        let verdicts: [Notice]
        let overrides: [Override]
        /// What was wrong when it was sent.
        let problem: String?
        /// It may go live, perhaps after a second person's yes.
        let mayGo: Bool
        let button: String
        let because: String
        let at: String
        let duration: String
        let form: String
        let proposal: String
        /// The entry of the ledger up to which everything was seen.
        let since: Int64
        let back: String
    }

    func change(_ visit: Visit) async throws -> HTTPResponse {
        switch visit.path.count > 1 ? visit.path[1] : "" {
        case "preview": return try await proposed(visit)
        case "apply": return try await applied(visit)
        default: throw Failure(.notFound, "there is no page \(visit.request.path)")
        }
    }

    /// A form that was filled in; one that makes no change comes back as it was, with what is wrong.
    private func proposed(_ visit: Visit) async throws -> HTTPResponse {
        if !visit.field("preset").isEmpty {
            let proposal = Proposal.preset(name: visit.field("preset"), isOn: visit.field("turn") == "on")
            return try await preview(proposal, since: try head(), visit)
        }
        let name = visit.field("dict")
        let declared = try source.store.read { try Dictionaries.declaration(of: name, in: $0) }
        do {
            let proposal = try Proposal(form: visit.form, kind: declared.kind)
            return try await preview(proposal, since: Int64(visit.field("since")) ?? (try head()), visit)
        } catch let failure as Failure
            where [.invalid, .limit, .usage, .notFound, .conflict].contains(failure.kind)
        {
            return try await dictionary(named: name, visit, problem: failure)
        }
    }

    private func head() throws -> Int64 { try source.store.read { try Ledger.head(in: $0).number } }

    private func preview(
        _ proposal: Proposal, since: Int64, _ visit: Visit, problem: Failure? = nil
    ) async throws -> HTTPResponse {
        var (since, problem) = (since, problem)
        let report: Report
        do {
            report = try await run(proposal.argv(since: since), visit, proposal.attachments, dryRun: true)
        } catch let failure as Failure
            where failure.kind == .conflict && failure.message.contains("changed meanwhile")
        {
            // Somebody else was faster: what they did is shown, what was typed here stays, and the decision is made anew.
            since = try head()
            problem = Console.told(failure)
            report = try await run(proposal.argv(since: since), visit, proposal.attachments, dryRun: true)
        }
        let change = try report.data["change"]?.decoded(as: Change.self)
        let verdicts = (try report.data["verdicts"]?.decoded(as: [Verdict].self) ?? []).filter {
            $0.decision != .pass
        }
        let visits = try report.data["preview"]?.decoded(as: [[String: String]].self) ?? []
        let edits = change?.edits ?? []
        let blocks = verdicts.filter { $0.decision == .block }
        let asks = blocks.contains { $0.guardName == "approval" }
        let refusals = blocks.filter { $0.guardName != "approval" }
        let mayOverride = visit.session.role >= .operator
        let hidden = edits.count - ConsoleLimits.edits
        let page = ProposalPage(
            title: proposal.title,
            edits: EditRow.rows(of: edits), more: hidden > 0 ? "and \(hidden) more" : nil,
            hasVisits: !visits.isEmpty,
            visits: visits.map {
                .init(visit: $0["visit"] ?? "", before: $0["before"] ?? "", after: $0["after"] ?? "")
            }, verdicts: verdicts.map { Console.notice($0) },
            overrides: mayOverride ? blocks.map { .init(name: $0.guardName) } : [],
            problem: problem.map { $0.message.sentence + ($0.hint.map { ". " + $0.sentence } ?? "") },
            mayGo: refusals.isEmpty || mayOverride,
            button: asks ? "Ask for a second person’s yes" : "Change it",
            because: visit.field("because"), at: visit.field("at"), duration: visit.field("for"),
            form: visit.session.formToken, proposal: pageText(of: proposal, for: visit.session), since: since,
            back: proposal.back)
        return try await layout(
            "Preview", Templates.render("preview", page), session: visit.session, at: "/dictionaries",
            command: proposal.command)
    }

    /// Of somebody who was faster, in words for a page.
    private static func told(_ failure: Failure) -> Failure {
        guard failure.kind == .conflict else { return failure }
        return Failure(
            .conflict, failure.message,
            hint: "what you filled in is still here: look at it beside that, and decide anew")
    }

    private static func notice(_ verdict: Verdict) -> Notice {
        let hint = verdict.wayPast.map { ". " + $0.sentence } ?? ""
        return Notice(
            tone: verdict.decision == .block && verdict.guardName != "approval" ? "bad" : "",
            text: verdict.reason.sentence + hint + ".")
    }

    private func applied(_ visit: Visit) async throws -> HTTPResponse {
        guard let since = Int64(visit.field("since")) else {
            throw Failure(.invalid, "this form is not whole", hint: "go back and fill it in again")
        }
        let proposal = try proposal(of: visit.field("proposal"), for: visit.session)
        let report: Report
        do {
            report = try await run(proposal.argv(since: since), visit, proposal.attachments)
        } catch let failure as Failure where [.usage, .limit, .refused, .conflict].contains(failure.kind) {
            // A time that is none, a freeze, somebody who was faster: what was filled in is still there, with what was wrong.
            let now = failure.kind == .conflict ? try head() : since
            return try await preview(proposal, since: now, visit, problem: Console.told(failure))
        }
        let number = report.data["entry"].map(\.text) ?? ""
        leave(
            notice: report.data["waiting"] == .bool(true)
                ? "Entry \(number) waits for a second person’s yes."
                : "Done. \(Console.effect(report)) Entry \(number); undo it below or in the timeline.",
            for: visit.session)
        let page = proposal.back.split(separator: "?").first.map(String.init) ?? "/dictionaries"
        return redirect(page)
    }

    /// Words as one would type them.
    static func shell(_ words: [String]) -> String {
        words.map { word in
            word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@%+,".contains($0) } && !word.isEmpty
                ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}
