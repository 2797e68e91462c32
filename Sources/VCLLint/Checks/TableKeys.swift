import Diagnostics
import VCL

/// One call that looks into a table.
struct Lookup {
    /// What is known of the text that it asks for.
    struct Key: Equatable {
        enum Kind { case path, url, other }
        var kind = Kind.other
        var isLowercase = false
    }

    let call: Call
    let key: Key
}

/// Keys that no look-up can ask for.
enum TableKeys {
    static func lookups(in program: LintedProgram) -> [String: [Lookup]] {
        var found: [String: [Lookup]] = [:]
        for call in program.calls where call.name.hasPrefix("table.") && call.arguments.count >= 2 {
            guard let table = program.name(call.arguments[0]) else { continue }
            let key = key(call.arguments[1], sub: call.place.sub, program, depth: 0)
            found[table, default: []].append(Lookup(call: call, key: key))
        }
        return found
    }

    /// Variables that hold copies of copies; further ones are not followed.
    private static let deepest = 4

    private static func key(_ expression: Expression, sub: Int, _ program: LintedProgram, depth: Int)
        -> Lookup.Key
    {
        if let (name, arguments) = program.call(expression) {
            if name == "std.tolower", let inner = arguments.first {
                var found = key(inner, sub: sub, program, depth: depth)
                found.isLowercase = true
                return found
            }
            if name == "querystring.remove", let inner = arguments.first,
                key(inner, sub: sub, program, depth: depth).kind != .other
            {
                return Lookup.Key(kind: .path)
            }
            return Lookup.Key()
        }
        guard let name = program.normal(expression, in: sub) else { return Lookup.Key() }
        if name == "req.url.path" { return Lookup.Key(kind: .path) }
        if name == "req.url" { return Lookup.Key(kind: .url) }
        guard depth < deepest, let given = program.assignmentsByTarget[name], let first = given.first,
            given.allSatisfy({ $0.operation == "=" })
        else { return Lookup.Key() }
        let keys = given.map { key($0.value, sub: $0.place.sub, program, depth: depth + 1) }
        let kind = keys.allSatisfy { $0.kind == keys[0].kind } ? keys[0].kind : .other
        // A header that the visitor may send is what it was made by the program only behind that.
        let isOwn = !name.hasPrefix("req.http.") || first.place.condition < 0
        return isOwn ? Lookup.Key(kind: kind, isLowercase: keys.allSatisfy(\.isLowercase)) : Lookup.Key()
    }

    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for declaration in program.declarations {
            guard case .table(_, let entries) = declaration.kind,
                let lookups = program.lookups[program.text(declaration.name)]
            else { continue }
            let keys = lookups.map(\.key)
            let reasons = reasons(keys)
            if reasons.isEmpty { continue }
            for entry in entries {
                let text = program.literal(entry.key)
                guard let reason = reasons.first(where: { $0.applies(text) }) else { continue }
                findings.add("vcl/unmatchable-key", entry.key.span, reason.message, hint: reason.hint)
            }
        }
    }

    private struct Reason {
        let message: String
        let hint: String
        let applies: (String) -> Bool
    }

    /// What a key cannot be when all look-ups are like this.
    private static func reasons(_ keys: [Lookup.Key]) -> [Reason] {
        var found: [Reason] = []
        if keys.allSatisfy({ $0.kind != .other }) {
            found.append(
                Reason(
                    message: "no look-up asks for this key: they ask for a path, which begins with '/'",
                    hint: "begin it with '/'"
                ) { !$0.hasPrefix("/") })
        }
        if keys.allSatisfy({ $0.kind == .path }) {
            found.append(
                Reason(
                    message: "no look-up asks for this key: they ask for a path, which has no query string",
                    hint: "remove what stands behind '?', or look up req.url"
                ) { $0.contains("?") })
        }
        if keys.allSatisfy(\.isLowercase) {
            found.append(
                Reason(
                    message: "no look-up asks for this key: they ask in lower case",
                    hint: "write it in lower case"
                ) { $0.utf8.contains { $0 >= 0x41 && $0 <= 0x5A } })
        }
        return found
    }
}
