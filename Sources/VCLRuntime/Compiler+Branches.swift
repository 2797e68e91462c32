import Diagnostics
import Kernel
import VCL

extension Compiler {
    // MARK: branches

    func conditional(
        _ branches: ArraySlice<Statement.Branch>, _ otherwise: [Statement]?, _ context: SubContext,
        of site: Int
    ) -> StepCode? {
        guard let first = branches.first else {
            return arm(
                block(otherwise ?? [], context), branches.startIndex, of: site, otherwise ?? [], context)
        }
        let test = condition(first.condition, context)
        let then = arm(
            block(first.body, context), branches.startIndex, of: site, first.body, context)
        guard let rest = conditional(branches.dropFirst(), otherwise, context, of: site), let test else {
            return nil
        }
        return { test($0) ? then($0) : rest($0) }
    }

    func switching(
        _ value: Expression, _ cases: [Statement.SwitchCase], _ context: SubContext, of site: Int
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
            bodies.append(arm(block(one.body, context), bodies.count, of: site, one.body, context))
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
