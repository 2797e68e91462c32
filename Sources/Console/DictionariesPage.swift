import Dictionaries
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import People
import Store

/// Dictionaries: what can I change?
extension Console {
    private struct ListPage {
        struct Row {
            let name: String
            let about: String
            let count: Int
        }
        let dictionaries: [Row]
    }

    func dictionaries(_ visit: Visit) async throws -> HTTPResponse {
        let all = try source.store.read { try Dictionaries.list(in: $0) }
        guard visit.path.count > 1 else {
            let page = ListPage(
                dictionaries: all.map { .init(name: $0.name, about: $0.about, count: $0.count) })
            return try await layout(
                "Dictionaries", Templates.render("dictionaries", page), session: visit.session,
                at: "/dictionaries", command: "hq dict list")
        }
        let name = visit.path[1]
        guard let declared = all.first(where: { $0.name == name }) else {
            throw Failure(.notFound, "no dictionary is named '\(name)'")
        }
        switch (visit.request.method, visit.path.count > 2 ? visit.path[2] : "") {
        case ("POST", "preview"): return try await preview(name, visit)
        case ("POST", "apply"): return try await apply(name, visit)
        default: return try await dictionary(declared, visit)
        }
    }

    // MARK: one dictionary

    private struct DictionaryPage {
        struct Row {
            let key: String
            let value: String
            let encodedKey: String
            let dictionary: String
            let mayChange: Bool
        }
        let name: String
        let about: String
        let mayChange: Bool
        let formTitle: String
        let form: String
        let key: String
        let value: String
        let isEdit: Bool
        let countText: String
        let filter: String
        let entries: [Row]
        let empty: String
        let more: String?
        let live: String
        let changes: String
    }

    private func dictionary(_ declared: Dictionaries.Declared, _ visit: Visit) async throws -> HTTPResponse {
        let name = declared.name
        let all = try source.store.read { try Dictionaries.entries(of: name, in: $0) }
        let wanted = visit.query("filter")
        let found = all.filter { entry in
            wanted.isEmpty || entry.key.localizedCaseInsensitiveContains(wanted)
                || entry.value.localizedCaseInsensitiveContains(wanted)
        }
        let key = visit.query("key")
        let edited = all.first { $0.key == key }
        let mayChange = visit.session.role >= .editor
        let hidden = found.count - ConsoleLimits.dictionaryEntries
        let page = DictionaryPage(
            name: name, about: declared.about.sentence, mayChange: mayChange,
            formTitle: edited == nil ? "Add or change an entry" : "Change an entry",
            form: visit.session.formToken, key: key, value: edited?.value ?? "", isEdit: edited != nil,
            countText: all.count == 1 ? "One entry" : "\(all.count) entries", filter: wanted,
            entries: found.prefix(ConsoleLimits.dictionaryEntries).map {
                DictionaryPage.Row(
                    key: $0.key, value: $0.value.cut(to: ConsoleLimits.summary),
                    encodedKey: Console.encoded($0.key), dictionary: name,
                    mayChange: mayChange)
            }, empty: wanted.isEmpty ? "It is empty." : "No entry mentions “\(wanted)”.",
            more: hidden > 0 ? "\(hidden) more; filter to find them." : nil,
            live: "/live/dictionaries/\(name)",
            changes: try await entries(changes(of: name), for: visit.session).html)
        return try await layout(
            name, Templates.render("dictionary", page), session: visit.session, at: "/dictionaries",
            command: "hq dict show \(name)",
            notice: takeNotice(for: visit.session))
    }

    func changes(of name: String) -> Ledger.Filter {
        var filter = Ledger.Filter()
        filter.limit = 8
        filter.resource = Edit(Dictionaries.kind, [name, ""], before: nil, after: nil).resource
        return filter
    }

    // MARK: changing

    private struct PreviewPage {
        struct VisitRow {
            let visit: String
            let before: String
            let after: String
        }
        let dictionary: String
        let key: String
        let value: String
        let action: String
        let before: String
        let after: String
        let hasVisits: Bool
        let visits: [VisitRow]
        let verdicts: [Notice]
        let mayOverride: Bool
        /// What was wrong with the form when it was sent.
        let problem: String?
        let because: String
        let at: String
        let duration: String
        let form: String
        /// What the entry was when this was shown; what differs by then is not overwritten.
        let expected: String
    }

    private func argv(_ name: String, _ visit: Visit, dryRun: Bool) -> [String] {
        let options =
            dryRun
            ? ["--dry-run"]
            : [visit.field("expected").isEmpty ? "--expect-none" : "--expect=" + visit.field("expected")]
        return visit.field("action") == "unset"
            ? ["dict", "unset"] + options + ["--", name, visit.field("key")]
            : ["dict", "set"] + options + ["--", name, visit.field("key"), visit.field("value")]
    }

    private func preview(_ name: String, _ visit: Visit, problem: Failure? = nil) async throws -> HTTPResponse
    {
        let report = try await run(argv(name, visit, dryRun: true), visit, withOptions: false)
        let change = try report.data["change"]?.decoded(as: Change.self)
        let verdicts = (try report.data["verdicts"]?.decoded(as: [Verdict].self) ?? []).filter {
            $0.decision != .pass
        }
        let visits = try report.data["preview"]?.decoded(as: [[String: String]].self) ?? []
        let edit = change?.edits.first
        let page = PreviewPage(
            dictionary: name, key: visit.field("key"), value: visit.field("value"),
            action: visit.field("action"), before: edit?.before ?? "not there",
            after: edit?.after ?? "not there",
            hasVisits: !visits.isEmpty,
            visits: visits.map {
                .init(visit: $0["visit"] ?? "", before: $0["before"] ?? "", after: $0["after"] ?? "")
            },
            verdicts: verdicts.map {
                Notice(tone: $0.decision == .block ? "bad" : "", text: $0.reason.sentence)
            },
            mayOverride: visit.session.role >= .operator && verdicts.contains { $0.decision == .block },
            problem: problem.map { $0.message.sentence + ($0.hint.map { ". " + $0.sentence } ?? "") },
            because: visit.field("because"), at: visit.field("at"), duration: visit.field("for"),
            form: visit.session.formToken,
            expected: edit?.before ?? ""
        )
        let words = Console.shell(argv(name, visit, dryRun: true).filter { !$0.hasPrefix("--") })
        return try await layout(
            "Preview", Templates.render("preview", page), session: visit.session, at: "/dictionaries",
            command: "hq \(words)")
    }

    /// Words as one would type them.
    static func shell(_ words: [String]) -> String {
        words.map { word in
            word.allSatisfy { $0.isLetter || $0.isNumber || "-_./:=@%+,".contains($0) } && !word.isEmpty
                ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }

    private func apply(_ name: String, _ visit: Visit) async throws -> HTTPResponse {
        let report: Report
        do {
            report = try await run(argv(name, visit, dryRun: false), visit)
        } catch let failure as Failure where [.usage, .limit, .refused].contains(failure.kind) {
            // A time that is none, a freeze: what was filled in is still there, with what was wrong.
            return try await preview(name, visit, problem: failure)
        }
        let undo = report.data["entry"].map { "Entry \($0.text); undo it below or in the timeline." } ?? ""
        leave(notice: "Done. \(Console.effect(report)) \(undo)", for: visit.session)
        return redirect("/dictionaries/\(name)")
    }
}
