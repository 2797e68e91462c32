import Diagnostics
import VCL

/// Conditions that a literal decides, and branches that an earlier one takes everything from.
enum Conditions {
    @Sendable static func check(_ program: LintedProgram, _ findings: inout Findings) {
        for sub in program.subs { walk(sub.body, program, &findings) }
    }

    private static func walk(
        _ statements: [Statement], _ program: LintedProgram, _ findings: inout Findings
    ) {
        for statement in statements {
            switch statement.kind {
            case .if(let branches, let otherwise): branching(branches, otherwise, program, &findings)
            case .switch(_, let cases): switching(cases, program, &findings)
            default: break
            }
            for body in program.bodies(of: statement) { walk(body, program, &findings) }
        }
    }

    private static func branching(
        _ branches: [Statement.Branch], _ otherwise: [Statement]?, _ program: LintedProgram,
        _ findings: inout Findings
    ) {
        var seen: Set<String> = []
        for (index, branch) in branches.enumerated() {
            let condition = branch.condition
            if let truth = truth(condition, program) {
                findings.add(
                    "vcl/literal-condition", condition.span,
                    "this condition is always \(truth ? "true" : "false")",
                    hint: truth ? "remove the if and keep its body" : "remove the branch")
                if truth { dead(after: index, branches, otherwise, &findings) }
                if truth { return }
            } else {
                literalFirst(condition, program, &findings)
            }
            guard branches.count > 1, isRepeatable(condition, program) else { continue }
            if !seen.insert(program.shape(condition)).inserted {
                findings.add(
                    "vcl/dead-branch", condition.span,
                    "this branch is never taken: an earlier one has the same condition",
                    hint: "remove it, or correct its condition")
            }
        }
    }

    private static func dead(
        after index: Int, _ branches: [Statement.Branch], _ otherwise: [Statement]?,
        _ findings: inout Findings
    ) {
        let next = index + 1 < branches.count ? branches[index + 1].condition.span : otherwise?.first?.span
        guard let next else { return }
        findings.add(
            "vcl/dead-branch", next, "this branch is never taken: the one before it always is",
            hint: "remove it, or correct the condition before it")
    }

    /// The value of a condition made of literals, nil for one that is not or whose value is not plain.
    private static func truth(_ condition: Expression, _ program: LintedProgram) -> Bool? {
        let condition = program.bare(condition)
        switch condition.kind {
        case .string: return true
        case .name:
            let word = program.text(condition.span)
            return word == "true" ? true : word == "false" ? false : nil
        case .not(let inner): return truth(inner, program).map { !$0 }
        case .binary(let symbol, let left, let right):
            return truth(symbol, left, right, program)
        default: return nil
        }
    }

    private static func truth(
        _ symbol: Expression.Operator, _ left: Expression, _ right: Expression, _ program: LintedProgram
    ) -> Bool? {
        switch symbol {
        case .and:
            let both = [truth(left, program), truth(right, program)]
            return both.contains(false) ? false : both.contains(nil) ? nil : true
        case .or:
            let both = [truth(left, program), truth(right, program)]
            return both.contains(true) ? true : both.contains(nil) ? nil : false
        case .equal, .notEqual:
            guard program.isConstant(left), program.isConstant(right) else { return nil }
            return (program.shape(left) == program.shape(right)) == (symbol == .equal)
        default: return nil
        }
    }

    private static func literalFirst(
        _ condition: Expression, _ program: LintedProgram, _ findings: inout Findings
    ) {
        if case .binary(let symbol, let left, _) = condition.kind, symbol != .and, symbol != .or,
            program.isConstant(left)
        {
            findings.add(
                "vcl/literal-condition", left.span, "a comparison begins with a variable, not with a literal",
                hint: "change the sides")
        }
        for child in LintedProgram.children(condition) { literalFirst(child, program, &findings) }
    }

    /// Whether a condition asked twice in a row has the same answer.
    private static func isRepeatable(_ condition: Expression, _ program: LintedProgram) -> Bool {
        !program.contains(condition) { part in
            guard let (name, _) = program.call(part) else { return false }
            return name.hasPrefix("random") || name.hasPrefix("ratelimit.")
                || program.subsByName[name] != nil
        }
    }

    private static func switching(
        _ cases: [Statement.SwitchCase], _ program: LintedProgram, _ findings: inout Findings
    ) {
        var seen: Set<String> = []
        for one in cases {
            let (value, kind): (Expression, String)
            switch one.test {
            case .value(let found): (value, kind) = (found, "=")
            case .match(let found): (value, kind) = (found, "~")
            case .otherwise: continue
            }
            if !seen.insert(kind + program.shape(value)).inserted {
                findings.add(
                    "vcl/dead-branch", value.span,
                    "this case is never taken: an earlier one has the same value",
                    hint: "remove it, or correct its value")
            }
        }
    }
}
