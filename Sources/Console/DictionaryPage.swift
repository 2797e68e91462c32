import CampaignFile
import Dictionaries
import Foundation
import HTTPKit
import Journey
import Kernel
import Ledger
import People
import Store

/// One dictionary: its form, its entries, who changed them last.
extension Console {
    private struct DictionaryPage {
        struct Row {
            let key: String
            let value: String
            let encodedKey: String
            let dictionary: String
            let mayChange: Bool
            let last: String?
            let exact: String
        }
        let name: String
        let encoded: String
        let about: String
        let mayChange: Bool
        let formTitle: String
        let fields: EntryForm
        let countText: String
        let filter: String
        let entries: [Row]
        let empty: String
        let more: String?
        let live: String
        let changes: String
        let problem: String?
    }

    /// `problem`: what is wrong with what was filled in, which stands in the form still.
    func dictionary(named name: String, _ visit: Visit, problem: Failure? = nil) async throws -> HTTPResponse
    {
        let all = try source.store.read { try Dictionaries.list(in: $0) }
        guard let declared = all.first(where: { $0.name == name }) else {
            throw Failure(
                .notFound, "no dictionary is named '\(name)'",
                hint: nearest(name, among: all.map(\.name)).map { "did you mean '\($0)'?" })
        }
        let wanted = visit.query("filter")
        let mayChange = visit.session.role >= .editor
        let now = Date().milliseconds
        let local = LocalTime(await source.timeZone)
        let (found, last, head) = try source.store.read { transaction in
            let found = try Dictionaries.find(
                wanted, of: name, limit: ConsoleLimits.dictionaryEntries + 1, in: transaction)
            return (
                found, try Console.lastChanges(found, in: transaction),
                try Ledger.head(in: transaction).number
            )
        }
        let typed = visit.field("key").isEmpty ? visit.query("key") : visit.field("key")
        let current = try source.store.read { try Dictionaries.value(name, typed, in: $0) }
        let form = EntryForm(
            declared.declaration, entries: found, key: typed, current: current,
            typed: visit.form["value"]?.first ?? visit.request.query["value"], visit, since: head)
        let page = DictionaryPage(
            name: name, encoded: Console.encoded(name), about: declared.about.sentence, mayChange: mayChange,
            formTitle: form.title, fields: form,
            countText: declared.count == 1 ? "One entry" : "\(declared.count) entries", filter: wanted,
            entries: found.prefix(ConsoleLimits.dictionaryEntries).map { entry in
                let change = last[entry.key]
                return DictionaryPage.Row(
                    key: entry.key, value: entry.value.cut(to: ConsoleLimits.summary),
                    encodedKey: Console.encoded(entry.key), dictionary: Console.encoded(name),
                    mayChange: mayChange,
                    last: change.map {
                        "\($0.actor.name), \(Distance.text($0.at, now: now))"
                            + ($0.because.map { ": “\($0)”" } ?? "")
                    }, exact: change.map { local.stamp($0.at) } ?? "")
            }, empty: wanted.isEmpty ? "It is empty." : "No entry mentions “\(wanted)”.",
            more: found.count > ConsoleLimits.dictionaryEntries
                ? "There are more; filter to find them." : nil,
            live: "/live/dictionaries/\(name)",
            changes: try await entries(changes(of: name), for: visit.session).html,
            problem: problem.map { $0.message.sentence + ($0.hint.map { ". " + $0.sentence } ?? "") + "." })
        return try await layout(
            name, Templates.render("dictionary", page), session: visit.session, at: "/dictionaries",
            command: "hq dict show \(name)", notice: takeNotice(for: visit.session),
            status: problem?.httpStatus ?? 200)
    }

