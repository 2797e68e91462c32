import CampaignFile
import Foundation
import Journey
package import Kernel

/// What one entry may be, by its dictionary's kind. Every door refuses with these sentences.
enum EntryCheck {
    /// Throws `Failure(.invalid)` or `Failure(.limit)`.
    static func require(_ key: String, _ value: String, in declared: DictionaryDeclaration) throws {
        try requireText(key, value)
        switch declared.kind {
        case .plain, .secrets: break
        case .redirects: _ = try Redirect(key: key, value: value, in: declared.name)
        case .switches: try requireSwitch(key, value, declared)
        case .weights: try requireWeight(key, value, declared)
        case .addresses: try requireAddress(key, declared)
        case .text: try requireWords(key, value, declared)
        case .json: try requireJSON(key, value, declared)
        }
    }

    private static func requireText(_ key: String, _ value: String) throws {
        guard !key.isEmpty, key.count <= DictionaryLimits.keyCharacters else {
            throw Failure(
                .limit, "a key has 1 to \(DictionaryLimits.keyCharacters) characters, this one \(key.count)")
        }
        guard value.count <= DictionaryLimits.valueCharacters else {
            throw Failure(
                .limit,
                "a value has at most \(DictionaryLimits.valueCharacters) characters, this one \(value.count)")
        }
        // It would be shown, and read, as a secret.
        guard !value.hasPrefix(Sealed.mark) else {
            throw Failure(.invalid, "a value does not begin with '\(Sealed.mark)'")
        }
        for scalar in (key + value).unicodeScalars where scalar.value < 0x20 || scalar.value == 0x7F {
            throw Failure(.invalid, "keys and values hold no line breaks or other control characters")
        }
    }

    private static func requireSwitch(_ key: String, _ value: String, _ declared: DictionaryDeclaration)
        throws
    {
        guard let known = declared.switches.first(where: { $0.name == key }) else {
            let names = declared.switches.map(\.name)
            throw Failure(
                .invalid, "\(declared.name) has no switch '\(key)'",
                hint: nearest(key, among: names).map { "did you mean '\($0)'?" }
                    ?? "there are \(names.joined(separator: ", "))")
        }
        guard known.values.contains(value) else {
            throw Failure(
                .invalid, "\(declared.name): \(key) cannot be '\(value)'",
                hint: "it is \(known.values.dropLast().joined(separator: ", ")) or \(known.values.last ?? "")"
            )
        }
    }

    private static func requireWeight(_ key: String, _ value: String, _ declared: DictionaryDeclaration)
        throws
    {
        guard let percent = Int(value), (0...100).contains(percent), value == "\(percent)" else {
            throw Failure(
                .invalid, "\(declared.name): the weight of \(key) cannot be '\(value)'",
                hint: "a whole number from 0 to 100")
        }
    }

    private static func requireAddress(_ key: String, _ declared: DictionaryDeclaration) throws {
        guard AddressEntry(key) != nil else {
            throw Failure(
                .invalid, "\(declared.name): '\(key)' is no address and no network",
                hint: "write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32; a ! before it makes an exception")
        }
    }

    private static func requireWords(_ key: String, _ value: String, _ declared: DictionaryDeclaration) throws
    {
        if let longest = declared.longest, value.count > longest {
            throw Failure(
                .invalid, "\(declared.name): \(key) has \(value.count) characters, \(longest) is the most",
                hint: "take \(value.count - longest) away")
        }
        guard let allowed = declared.allowed else { return }
        // One look over all of it; which character it is is asked only when there is one.
        guard value.range(of: "^[\(allowed)]*$", options: .regularExpression) == nil else { return }
        let wrong = value.first {
            String($0).range(of: "^[\(allowed)]$", options: .regularExpression) == nil
        }
        if let wrong {
            throw Failure(
                .invalid, "\(declared.name): \(key) cannot have the character '\(wrong)'",
                hint: "it may have \(allowed)")
        }
    }

    private static func requireJSON(_ key: String, _ value: String, _ declared: DictionaryDeclaration) throws
    {
        guard let json = try? JSONDecoder().decode(JSON.self, from: Data(value.utf8)) else {
            throw Failure(
                .invalid, "\(declared.name): \(key) is no JSON", hint: "such as {\"title\": \"Watch live\"}")
        }
        guard let text = declared.schema, let schema = try? JSONSchema(text) else { return }
        if let problem = schema.problem(of: json) {
            throw Failure(.invalid, "\(declared.name): \(key): \(problem.message)", hint: problem.hint)
        }
    }
}

/// A key of a dictionary of addresses: an address or a network, or an exception from one.
package struct AddressEntry: Sendable, Hashable {
    package let range: AddressRange
    /// Written with a `!`: the list does not hold it, whatever else does.
    package let isException: Bool

    package init?(_ key: String) {
        isException = key.hasPrefix("!")
        guard let range = AddressRange(isException ? String(key.dropFirst()) : key) else { return nil }
        self.range = range
    }

    /// The one way in which HQ writes it.
    package var text: String { (isException ? "!" : "") + range.description }
}
