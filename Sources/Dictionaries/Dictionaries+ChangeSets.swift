package import CampaignFile
package import Journey
import Kernel
package import Store

/// One entry as somebody wants it; `value` is nil for one that shall go.
package struct Wish: Sendable, Hashable {
    package let dictionary: String
    package let key: String
    package let value: String?

    package init(_ dictionary: String, _ key: String, _ value: String?) {
        self.dictionary = dictionary
        self.key = key
        self.value = value
    }
}

extension Dictionaries {
    /// Several entries of any dictionaries as one change. What is as it is wanted already is left out of it.
    /// Throws `Failure(.conflict)` when that is everything.
    package static func planChangeSet(
        _ wishes: [Wish], named name: String? = nil, seal: Seal, in transaction: StoreTransaction
    ) throws -> Change {
        guard wishes.count <= DictionaryLimits.importEntries else {
            throw Failure(
                .limit,
                "one change has \(DictionaryLimits.importEntries) entries at most, this one \(wishes.count)"
            )
        }
        var edits: [Edit] = []
        var added: [String: Int] = [:]
        for (dictionary, own) in Dictionary(grouping: wishes, by: \.dictionary).sorted(by: { $0.key < $1.key }
        ) {
            let declared = try declaration(of: dictionary, in: transaction)
            var seen: Set<String> = []
            for written in own {
                let isKept = try value(dictionary, written.key, in: transaction) != nil
                let key = written.value == nil && isKept ? written.key : canonical(written.key, declared)
                let wish = Wish(dictionary, key, written.value)
                guard seen.insert(wish.key).inserted else {
                    throw Failure(.invalid, "\(dictionary): '\(wish.key)' is changed twice in one change")
                }
                let before = try value(dictionary, wish.key, in: transaction)
                guard let wanted = wish.value else {
                    if let before {
                        edits.append(Edit(kind, [dictionary, wish.key], before: before, after: nil))
                    }
                    continue
                }
                try EntryCheck.require(wish.key, wanted, in: declared)
                let after = try stored(wanted, declared, seal)
                guard before != after else { continue }
                if before == nil { added[dictionary, default: 0] += 1 }
                edits.append(Edit(kind, [dictionary, wish.key], before: before, after: after))
            }
        }
        guard !edits.isEmpty else {
            throw Failure(
                .conflict, "\(name.map { "\($0): " } ?? "")all of it is so already", hint: "nothing to change"
            )
        }
        for (dictionary, count) in added { try checkRoom(dictionary, adding: count, in: transaction) }
        let words = edits.prefix(3).map(\.words).joined(separator: ", ")
        let more = edits.count > 3 ? " and \(edits.count - 3) more" : ""
        return Change(summary: name.map { "\($0): \(words)\(more)" } ?? words + more, edits: edits)
    }

    /// A preset's entries, when it is turned on or off.
    package static func plan(_ preset: Preset, on: Bool, seal: Seal, in transaction: StoreTransaction) throws
        -> Change
    {
        try planChangeSet(
            (on ? preset.on : preset.off).map { Wish($0.dictionary, $0.key, $0.value) },
            named: "\(preset.name) \(on ? "on" : "off")", seal: seal, in: transaction)
    }
}

extension Edit {
    /// `redirects: /debate -> /live`, without what nobody shall read.
    fileprivate var words: String {
        let shown = masked
        return "\(path[0]): \(path[1]) " + (shown.after.map { "-> \($0)" } ?? "removed")
    }
}