    /// The latest entry of the ledger about each of these.
    private static func lastChanges(_ entries: [Dictionaries.Entry], in transaction: StoreTransaction) throws
        -> [String: LedgerEntry]
    {
        var found: [String: LedgerEntry] = [:]
        // A large import is the last change of many entries, and is read once.
        var known: [Int64: LedgerEntry] = [:]
        for entry in entries {
            let edit = Edit(Dictionaries.kind, [entry.dictionary, entry.key], before: nil, after: nil)
            guard let number = try Ledger.laterEntry(touching: edit.resource, after: 0, in: transaction)
            else { continue }
            if known[number] == nil { known[number] = try Ledger.brief(number, in: transaction) }
            found[entry.key] = known[number]
        }
        return found
    }
}

/// The form that fits a dictionary's kind, filled in.
struct EntryForm {
    struct Choice {
        let value: String
        let label: String
        let isChosen: Bool
    }
    struct Switch {
        let name: String
        let about: String
        let choices: [Choice]
    }
    struct Weight {
        let name: String
        let value: String
    }

    let title: String
    let form: String
    let dict: String
    let since: Int64
    let key: String
    let value: String
    let isEdit: Bool
    // One of these is what is shown.
    let isPlain: Bool
    let isRedirect: Bool
    let statuses: [Choice]
    let isSwitches: Bool
    let switches: [Switch]
    let isWeights: Bool
    let weights: [Weight]
    let isAddresses: Bool
    let isException: Bool
    let isText: Bool
    let longest: String?
    let isSecret: Bool
    let isJSON: Bool
    let isBulk: Bool
    let lines: String?

    init(
        _ declared: DictionaryDeclaration, entries: [Dictionaries.Entry], key: String, current: String?,
        typed: String?, _ visit: Visit, since: Int64
    ) {
        let kind = declared.kind
        (form, dict, self.since) = (visit.session.formToken, declared.name, since)
        isEdit = current != nil
        switch kind {
        case .switches: title = "Change"
        case .weights: title = "Share it out"
        default: title = isEdit ? "Change an entry" : "Add or change an entry"
        }
        let value = typed ?? (kind == .secrets ? "" : current ?? "")
        let status = visit.field("status").isEmpty ? Redirect.status(of: value) : Int(visit.field("status"))
        isRedirect = kind == .redirects
        self.value = isRedirect ? Redirect.target(of: value) : value
        self.key = kind == .addresses && key.hasPrefix("!") ? String(key.dropFirst()) : key
        isException = kind == .addresses && (key.hasPrefix("!") || visit.field("exception") == "on")
        statuses =
            [Choice(value: "", label: "as usual here", isChosen: status == nil)]
            + Redirect.statuses.map {
                Choice(value: "\($0)", label: "\($0), \(EntryForm.words[$0] ?? "")", isChosen: $0 == status)
            }
        let now = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        isSwitches = kind == .switches
        switches = declared.switches.map { one in
            let chosen = visit.form["entry." + one.name]?.first ?? now[one.name]
            return Switch(
                name: one.name, about: one.about.sentence,
                choices: one.values.map { Choice(value: $0, label: $0, isChosen: $0 == chosen) })
        }
        isWeights = kind == .weights
        weights = entries.map {
            Weight(name: $0.key, value: visit.form["entry." + $0.key]?.first ?? $0.value)
        }
        isAddresses = kind == .addresses
        isText = kind == .text
        longest = declared.longest.map(String.init)
        isSecret = kind == .secrets
        isJSON = kind == .json
        isPlain = kind == .plain
        isBulk = ![.switches, .weights, .secrets, .json].contains(kind)
        lines = visit.form["lines"]?.first
    }

    private static let words: [Int: String] = [
        301: "for good", 302: "for now", 303: "see this instead", 307: "for now, forms too",
        308: "for good, forms too",
    ]
}

extension Redirect {
    /// The status in front of a value, if there is one.
    static func status(of value: String) -> Int? {
        let words = value.split(separator: " ", maxSplits: 1)
        return words.count == 2 ? Int(words[0]).flatMap { statuses.contains($0) ? $0 : nil } : nil
    }

    static func target(of value: String) -> String {
        status(of: value) == nil ? value : String(value.split(separator: " ", maxSplits: 1)[1])
    }
}
