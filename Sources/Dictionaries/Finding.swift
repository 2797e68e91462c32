package import CampaignFile
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

    /// Follows what the entry leads to through all dictionaries of redirects. A circle is a way that comes to an entry for the second time.
    private func redirects(from edit: Edit, _ value: String) throws -> [Finding] {
        let dictionaries = declared.values.filter { $0.kind == .redirects }.map(\.name).sorted()
        var redirect = try Redirect(key: edit.path[1], value: value, in: edit.path[0])
        var host = redirect.from.host(among: facts.hosts)
        var way = [redirect.from.text]
        var seen: Set<[String]> = [edit.path]
        while way.count <= DictionaryLimits.redirectSteps {
            way.append(redirect.to.text)
            let keys = redirect.to.keys(hosts: facts.hosts, from: host)
            guard let next = try next(keys, dictionaries) else {
                guard way.count > 2 else { return [] }
                return [
                    Finding(
                        .warns,
                        "\(edit.path[0]): visitors of \(way[0]) are sent on twice: \(way.joined(separator: " -> "))",
                        hint: "let \(way[0]) lead to \(way[way.count - 1])")
                ]
            }
            guard seen.insert(next.entry).inserted else {
                return [
                    Finding(
                        .blocks, "\(edit.path[0]): \(way.joined(separator: " -> ")) goes round in a circle",
                        hint: "let one of them lead to a page")
                ]
            }
            host = redirect.to.host(among: facts.hosts) ?? host
            redirect = next.redirect
        }
        return [
            Finding(
                .blocks,
                "\(edit.path[0]): \(way[0]) leads over more than \(DictionaryLimits.redirectSteps) others",
                hint: "let it lead to the page itself")
        ]
    }

    private func next(_ keys: [String], _ dictionaries: [String]) throws -> (
        entry: [String], redirect: Redirect
    )? {
        for key in keys {
            for name in dictionaries {
                guard let value = try value(name, key),
                    let found = try? Redirect(key: key, value: value, in: name)
                else { continue }
                return ([name, key], found)
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
        let sum = Findings.sum(of: all.map(\.value))
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
        let before = try Dictionaries.entries(of: declared.name, in: transaction).compactMap {
            AddressEntry($0.key)
        }
        let all = try entries(of: declared.name).compactMap { AddressEntry($0.key) }
        if let person = facts.person, let entry = holder(of: person, in: all),
            holder(of: person, in: before) == nil
        {
            return [
                Finding(
                    .blocks,
                    "\(declared.name): \(entry.range) would shut you out: you come from \(person)",
                    hint: "leave it out, or add the exception !\(person) first")
            ]
        }
        for text in declared.protected {
            guard let own = AddressRange(text), let inside = holder(of: own, in: all),
                holder(of: own, in: before) == nil
            else { continue }
            return [
                Finding(
                    .blocks,
                    "\(declared.name): \(inside.range) would shut out the campaign's own \(own)",
                    hint: "name a smaller network; campaign.yaml protects this one")
            ]
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

    /// The entry by which a list holds an address: the one with the longest prefix decides.
    private func holder(of address: IPAddress, in all: [AddressEntry]) -> AddressEntry? {
        all.filter { $0.range.contains(address) }.max { $0.range.bits < $1.range.bits }.flatMap {
            $0.isException ? nil : $0
        }
    }

    /// An entry by which a list holds a part of a network: one that overlaps it, when no exception that is narrower covers that part.
    private func holder(of own: AddressRange, in all: [AddressEntry]) -> AddressEntry? {
        let exceptions = all.filter(\.isException)
        return all.first { entry in
            guard !entry.isException, entry.range.overlaps(own) else { return false }
            let part = entry.range.bits > own.bits ? entry.range : own
            return !exceptions.contains { $0.range.bits >= entry.range.bits && $0.range.contains(part) }
        }
    }
}

extension Findings {
    /// What weights add up to. One that is no percent counts as some that is too much, and overflows nothing.
    fileprivate static func sum(of weights: some Sequence<String>) -> Int {
        weights.reduce(0) { $0 + min(max(Int($1) ?? 0, 0), 1000) }
    }

    /// What is wrong with the entries that declarations begin with, and with those that presets set: nobody plans those.
    /// Each with the name of the dictionary or the preset.
    package static func list(of declarations: [DictionaryDeclaration], presets: [Preset]) -> [(
        name: String, finding: Finding
    )] {
        var found: [(name: String, finding: Finding)] = []
        func check(_ key: String, _ value: String, _ declared: DictionaryDeclaration, _ name: String) {
            do {
                try EntryCheck.require(key, value, in: declared)
            } catch let failure as Failure {
                found.append((name, Finding(.blocks, failure.message, hint: failure.hint)))
            } catch {}
        }
        for one in declarations {
            for (key, value) in one.first.sorted(by: { $0.key < $1.key }) { check(key, value, one, one.name) }
            let sum = sum(of: one.first.values)
            if one.kind == .weights, !one.first.isEmpty, sum != 100 {
                found.append(
                    (one.name, Finding(.blocks, "\(one.name): the weights add up to \(sum), not 100")))
            }
            if let schema = one.schema {
                do { _ = try JSONSchema(schema) } catch let failure as Failure {
                    found.append(
                        (one.name, Finding(.blocks, "\(one.name): \(failure.message)", hint: failure.hint)))
                } catch {}
            }
        }
        for preset in presets {
            for entry in preset.on + preset.off {
                guard let value = entry.value,
                    let declared = declarations.first(where: { $0.name == entry.dictionary })
                else { continue }
                check(entry.key, value, declared, preset.name)
            }
        }
        return found
    }
}
