import Diagnostics
import VCL

/// How states end.
enum Returns {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for exit in program.exits {
            let sub = program.subs[exit.place.sub]
            switch exit.kind {
            case .none:
                guard let state = sub.state else { continue }
                let next = Action.allowed(in: state).first?.rawValue ?? ""
                findings.add(
                    "vcl/empty-return", exit.span, "\(sub.name) returns without saying what comes next",
                    hint: "write return(\(next));")
            case .error(let status): errorStatus(status, exit, &findings)
            case .restart: restart(exit, sub, program, &findings)
            case .action: break
            }
        }
        passing(program, &findings)
    }

    private static func errorStatus(_ status: Int64?, _ exit: Exit, _ findings: inout Findings) {
        guard let status, !(100..<700).contains(status) else { return }
        findings.add(
            "vcl/error-status", exit.span,
            status < 700
                ? "\(status) is no status" : "statuses from 700 on are Fastly's own, as \(status) is",
            hint: "use 600 to 699 for what vcl_error tells apart, or the status that the visitor gets")
    }

    /// A restart is bounded by `req.restarts`, or by a header that was set before and is asked.
    private static func restart(
        _ exit: Exit, _ sub: LintedSub, _ program: LintedProgram, _ findings: inout Findings
    ) {
        let callers = Set(
            program.calls.filter { $0.name == sub.name && $0.place.sub >= 0 }.map {
                program.subs[$0.place.sub].name
            }
        ).union([sub.name])
        let counted = (program.reads["req.restarts"] ?? []).contains { mention in
            mention.place.sub >= 0 && callers.contains(program.subs[mention.place.sub].name)
        }
        if counted { return }
        let asked = program.conditions(around: exit.place.condition).flatMap {
            program.names(in: $0.condition, sub: exit.place.sub)
        }
        let isBounded = asked.contains { name in
            name == "stale.exists" || name.hasPrefix("req.") && program.assignmentsByTarget[name] != nil
        }
        // A request that was changed beside the restart takes another way.
        let isChanged = program.assignments.contains {
            $0.target.hasPrefix("req.") && $0.place.sub == exit.place.sub
                && $0.place.condition == exit.place.condition
        }
        if isBounded || isChanged { return }
        findings.add(
            "vcl/restart-loop", exit.span,
            "this restart can happen again and again, until the edge answers 503",
            hint: "ask first: if (req.restarts == 0) { ... }")
    }

    /// `return(pass)` at the end of vcl_recv, when nothing returns lookup.
    private static func passing(_ program: LintedProgram, _ findings: inout Findings) {
        let inRecv = program.exits.filter { exit in
            program.subs[exit.place.sub].scopes.contains(Scopes(.recv))
        }
        let always = inRecv.filter {
            $0.kind == .action(.pass) && $0.place.condition < 0 && program.subs[$0.place.sub].state == .recv
        }
        guard let always = always.first, !inRecv.contains(where: { $0.kind == .action(.lookup) }) else {
            return
        }
        findings.add(
            "vcl/pass-everything", always.span, "every request goes to the backend; nothing is ever kept",
            hint: "return(lookup), and pass only what must not be kept")
    }
}
