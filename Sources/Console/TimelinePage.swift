import CampaignFile
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import People
import Store

/// Timeline: what changed, by whom?
extension Console {
    private struct Choice {
        let name: String
        let isChosen: Bool
    }

    private struct TimelinePage {
        let text: String
        let people: [Choice]
        let doors: [Choice]
        let live: String?
        let changes: String
        let older: String?
    }

    func timeline(_ visit: Visit) async throws -> HTTPResponse {
        guard visit.path.count > 1 else { return try await timelineList(visit) }
        guard let number = Int64(visit.path[1]) else {
            throw Failure(.notFound, "entries have numbers, '\(visit.path[1])' is none")
        }
        if visit.request.method == "POST", visit.path.last == "undo" { return try await undo(number, visit) }
        return try await entryPage(number, visit)
    }

    func filter(_ visit: Visit) -> Ledger.Filter {
        var filter = Ledger.Filter()
        filter.isBrief = true
        filter.limit = ConsoleLimits.entries
        filter.containing = visit.query("text").isEmpty ? nil : visit.query("text")
        filter.person = visit.query("by").isEmpty ? nil : visit.query("by")
        filter.door = Door(rawValue: visit.query("door"))
        filter.before = Int64(visit.query("before"))
        return filter
    }

    private func timelineList(_ visit: Visit) async throws -> HTTPResponse {
        let (html, found) = try await entries(filter(visit), for: visit.session)
        let people = try source.store.read { try People.list(in: $0) }.map(\.name) + [Actor.hq.name]
        let query = Console.query(["text", "by", "door"].map { ($0, visit.query($0)) })
        let isFull = found.count == ConsoleLimits.entries && (found.last?.number ?? 1) > 1
        let page = TimelinePage(
            text: visit.query("text"),
            people: people.map { Choice(name: $0, isChosen: $0 == visit.query("by")) },
            doors: Door.allCases.map {
                Choice(name: $0.rawValue, isChosen: $0.rawValue == visit.query("door"))
            },
            // An older page does not change.
            live: visit.query("before").isEmpty ? "/live/timeline?" + query : nil, changes: html,
            older: isFull ? "/timeline?\(query)&before=\(found.last?.number ?? 0)" : nil)
        return try await layout(
            "Timeline", Templates.render("timeline", page), session: visit.session, at: "/timeline",
            command: "hq log --follow")
    }

    static func query(_ pairs: [(String, String)]) -> String {
        pairs.filter { !$0.1.isEmpty }.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
    }

    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
            ?? ""
    }

    // MARK: one entry

    private struct EntryPage {
        struct EditRow {
            let thing: String
            let before: String
            let after: String
        }
        let number: Int64
        let summary: String
        let marks: [EntryList.Mark]
        let person: String
        let role: String
        let door: String
        let when: String
        let exact: String
        let because: String?
        let verdicts: [Notice]
        let hasEdits: Bool
        let edits: [EditRow]
        let command: String?
        let form: String
        let undo: Bool
        let mayOverride: Bool
        let noUndo: String
    }

    private func entryPage(_ number: Int64, _ visit: Visit) async throws -> HTTPResponse {
        let (found, undoer) = try source.store.read {
            (try Ledger.entry(number, in: $0), try Ledger.undoer(of: number, in: $0))
        }
        guard let entry = found else { throw Failure(.notFound, "there is no entry \(number)") }
        let facts = try await source.facts()
        let local = LocalTime(facts.campaign.timeZone)
        let reason = Console.whyNoUndo(entry, undoer: undoer, visit.session)
        let page = EntryPage(
            number: number, summary: entry.change.summary, marks: EntryList.marks(entry, undoer: undoer),
            person: entry.actor.name, role: entry.actor.role.rawValue, door: entry.actor.door.rawValue,
            when: Distance.text(entry.at, now: Date().milliseconds),
            exact: local.stamp(entry.at), because: entry.because,
            verdicts: entry.verdicts.filter { $0.decision != .pass }.map {
                Notice(
                    tone: $0.overridden ? "bad" : "",
                    text: ($0.overridden ? "Overridden: " : "") + $0.reason.sentence)
            }, hasEdits: !entry.change.edits.isEmpty,
            edits: entry.change.edits.prefix(ConsoleLimits.edits).flatMap {
                EditLines.rows($0, zone: local.zone).map {
                    EntryPage.EditRow(thing: $0[0], before: $0[1], after: $0[2])
                }
            },
            command: entry.argv.isEmpty ? nil : "hq " + Console.shell(entry.argv),
            form: visit.session.formToken, undo: reason == nil,
            mayOverride: facts.campaign.freeze(at: Date()) != nil && visit.session.role >= .operator,
            noUndo: (reason ?? "").sentence)
        return try await layout(
            "Entry \(number)", Templates.render("entry", page), session: visit.session, at: "/timeline",
            command: "hq show \(number)",
            notice: takeNotice(for: visit.session))
    }

    private static func whyNoUndo(_ entry: LedgerEntry, undoer: Int64?, _ session: Session) -> String? {
        if entry.outcome == .refused { return "it was refused, so that there is nothing to take back" }
        if let undoer { return "entry \(undoer) took it back already" }
        if let reason = entry.change.noUndo { return "it cannot be taken back: \(reason)" }
        return session.role >= .editor ? nil : "editors, operators and admins may take it back"
    }

    private func undo(_ number: Int64, _ visit: Visit) async throws -> HTTPResponse {
        let report = try await run(["undo", "\(number)"], visit)
        let entry = report.data["entry"].map(\.text) ?? "\(number)"
        leave(notice: "Entry \(number) is undone. " + Console.effect(report), for: visit.session)
        return redirect("/timeline/\(entry)")
    }

    /// Carries a command out as this visitor, with the reason, the times and the overrides of the form. Throws what was refused.
    func run(
        _ argv: [String], _ visit: Visit, _ attachments: [String: Data]? = nil, dryRun: Bool = false
    ) async throws -> Report {
        var argv = argv
        var options: [String] = []
        for name in ["because", "at", "for"]
        where !dryRun && !visit.field(name).trimmingCharacters(in: .whitespaces).isEmpty {
            options.append("--\(name)=\(visit.field(name))")
        }
        for name in visit.form["override"] ?? [] where !dryRun { options.append("--override=\(name)") }
        if dryRun { options = ["--dry-run"] }
        argv.insert(contentsOf: options, at: argv.firstIndex(of: "--") ?? argv.count)
        let report = await source.registry.execute(
            CommandCall(argv: argv, attachments: attachments), as: visit.actor)
        guard report.outcome == .done else {
            let kind = report.failureKind.flatMap { Failure.Kind(rawValue: $0) } ?? .invalid
            throw Failure(kind, report.headline, hint: report.hint)
        }
        return report
    }

    static func effect(_ report: Report) -> String {
        report.fields.map { "\($0.label.sentence): \($0.value)." }.joined(separator: " ")
    }
}
