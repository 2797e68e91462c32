import CampaignFile
package import Journey
package import Kernel
package import Store

/// What is wrong, or odd, with dictionaries as they would be after a change.
package struct Finding: Sendable, Hashable {
    package enum Weight: Sendable, Hashable { case blocks, warns }

    package let weight: Weight
    package let message: String
    /// What to do about it.
    package let hint: String?

    package init(_ weight: Weight, _ message: String, hint: String? = nil) {
        self.weight = weight
        self.message = message
        self.hint = hint
    }
}

/// Looks at dictionaries as a change would leave them: circles and chains of redirects, weights that do not add up, addresses that
/// would shut out whoever makes the change, or the campaign itself.
package struct Findings {
    /// What else must be known of who asks and where.
    package struct Facts: Sendable {
        /// Hosts of the campaign's own sites, lower case.
        package var hosts: Set<String> = []
        /// Where the person's request came from; nil when it is not known.
        package var person: IPAddress?

        package init(hosts: Set<String> = [], person: IPAddress? = nil) {
            self.hosts = hosts
            self.person = person
        }
    }

    private let edits: [Edit]
    private let facts: Facts
    private let transaction: StoreTransaction
    private let declared: [String: DictionaryDeclaration]
    /// What the change sets, by dictionary and key; nil for what it removes.
    private let after: [[String]: String?]

    package static func list(of change: Change, _ facts: Facts, in transaction: StoreTransaction) throws
        -> [Finding]
    {
        let edits = change.edits.filter { $0.kind == Dictionaries.kind }
        guard !edits.isEmpty else { return [] }
        return try Findings(edits, facts, transaction).list()
    }

    private init(_ edits: [Edit], _ facts: Facts, _ transaction: StoreTransaction) throws {
        self.edits = edits
        self.facts = facts
        self.transaction = transaction
        declared = Dictionary(
            try Dictionaries.list(in: transaction).map { ($0.name, $0.declaration) }, uniquingKeysWith: { $1 }
        )
        after = Dictionary(edits.map { ($0.path, $0.after) }, uniquingKeysWith: { $1 })
    }

    private func list() throws -> [Finding] {
        var found: [Finding] = []
        for edit in edits {
            guard let one = declared[edit.path[0]], let value = edit.after else { continue }
            do {
                // Undos, schedules and presets come here unplanned, perhaps after the dictionary's kind has changed.
                if one.kind != .secrets { try EntryCheck.require(edit.path[1], value, in: one) }
                if one.kind == .redirects { found += try redirects(from: edit, value) }
            } catch let failure as Failure {
                found.append(Finding(.blocks, failure.message, hint: failure.hint))
            }
        }
        for name in Set(edits.map { $0.path[0] }).sorted() {
            guard let one = declared[name] else { continue }
            if one.kind == .weights { found += try weights(of: name) }
            if one.kind == .addresses { found += try addresses(of: one) }
        }
        return found
    }

    private func value(_ dictionary: String, _ key: String) throws -> String? {
        if let planned = after[[dictionary, key]] { return planned }
        return try Dictionaries.value(dictionary, key, in: transaction)
    }

    // MARK: redirects

    /// Follows what the entry leads to through all dictionaries of redirects.
    private func redirects(from edit: Edit, _ value: String) throws -> [Finding] {
        let dictionaries = declared.values.filter { $0.kind == .redirects }.map(\.name).sorted()
        var redirect = try Redirect(key: edit.path[1], value: value, in: edit.path[0])
        var way = [redirect.from.text]
        var seen = Set(redirect.from.keys(hosts: facts.hosts))
        while way.count <= DictionaryLimits.redirectSteps {
            let keys = redirect.to.keys(hosts: facts.hosts)
            way.append(redirect.to.text)
            if keys.contains(where: seen.contains) {
                return [
                    Finding(
                        .blocks, "\(edit.path[0]): \(way.joined(separator: " -> ")) goes round in a circle",
                        hint: "let one of them lead to a page")
                ]
            }
            seen.formUnion(keys)
            guard let next = try next(keys, dictionaries) else {
                guard way.count > 2 else { return [] }
                return [
                    Finding(
                        .warns,
                        "\(edit.path[0]): visitors of \(way[0]) are sent on twice: \(way.joined(separator: " -> "))",
                        hint: "let \(way[0]) lead to \(way[way.count - 1])")
                ]
            }
            redirect = next
        }
        return [
            Finding(
                .blocks,
                "\(edit.path[0]): \(way[0]) leads over more than \(DictionaryLimits.redirectSteps) others",
                hint: "let it lead to the page itself")
        ]
    }

    private func next(_ keys: [String], _ dictionaries: [String]) throws -> Redirect? {
        for name in dictionaries {
            for key in keys {
                if let value = try value(name, key) { return try? Redirect(key: key, value: value, in: name) }
            }
        }
        return nil
    }

    // MARK: weights

    private func entries(of name: String) throws -> [(key: String, value: String)] {
        let now = try Dictionaries.entries(of: name, in: transaction).filter { after[[name, $0.key]] == nil }
        let new = edits.filter { $0.path[0] == name }.compactMap { edit in
            edit.after.map { (key: edit.path[1], value: $0) }
        }
        return (now + new).sorted { $0.key < $1.key }
    }

    private func weights(of name: String) throws -> [Finding] {
        let all = try entries(of: name)
        let sum = all.reduce(0) { $0 + (Int($1.value) ?? 0) }
        guard sum != 100, !all.isEmpty else { return [] }
        let list = all.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return [
            Finding(
                .blocks, "\(name): the weights add up to \(sum), not 100",
                hint:
                    "change several together, and \(sum > 100 ? "take \(sum - 100) away" : "add \(100 - sum)"): \(list)"
            )
        ]
    }

    // MARK: addresses

    private func addresses(of declared: DictionaryDeclaration) throws -> [Finding] {
        let new = edits.filter { $0.path[0] == declared.name && $0.after != nil }.compactMap {
            AddressEntry($0.path[1])
        }
        let all = try entries(of: declared.name).compactMap { AddressEntry($0.key) }
        func holds(_ address: IPAddress) -> AddressEntry? {
            all.filter { $0.range.contains(address) }.max { $0.range.bits < $1.range.bits }.flatMap {
                $0.isException ? nil : $0
            }
        }
        if let person = facts.person, let entry = holds(person), new.contains(entry) {
            return [
                Finding(
                    .blocks, "\(declared.name): \(entry.range) would shut you out: you come from \(person)",
                    hint: "leave it out, or add the exception !\(person) first")
            ]
        }
        for text in declared.protected {
            guard let own = AddressRange(text) else { continue }
            let inside = new.first { !$0.isException && $0.range.overlaps(own) }
            if let inside {
                return [
                    Finding(
                        .blocks, "\(declared.name): \(inside.range) would shut out the campaign's own \(own)",
                        hint: "name a smaller network; campaign.yaml protects this one")
                ]
            }
        }
        // Of a long list, who wrote it knows more than a warning could say.
        for entry in new.prefix(DictionaryLimits.overlapsLookedFor) {
            let other = all.first {
                $0 != entry && $0.isException == entry.isException && $0.range.contains(entry.range)
            }
            if let other {
                return [
                    Finding(
                        .warns,
                        "\(declared.name): \(entry.range) lies in \(other.range), which is there already")
                ]
            }
        }
        return []
    }
}
