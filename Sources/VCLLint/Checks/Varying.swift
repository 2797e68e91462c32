import Diagnostics
import VCL

/// Request headers that decide what is kept, when the cache does not know about them; and Vary itself.
enum Varying {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        overwritten(program, &findings)
        guard program.isWhole else { return }
        let known = known(program)
        var told: Set<String> = []
        for assignment in program.assignments where assignment.place.sub >= 0 {
            guard let what = decides(assignment, program) else { continue }
            let headers = deciding(assignment, program)
            for (header, span) in headers where !known.contains(header) && told.insert(header).inserted {
                findings.add(
                    "vcl/missing-vary", span,
                    "'\(header)' decides \(what), but visitors with another one get the same copy",
                    hint: "add it to Vary in vcl_fetch, or to req.hash in vcl_hash")
            }
        }
    }

    // MARK: what decides

    private static let storing = Scopes(.fetch)
    private static let choosing = Scopes(.recv, .miss)

    /// What an assignment changes of the copy that is kept; nil when it changes nothing of it.
    private static func decides(_ assignment: Assignment, _ program: LintedProgram) -> String? {
        let scopes = program.subs[assignment.place.sub].scopes
        if assignment.target.hasPrefix("beresp.http."), assignment.target != "beresp.http.vary" {
            let isKept = !scopes.isDisjoint(with: storing)
            return isKept ? "what the kept response says" : nil
        }
        if ["req.backend", "bereq.url"].contains(assignment.target), !scopes.isDisjoint(with: choosing) {
            return passes(assignment, program) ? nil : "which backend answers"
        }
        return nil
    }

    /// Whether the branch that holds the assignment keeps nothing.
    private static func passes(_ assignment: Assignment, _ program: LintedProgram) -> Bool {
        program.exits.contains {
            $0.place.condition == assignment.place.condition && $0.place.sub == assignment.place.sub
                && $0.kind == .action(.pass)
        }
    }

    private static func deciding(_ assignment: Assignment, _ program: LintedProgram) -> [(String, Span)] {
        let around = program.conditions(around: assignment.place.condition).map(\.condition)
        return ([assignment.value] + around).flatMap { headers(in: $0, program) }
    }

    private static func headers(in expression: Expression, _ program: LintedProgram) -> [(String, Span)] {
        if let name = program.normal(expression, in: -1) {
            guard let header = visitorHeader(name, program) else { return [] }
            return [(header, expression.span)]
        }
        return LintedProgram.children(expression).flatMap { headers(in: $0, program) }
    }

    /// In every cache key, or of the connection, or seen to by the edge itself.
    private static let unvaried: [Substring] = ["host", "upgrade", "accept-encoding"]

    /// A header that the visitor sends and the program does not make; nil for others.
    private static func visitorHeader(_ name: String, _ program: LintedProgram) -> String? {
        let header: Substring
        if name.hasPrefix("req.http.") {
            header = name.dropFirst("req.http.".count)
        } else if name.hasPrefix("bereq.http.") {
            header = name.dropFirst("bereq.http.".count)
        } else {
            return nil
        }
        guard program.assignmentsByTarget["req.http." + String(header)] == nil, !unvaried.contains(header),
            !header.hasPrefix("fastly-"), !header.hasPrefix("x-fastly-"), !header.hasPrefix("surrogate-")
        else { return nil }
        return String(header)
    }

    /// Headers that are part of the cache key or of a Vary that the program writes.
    private static func known(_ program: LintedProgram) -> Set<String> {
        var known: Set<String> = []
        for assignment in program.assignments {
            if assignment.target == "req.hash" {
                for name in program.names(in: assignment.value, sub: assignment.place.sub)
                where name.hasPrefix("req.http.") {
                    known.insert(String(name.dropFirst("req.http.".count)))
                }
            } else if assignment.target.hasSuffix(".http.vary") {
                for part in program.parts(assignment.value) {
                    let words = program.literal(part)?.lowercased().split { $0 == "," || $0 == " " } ?? []
                    known.formUnion(words.map(String.init))
                }
            }
        }
        for mention in program.mentions where mention.name.hasSuffix(".http.vary") {
            if let field = mention.subfield { known.insert(field) }
        }
        return known
    }

    // MARK: Vary

    private static func overwritten(_ program: LintedProgram, _ findings: inout Findings) {
        for assignment in program.assignments where assignment.operation == "=" {
            let name = assignment.target
            guard name == "beresp.http.vary" || name == "resp.http.vary",
                !program.text(assignment.span).contains(":"), !program.mentions(assignment.value, name),
                !program.conditions(around: assignment.place.condition).contains(where: {
                    program.mentions($0.condition, name)
                })
            else { continue }
            let word = program.text(assignment.span)
            findings.add(
                "vcl/overwritten-vary", assignment.span, "this discards what the origin says in Vary",
                hint: "write set \(word):Name = \"\"; for each header, or add to it behind a comma")
        }
    }
}
