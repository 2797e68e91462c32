import Diagnostics
import VCL
import VCLRuntime

/// Declarations that nothing names.
enum Unused {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        guard program.isWhole else { return }
        let used = names(used: program)
        let firstBackend = program.declarations.first {
            if case .backend = $0.kind { true } else { false }
        }
        for declaration in program.declarations {
            let name = program.text(declaration.name)
            guard let (rule, what) = rule(declaration), !used.contains(name),
                !program.isGenerated(declaration.span), declaration.span != firstBackend?.span
            else { continue }
            findings.add(
                rule, declaration.name.span, "\(what) '\(name)' is used nowhere",
                hint: "remove it, or name it where it belongs",
                fixes: [findings.removal("remove \(what) '\(name)'", declaration.span, safe: false)])
        }
        dictionaries(program, used, &findings)
        subs(program, &findings)
    }

    private static func rule(_ declaration: Declaration) -> (rule: String, what: String)? {
        switch declaration.kind {
        case .acl: ("vcl/unused-acl", "ACL")
        case .backend: ("vcl/unused-backend", "backend")
        case .director: ("vcl/unused-director", "director")
        case .table: ("vcl/unused-table", "table")
        case .penaltybox: ("vcl/unused-penaltybox", "penalty box")
        case .ratecounter: ("vcl/unused-ratecounter", "rate counter")
        default: nil
        }
    }

    /// `backend.F_origin.healthy` and the like name a thing in their middle.
    private static let prefixes: [Substring] = ["backend", "director", "ratecounter", "penaltybox"]

    private static func names(used program: LintedProgram) -> Set<String> {
        var used = Set(program.reads.keys)
        for name in program.reads.keys {
            let parts = name.split(separator: ".")
            if parts.count >= 3, prefixes.contains(parts[0]) { used.insert(String(parts[1])) }
        }
        return used
    }

    private static func dictionaries(
        _ program: LintedProgram, _ used: Set<String>, _ findings: inout Findings
    ) {
        let main = program.sources.files.indices.first {
            !program.isGenerated(Span(file: $0, start: 0, end: 0))
        }
        for name in program.model.dictionaries where !used.contains(name) {
            findings.add(
                "vcl/unused-dictionary", Span(file: main ?? 0, start: 0, end: 0),
                "the program never looks into the dictionary '\(name)'",
                hint: "write table.lookup(\(name), ...), or remove it from the campaign file")
        }
        for name in program.model.accessLists where !used.contains(name) {
            findings.add(
                "vcl/unused-dictionary", Span(file: main ?? 0, start: 0, end: 0),
                "the program never matches an address against the list '\(name)'",
                hint: "write client.ip ~ \(name), or remove it from the campaign file")
        }
    }

    private static func subs(_ program: LintedProgram, _ findings: inout Findings) {
        let called = Set(program.calls.map(\.name))
        for sub in program.subs where sub.state == nil && sub.scopes.isEmpty && sub.name != "vcl_pipe" {
            let declaration = sub.declaration
            if called.contains(sub.name) {
                findings.add(
                    "vcl/unreached-sub", declaration.name.span,
                    "sub '\(sub.name)' is called, but by nothing that a state reaches",
                    hint: "call it from vcl_recv or another state, or remove it")
            } else {
                findings.add(
                    "vcl/unused-sub", declaration.name.span, "nothing calls sub '\(sub.name)'",
                    hint: "write 'call \(sub.name);', or remove it",
                    fixes: [findings.removal("remove sub '\(sub.name)'", declaration.span, safe: false)])
            }
        }
    }
}

/// Local variables that nothing reads.
enum LocalVariables {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        let written = Set(program.mentions.lazy.filter { $0.kind != .read }.map(\.name))
        for local in program.locals where program.reads[local.name] == nil {
            let word = program.text(local.span)
            // Fastly's generated code declares these for the parts of it that read them.
            if word.hasPrefix("var.fastly_") { continue }
            let isWritten = written.contains(local.name)
            findings.add(
                "vcl/unused-variable", local.span,
                isWritten ? "'\(word)' is set, but never read" : "'\(word)' is never used",
                fixes: isWritten
                    ? [] : [findings.removal("remove the declaration", local.statement, safe: true)])
        }
    }
}
