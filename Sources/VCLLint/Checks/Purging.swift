import Diagnostics
import VCL

/// Who may make the edge forget a page.
enum Purging {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        guard program.assignmentsByTarget["req.http.fastly-purge-requires-auth"] == nil else { return }
        let purging = program.conditions.indices.filter { index in
            isPurge(program.conditions[index].condition, program)
        }
        if purging.isEmpty || isGuarded(Set(purging), program) { return }
        for exit in program.exits where exit.kind == .action(.lookup) || exit.kind == .action(.pass) {
            guard program.subs[exit.place.sub].scopes.contains(Scopes(.recv)),
                program.conditions(around: exit.place.condition).contains(where: {
                    !$0.failed && isPurge($0.condition, program)
                })
            else { continue }
            findings.add(
                "vcl/open-purge", exit.span, "anybody may purge: nothing asks who it is",
                hint: "before it: if (!(client.ip ~ staff)) { error 403; }")
        }
    }

    private static let methods: Set<String> = ["PURGE", "FASTLYPURGE"]

    private static func isPurge(_ condition: Expression, _ program: LintedProgram) -> Bool {
        program.contains(condition) { part in
            if program.name(part) == "req.is_purge" { return true }
            guard case .binary(let symbol, let left, let right) = part.kind,
                symbol == .equal || symbol == .match,
                program.name(left) == "req.method"
                    || program.name(left) == "req.request"
            else { return false }
            return program.literal(right).map { methods.contains($0) } ?? false
        }
            && !program.contains(condition) { part in
                if case .not(let inner) = part.kind { return program.name(inner) == "req.is_purge" }
                return false
            }
    }

    /// Whether a condition that asks for a purge, or one inside it, asks who it is.
    private static func isGuarded(_ purging: Set<Int>, _ program: LintedProgram) -> Bool {
        program.conditions.indices.contains { index in
            guard asksWho(program.conditions[index].condition, program) else { return false }
            var at = index
            while at >= 0 {
                if purging.contains(at) { return true }
                at = program.conditions[at].outer
            }
            return false
        }
    }

    private static func asksWho(_ condition: Expression, _ program: LintedProgram) -> Bool {
        program.contains(condition) { part in
            if case .binary(let symbol, _, let right) = part.kind,
                symbol == .match || symbol == .notMatch, program.name(right) != nil
            {
                return true
            }
            if let name = program.name(part) { return name.contains(".http.") }
            return program.call(part).map { $0.name.hasPrefix("digest.") } ?? false
        }
    }
}
