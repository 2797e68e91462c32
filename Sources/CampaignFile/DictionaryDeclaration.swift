package import Journey

/// What the entries of a dictionary are, which decides about their form, their checks and what is said of them.
package enum DictionaryKind: String, Sendable, Codable, CaseIterable {
    /// Keys and values of any text.
    case plain
    /// Paths (or whole addresses) that lead elsewhere.
    case redirects
    /// Named settings that are one of a few words.
    case switches
    /// Whole percents that add up to 100.
    case weights
    /// Addresses and networks; to programs an access list.
    case addresses
    /// Words that visitors read.
    case text
    /// Values that nobody sees again.
    case secrets
    /// JSON of a known shape.
    case json
}

/// What the campaign file (or a service of the Fastly API) says of a dictionary.
package struct DictionaryDeclaration: Sendable, Hashable, Codable {
    /// One switch: what it does, and the words that it may be.
    package struct Switch: Sendable, Hashable, Codable {
        package let name: String
        package let about: String
        package let values: [String]

        package init(name: String, about: String, values: [String]) {
            self.name = name
            self.about = about
            self.values = values
        }
    }

    /// When a change needs a second person.
    package struct Approval: Sendable, Hashable, Codable {
        package enum Time: String, Sendable, Codable, CaseIterable { case always, freeze }

        package let when: Time
        /// What that person must be at least; nobody approves their own change.
        package let by: Role

        package init(when: Time, by: Role) {
            self.when = when
            self.by = by
        }
    }

    package let name: String
    package let about: String
    package var kind = DictionaryKind.plain
    /// What it begins with; from then on people own the entries.
    package var first: [String: String] = [:]
    package var switches: [Switch] = []
    /// Characters of a value of `text`.
    package var longest: Int?
    /// Characters that a value of `text` may have, as a class of a regular expression without its brackets; nil for all.
    package var allowed: String?
    /// A JSON Schema as text, of `json`.
    package var schema: String?
    /// Addresses and networks that `addresses` never holds: the campaign's own.
    package var protected: [String] = []
    package var approval: Approval?

    package init(name: String, about: String = "", kind: DictionaryKind = .plain) {
        self.name = name
        self.about = about
        self.kind = kind
    }
}

/// A change set with a name: what is set together when it is on, and what when it is off.
package struct Preset: Sendable, Hashable {
    /// One entry of it; `value` is nil for one that goes.
    package struct Entry: Sendable, Hashable {
        package let dictionary: String
        package let key: String
        package let value: String?

        package init(dictionary: String, key: String, value: String?) {
            self.dictionary = dictionary
            self.key = key
            self.value = value
        }
    }

    package let name: String
    package let about: String
    package let on: [Entry]
    package let off: [Entry]

    package init(name: String, about: String, on: [Entry], off: [Entry]) {
        self.name = name
        self.about = about
        self.on = on
        self.off = off
    }
}
