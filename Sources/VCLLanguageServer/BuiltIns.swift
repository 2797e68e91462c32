import VCL
import VCLRuntime

/// What the server says of built-in functions and variables.
enum BuiltIns {
    struct Described {
        let name: String
        /// `STRING std.tolower(STRING)`; `req.url: STRING`.
        let signature: String
        let summary: String
        /// More facts, a line each: where it exists, what can be done with it.
        var facts: [String]
    }

    static func function(_ name: String) -> Described? {
        guard let row = Functions.byName[name] else { return nil }
        return Described(
            name: name, signature: row.signature, summary: row.summary, facts: [scopes(row.scopes)])
    }

    static func variable(_ name: String) -> Described? {
        if let row = Variables.byName[name] {
            let abilities = [(row.get != nil, "read"), (row.set != nil, "set"), (row.unset != nil, "unset")]
            var found = described(name, type(row), row.summary, row.scopes, abilities)
            if let replacement = row.replacement {
                found.facts.append(replacement.isEmpty ? "Deprecated." : "Deprecated: use \(replacement).")
            }
            return found
        }
        guard let (row, _) = Variables.pattern(of: name) else { return nil }
        let abilities = [(true, "read"), (row.isSettable, "set"), (row.isUnsettable, "unset")]
        return described(name, row.type.rawValue, row.summary, row.scopes, abilities)
    }

    private static func described(
        _ name: String, _ type: String, _ summary: String, _ scopes: Scopes, _ abilities: [(Bool, String)]
    ) -> Described {
        let can = abilities.filter(\.0).map(\.1).joined(separator: ", ")
        return Described(
            name: name, signature: "\(name): \(type)", summary: summary,
            facts: [self.scopes(scopes), "Can be \(can)."])
    }

    static func type(_ row: Variable) -> String {
        (row.get?.type ?? row.set?.type)?.rawValue ?? ValueType.string.rawValue
    }

    /// The arguments' types, as they are written in a signature.
    static func parameters(_ row: Function) -> [String] {
        row.arguments.enumerated().map { index, argument in
            // A list of texts at the end may be empty.
            index < row.required || argument.typeName == "STRING_LIST"
                ? argument.typeName : "[\(argument.typeName)]"
        }
    }

    static func scopes(_ scopes: Scopes) -> String {
        scopes == .all
            ? "Exists in all subroutines."
            : "Exists in " + scopes.names.map { "vcl_" + $0 }.joined(separator: ", ") + "."
    }

    /// Where the headers of each message exist.
    static let messageScopes: [String: Scopes] = Dictionary(
        uniqueKeysWithValues: WrittenHeader.messages.map {
            ($0, Variables.pattern(of: $0 + ".http.Name")?.pattern.scopes ?? .all)
        })
}
