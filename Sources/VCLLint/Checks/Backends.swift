import Diagnostics
import VCL
import VCLRuntime

/// Probes and directors whose parts do not fit together.
enum Backends {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for declaration in program.declarations {
            switch declaration.kind {
            case .backend(let properties):
                for property in properties {
                    guard case .block(let probe) = property.value else { continue }
                    self.probe(probe, property.name.span, program, &findings)
                }
            case .director(let type, let own, let members):
                guard let rules = directors[program.text(type)] else { continue }
                director(program.text(type), rules, own, members, declaration, program, &findings)
            default: break
            }
        }
    }

    // MARK: probes

    private static func probe(
        _ properties: [Property], _ span: Span, _ program: LintedProgram, _ findings: inout Findings
    ) {
        var numbers: [String: (value: Int64, span: Span)] = [:]
        for property in properties {
            guard case .expression(let value) = property.value else { continue }
            let number = program.integer(value) ?? Literals.rtime(program.text(value.span))
            if let number { numbers[program.text(property.name)] = (number, value.span) }
        }
        if let threshold = numbers[".threshold"], let window = numbers[".window"],
            threshold.value > window.value
        {
            findings.add(
                "vcl/probe", threshold.span,
                "this backend never becomes healthy: \(threshold.value) of \(window.value) probes must succeed",
                hint: "make .threshold at most .window")
        } else if let initial = numbers[".initial"], let threshold = numbers[".threshold"],
            initial.value < threshold.value
        {
            findings.add(
                "vcl/probe", initial.span,
                "this backend starts sick: \(initial.value) probes count as good, \(threshold.value) must be",
                hint: "make .initial at least .threshold")
        }
    }

    // MARK: directors

    private struct DirectorRules {
        let own: Set<String>
        let member: Set<String>
        let required: [String]
    }

    private static let directors: [String: DirectorRules] = [
        "random": DirectorRules(
            own: [".retries", ".quorum"], member: [".backend", ".weight"], required: [".backend", ".weight"]),
        "fallback": DirectorRules(own: [], member: [".backend"], required: [".backend"]),
        "hash": DirectorRules(
            own: [".quorum"], member: [".backend", ".weight"], required: [".backend", ".weight"]),
        "client": DirectorRules(
            own: [".quorum"], member: [".backend", ".weight"], required: [".backend", ".weight"]),
        "chash": DirectorRules(
            own: [".key", ".seed", ".vnodes_per_node", ".quorum"], member: [".backend", ".id", ".weight"],
            required: [".backend", ".id"]),
    ]

    private static func director(
        _ type: String, _ rules: DirectorRules, _ own: [Property], _ members: [[Property]],
        _ declaration: Declaration, _ program: LintedProgram, _ findings: inout Findings
    ) {
        for property in own where !rules.own.contains(program.text(property.name)) {
            let known = rules.own.isEmpty ? "it has none" : rules.own.sorted().joined(separator: ", ")
            findings.add(
                "vcl/director-property", property.name.span,
                "a \(type) director has no '\(program.text(property.name))'", hint: "it may have: \(known)")
        }
        for member in members {
            let names = member.map { program.text($0.name) }
            for (name, property) in zip(names, member) where !rules.member.contains(name) {
                findings.add(
                    "vcl/director-property", property.name.span,
                    "a backend of a \(type) director has no '\(name)'",
                    hint: "it may have: \(rules.member.sorted().joined(separator: ", "))")
            }
            for name in rules.required where !names.contains(name) {
                findings.add(
                    "vcl/director-property", member.first?.name.span ?? declaration.name.span,
                    "a backend of a \(type) director needs '\(name)'",
                    hint: name == ".weight" ? "add .weight = 1;" : "add \(name)")
            }
        }
    }
}

/// The places where generated code and snippets go.
enum Macros {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for declaration in program.declarations where program.text(declaration.name) == "vcl_pipe" {
            findings.add(
                "vcl/pipe", declaration.name.span, "nothing runs vcl_pipe",
                hint: "remove it; a WebSocket goes through with return(upgrade)")
        }
        let states = program.subs.filter { $0.state != nil && !program.isGenerated($0.declaration.span) }
        var seen: Set<String> = []
        for sub in states where seen.insert(sub.name).inserted {
            guard let state = sub.state, !program.text(sub.declaration.span).contains("#--FASTLY "),
                !(program.subsByName[sub.name] ?? []).contains(where: { holdsMacro($0.body, program) })
            else { continue }
            findings.add(
                "vcl/missing-macro", sub.declaration.name.span,
                "\(sub.name) has no #FASTLY macro: snippets and generated code have no place",
                hint: "add a line '#FASTLY \(state.rawValue)'", fixes: insertion(state, sub, program),
                // Where no service stands around the program, nothing is lost without the line.
                as: program.model.servedHere ? .warning : nil)
        }
    }

    private static func holdsMacro(_ statements: [Statement], _ program: LintedProgram) -> Bool {
        statements.contains { statement in
            if case .macro = statement.kind { return true }
            return program.bodies(of: statement).contains { holdsMacro($0, program) }
        }
    }

    /// Not safe: with the line, snippets run.
    private static func insertion(_ state: Scope, _ sub: LintedSub, _ program: LintedProgram) -> [Fix] {
        let span = sub.declaration.name.span
        guard let bytes = program.sources.file(of: span)?.bytes,
            let brace = bytes[span.end...].firstIndex(of: UInt8(ascii: "{"))
        else { return [] }
        let place = Span(file: Int(span.file), start: brace + 1, end: brace + 1)
        return [Fix("add the macro", safe: false, [Fix.Edit(place, "\n#FASTLY \(state.rawValue)\n")])]
    }
}
