import CampaignFile
import Dictionaries
import Foundation
import Journey
import Kernel

/// What somebody has filled in and not yet decided on: entries, or a preset. It goes from the form to the preview and on to the
/// command, and comes back when something was wrong.
enum Proposal: Codable, Hashable {
    struct Entry: Codable, Hashable {
        let dictionary: String
        let key: String
        /// Nil for one that goes.
        let value: String?
        /// It is shown to nobody, not even to who typed it.
        var isSecret = false
    }

    case entries([Entry])
    case preset(name: String, isOn: Bool)

    /// Reads a form of a dictionary's page. Throws `Failure(.invalid)` with what is wrong with it.
    init(form: [String: [String]], kind: DictionaryKind) throws {
        func field(_ name: String) -> String { form[name]?.first ?? "" }
        let dictionary = field("dict")
        if form["lines"] != nil {
            self = .entries(try Proposal.lines(field("lines"), dictionary))
            return
        }
        var entries = form.filter { $0.key.hasPrefix("entry.") }.sorted { $0.key < $1.key }.map {
            name, values in
            Entry(dictionary: dictionary, key: String(name.dropFirst(6)), value: values.first ?? "")
        }
        let key = field("key").trimmingCharacters(in: .whitespaces)
        if !key.isEmpty {
            let name =
                kind == .addresses && field("exception") == "on" && !key.hasPrefix("!") ? "!" + key : key
            let status = kind == .redirects && !field("status").isEmpty ? field("status") + " " : ""
            // JSON may be written over several lines; an entry is one.
            let value = kind == .json ? Proposal.oneLine(field("value")) : field("value")
            entries.append(
                Entry(
                    dictionary: dictionary, key: name,
                    value: field("action") == "unset" ? nil : status + value,
                    isSecret: kind == .secrets))
        }
        guard !entries.isEmpty else { throw Failure(.invalid, "nothing is filled in") }
        self = .entries(entries)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ")
    }

    /// CSV, one entry a line; a line that begins with `-` removes its key.
    private static func lines(_ text: String, _ dictionary: String) throws -> [Entry] {
        var entries: [Entry] = []
        for (index, line) in text.split(whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            guard !line.isEmpty else { continue }
            if line.hasPrefix("-") {
                let key = line.dropFirst().trimmingCharacters(in: .whitespaces)
                entries.append(Entry(dictionary: dictionary, key: key, value: nil))
                continue
            }
            guard let (key, value) = EntryText.fields(line[...]), !key.isEmpty else {
                throw Failure(
                    .invalid, "line \(index + 1) is not 'key, value'",
                    hint: "put a field with a comma into quotes; a line that begins with - removes its key")
            }
            entries.append(
                Entry(
                    dictionary: dictionary, key: key.trimmingCharacters(in: .whitespaces),
                    value: value.trimmingCharacters(in: .whitespaces)))
        }
        guard !entries.isEmpty else { throw Failure(.invalid, "no line has an entry in it") }
        return entries
    }

    /// As it travels through a page; one with a secret in it does not.
    var text: String { (try? JSON.string(of: self)) ?? "" }

    init?(text: String) {
        guard let value = try? JSONDecoder().decode(Proposal.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    var isSecret: Bool {
        guard case .entries(let entries) = self else { return false }
        return entries.contains(where: \.isSecret)
    }

    // MARK: the command

    /// The words of the command that makes it so; entries travel beside them, so that no secret stands in one.
    func argv(since: Int64) -> [String] {
        switch self {
        case .entries: ["dict", "change", "--since=\(since)", "--", "-"]
        case .preset(let name, let isOn): ["preset", isOn ? "on" : "off", "--since=\(since)", "--", name]
        }
    }

    var attachments: [String: Data]? {
        guard case .entries(let entries) = self else { return nil }
        var all: [String: [String: String?]] = [:]
        for entry in entries {
            all[entry.dictionary, default: [:]].updateValue(entry.value, forKey: entry.key)
        }
        return (try? JSON.text(of: all)).map { ["-": $0] }
    }

    /// As one would type it.
    var command: String {
        switch self {
        case .preset(let name, let isOn): return "hq preset \(isOn ? "on" : "off") \(name)"
        case .entries(let entries):
            guard entries.count == 1, let one = entries.first else { return "hq dict change FILE" }
            let words =
                one.value == nil ? ["unset", one.dictionary, one.key] : ["set", one.dictionary, one.key]
            let value = one.isSecret ? nil : one.value
            return "hq dict " + Console.shell(words + (value.map { [$0] } ?? []))
        }
    }

    var title: String {
        switch self {
        case .preset(let name, let isOn): return "\(name) \(isOn ? "on" : "off")"
        case .entries(let entries):
            guard entries.count == 1, let one = entries.first else {
                return "\(entries.first?.dictionary ?? ""): \(entries.count) entries"
            }
            return "\(one.dictionary): \(one.key)"
        }
    }

    /// The page with the form, as it was filled in.
    var back: String {
        guard case .entries(let entries) = self, let first = entries.first else { return "/dictionaries" }
        let page = "/dictionaries/\(Console.encoded(first.dictionary))"
        guard entries.count == 1 else { return page }
        let value = first.isSecret ? "" : first.value ?? ""
        return "\(page)?key=\(Console.encoded(first.key))&value=\(Console.encoded(value))#change"
    }
}
