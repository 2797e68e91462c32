import Diagnostics
import Kernel
import VCL

extension Compiler {
    // MARK: branches

    func conditional(
        _ branches: [Statement.Branch], _ otherwise: [Statement]?, _ context: SubContext, of whole: Span
    ) -> StepCode? {
        var tests: [BoolCode] = []
        var bodies: [StepCode] = []
        for (index, branch) in branches.enumerated() {
            let test = condition(branch.condition, context)
            let body = block(branch.body, context)
            if let test { tests.append(test) }
            bodies.append(arm(body, index, of: whole, at: branch.condition.span, context))
        }
        let last = arm(
            block(otherwise ?? [], context), branches.count, of: whole,
            at: otherwise?.first?.span ?? whole, context)
        guard tests.count == bodies.count else { return nil }
        if tests.count == 1 {
            let (test, body) = (tests[0], bodies[0])
            return { test($0) ? body($0) : last($0) }
        }
        let (all, codes) = (tests, bodies)
        return { context in
            for index in all.indices where all[index](context) { return codes[index](context) }
            return last(context)
        }
    }

    func switching(
        _ value: Expression, _ cases: [Statement.SwitchCase], _ context: SubContext, of whole: Span
    ) -> StepCode? {
        guard let subject = string(value, context) else { return nil }
        var tests: [@Sendable (Context, Bytes) -> Bool] = []
        var bodies: [StepCode] = []
        var otherwise: Int?
        for one in cases {
            switch one.test {
            case .otherwise:
                if otherwise != nil { report("vcl/switch", one.span, "a switch has one 'default'") }
                otherwise = bodies.count
                tests.append { _, _ in false }
            case .value(let value):
                guard let code = string(value, context) else { return nil }
                tests.append { Comparison.equal($1, code($0)) }
            case .match(let pattern):
                guard let regex = regex(pattern) else { return nil }
                tests.append { $0.matches(regex, $1) }
            }
            bodies.append(arm(block(one.body, context), bodies.count, of: whole, at: one.span, context))
        }
        let (all, codes, fallback) = (tests, bodies, otherwise)
        if cases.contains(where: { if case .match = $0.test { true } else { false } }) {
            context.matches = true
        }
        return { context in
            let text = subject(context)
            var index = all.firstIndex { $0(context, text) } ?? fallback ?? codes.count
            while index < codes.count {
                let flow = codes[index](context)
                if flow == .fallThrough { index += 1 } else { return flow == .breakOut ? .next : flow }
            }
            return .next
        }
    }
}
