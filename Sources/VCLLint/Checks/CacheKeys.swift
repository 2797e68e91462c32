import Diagnostics
import VCL

/// What the cache key is made of.
enum CacheKeys {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        let hashed = program.assignments.filter { $0.target == "req.hash" }
        for assignment in hashed { personal(assignment.value, assignment.place.sub, program, &findings) }
        guard !hashed.isEmpty, let state = program.subs.first(where: { $0.state == .hash }) else { return }
        let names = hashed.flatMap { program.names(in: $0.value, sub: $0.place.sub) }
        let sources = names.flatMap { name in
            (program.assignmentsByTarget[name] ?? []).flatMap {
                program.names(in: $0.value, sub: $0.place.sub)
            }
        }
        // Without the URL in it, it is what Fastly's generated code adds to the key, not all of it.
        guard names.contains(where: { $0.hasPrefix("req.url") }), !(names + sources).contains("req.http.host")
        else { return }
        findings.add(
            "vcl/hash-without-host", state.declaration.name.span,
            "the cache key does not hold the host: one host's pages answer for another's",
            hint: "add 'set req.hash += req.http.host;'")
    }

    private static let exact: Set<String> = [
        "client.ip", "client.identity", "req.http.cookie", "req.http.authorization",
        "req.http.x-forwarded-for", "req.http.fastly-client-ip", "req.http.true-client-ip",
        "req.http.x-real-ip",
    ]
    private static let words: [String] = ["email", "session", "user-id", "userid", "username", "token"]

    static func isPersonal(_ name: String) -> Bool {
        exact.contains(name)
            || name.hasPrefix("req.http.") && words.contains { name.contains($0) }
    }

    private static func personal(
        _ value: Expression, _ sub: Int, _ program: LintedProgram, _ findings: inout Findings
    ) {
        if let name = program.normal(value, in: sub) {
            guard isPersonal(name) || copies(name, program).contains(where: isPersonal) else { return }
            findings.add(
                "vcl/personal-cache-key", value.span,
                "'\(program.text(value.span))' makes a copy for each visitor, and keeps who they are",
                hint: "use what it decides instead, such as a group or a language, or return(pass)")
            return
        }
        // What a table or a pattern makes of it is a group, not a person.
        if let (name, _) = program.call(value), name.hasPrefix("table.") || name == "if" { return }
        for child in LintedProgram.children(value) { personal(child, sub, program, &findings) }
    }

    /// The names whose plain copy a name holds. One field of a header is a choice more often than a person.
    private static func copies(_ name: String, _ program: LintedProgram) -> [String] {
        (program.assignmentsByTarget[name] ?? []).filter { !program.text($0.value.span).contains(":") }
            .compactMap {
                program.normal($0.value, in: $0.place.sub)
            }
    }
}

/// Responses with Set-Cookie that are kept, and given to the next visitor.
enum Cookies {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        guard !program.mentions.contains(where: { $0.name == "beresp.http.set-cookie" }) else { return }
        let longer = program.assignments.first { assignment in
            assignment.target == "beresp.ttl" && !isZero(assignment.value, program)
                && !program.conditions(around: assignment.place.condition).contains {
                    program.mentions($0.condition, "beresp.status") && !$0.failed
                }
        }
        guard let longer else { return }
        findings.add(
            "vcl/cached-cookie", longer.span,
            "a response with Set-Cookie is kept too, and its cookie goes to the next visitor",
            hint: "before it: if (beresp.http.Set-Cookie) { return(pass); }, or unset the header")
    }

    private static func isZero(_ value: Expression, _ program: LintedProgram) -> Bool {
        program.text(value.span).prefix { $0.isNumber || $0 == "." }.allSatisfy { $0 == "0" || $0 == "." }
            && program.isConstant(value)
    }
}
