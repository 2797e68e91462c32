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
        let facts: [String]
    }

    static func function(_ name: String) -> Described? {
        guard let row = Functions.byName[name] else { return nil }
        return Described(
            name: name, signature: row.signature, summary: row.summary, facts: [scopes(row.scopes)])
    }

    static func variable(_ name: String) -> Described? {
        guard let row = Variables.byName[name] else { return nil }
        var abilities: [String] = []
        if row.get != nil { abilities.append("read") }
        if row.set != nil { abilities.append("set") }
        if row.unset != nil { abilities.append("unset") }
        return Described(
            name: name, signature: "\(name): \(type(row))", summary: row.summary,
            facts: [scopes(row.scopes), "Can be " + abilities.joined(separator: ", ") + "."])
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

    /// Where the headers of each message exist: where its other parts do.
    static let messageScopes: [String: Scopes] = [
        "req": .all, "bereq": scopes(of: "bereq.url"), "beresp": scopes(of: "beresp.status"),
        "obj": scopes(of: "obj.status"), "resp": scopes(of: "resp.status"),
    ]

    private static func scopes(of variable: String) -> Scopes { Variables.byName[variable]?.scopes ?? .all }
}
