import CampaignFile
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
            let encoded: String
        }
        struct PresetRow {
            let name: String
            let about: String
            let state: String
            let tone: String
            let mayChange: Bool
            let form: String
        }
        struct Found {
            let dictionary: String
            let key: String
            let value: String
            let about: String
            let link: String
            let mayChange: Bool
        }
        let find: String
        let isSearch: Bool
        let found: [Found]
        let presets: [PresetRow]
        let hasPresets: Bool
        let dictionaries: [Row]
        let approvals: String?
    }

    func dictionaries(_ visit: Visit) async throws -> HTTPResponse {
        if visit.path.count > 1 {
            // The name of a service's dictionary has a slash in it.
            let isHistory = visit.path.count > 2 && visit.path.last == "history"
            let name = visit.path.dropFirst().dropLast(isHistory ? 1 : 0).joined(separator: "/")
            return try await isHistory ? history(of: name, visit) : dictionary(named: name, visit)
        }
        let all = try source.store.read { try Dictionaries.list(in: $0) }
        let wanted = visit.query("find").trimmingCharacters(in: .whitespaces)
        let mayChange = visit.session.role >= .editor
        let waiting = try await source.approvals().count
        let shown = all.filter { one in
            wanted.isEmpty || [one.name, one.about].contains { $0.localizedCaseInsensitiveContains(wanted) }
        }
        let presets = try await source.presets().filter { one in
            wanted.isEmpty
                || [one.name, one.about].contains { $0.localizedCaseInsensitiveContains(wanted) }
        }
        let page = ListPage(
            find: wanted, isSearch: !wanted.isEmpty, found: try found(wanted, all, mayChange),
            presets: presets.map {
                .init(
                    name: $0.name, about: $0.about.sentence, state: $0.state,
                    tone: $0.state == "on" ? "good" : $0.state == "off" ? "" : "warn",
                    mayChange: mayChange, form: visit.session.formToken)
            }, hasPresets: !presets.isEmpty,
            dictionaries: shown.map {
                .init(
                    name: $0.name, about: $0.about.sentence, count: $0.count,
                    encoded: Console.encoded($0.name))
            },
            approvals: waiting == 0 ? nil : "\(counted(waiting, "change")) for a second person")
        return try await layout(
            "Dictionaries", Templates.render("dictionaries", page), session: visit.session,
            at: "/dictionaries", command: wanted.isEmpty ? "hq dict list" : nil,
            notice: takeNotice(for: visit.session))
    }

    /// Entries by what they are called, hold or do.
    private func found(_ wanted: String, _ all: [Dictionaries.Declared], _ mayChange: Bool) throws
        -> [ListPage.Found]
    {
        guard !wanted.isEmpty else { return [] }
        let switches = all.flatMap { one in
            one.declaration.switches.filter { $0.about.localizedCaseInsensitiveContains(wanted) }
                .map { (dictionary: one.name, key: $0.name) }
        }
        let entries = try source.store.read { transaction in
            var entries = try Dictionaries.find(wanted, limit: ConsoleLimits.found, in: transaction)
            for one in switches
            where !entries.contains(where: { $0.dictionary == one.dictionary && $0.key == one.key }) {
                let value = try Dictionaries.value(one.dictionary, one.key, in: transaction) ?? ""
                entries.append(.init(dictionary: one.dictionary, key: one.key, value: value))
            }
            return entries
        }
        let abouts = Dictionary(all.map { ($0.name, $0.declaration) }, uniquingKeysWith: { $1 })
        return entries.map { entry in
            let declared = abouts[entry.dictionary]
            let about = declared?.switches.first { $0.name == entry.key }?.about ?? declared?.about ?? ""
            return .init(
                dictionary: entry.dictionary, key: entry.key,
                value: entry.value.cut(to: ConsoleLimits.summary), about: about.sentence,
                link:
                    "/dictionaries/\(Console.encoded(entry.dictionary))?key=\(Console.encoded(entry.key))#change",
                mayChange: mayChange)
        }
    }

    // MARK: the history of one key

    private struct HistoryPage {
        struct Row {
            let number: String
            let when: String
            let exact: String
            let person: String
            let before: String
            let after: String
            let because: String?
        }
        let dictionary: String
        let key: String
        let rows: [Row]
        let back: String
    }

    private func history(of name: String, _ visit: Visit) async throws -> HTTPResponse {
        let key = visit.query("key")
        let local = LocalTime(await source.timeZone)
        let now = Date().milliseconds
        var filter = changes(of: name)
        filter.resource = Edit(Dictionaries.kind, [name, key], before: nil, after: nil).resource
        filter.isWholeResource = true
        filter.isBrief = false
        filter.limit = ConsoleLimits.entries
        let found = try source.store.read { [filter] in try Ledger.list(filter, in: $0) }
        let rows = found.flatMap { entry in
            entry.change.edits.filter { $0.kind == Dictionaries.kind && $0.path == [name, key] }.map { edit in
                let shown = edit.masked
                return HistoryPage.Row(
                    number: "\(entry.number)", when: Distance.text(entry.at, now: now),
                    exact: local.stamp(entry.at), person: entry.actor.name,
                    before: shown.before ?? "not there", after: shown.after ?? "not there",
                    because: entry.because)
            }
        }
        let page = HistoryPage(
            dictionary: name, key: key, rows: rows,
            back: "/dictionaries/\(Console.encoded(name))?key=\(Console.encoded(key))#change")
        return try await layout(
            "\(name): \(key)", Templates.render("history", page), session: visit.session, at: "/dictionaries",
            command: "hq dict history " + Console.shell([name, key]))
    }

    func changes(of name: String) -> Ledger.Filter {
        var filter = Ledger.Filter()
        filter.limit = 8
        filter.isBrief = true
        filter.resource = Edit(Dictionaries.kind, [name, ""], before: nil, after: nil).resource
        return filter
    }
}
