import Diagnostics
import Kernel
import VCL

/// One branch of an `if` with its condition.
private struct Arm: Sendable {
    let test: BoolCode
    let body: StepCode
}

/// One case of a `switch`.
private struct Case: Sendable {
    let test: @Sendable (Context, Bytes) -> Bool
    let body: StepCode
}

extension Compiler {
    // MARK: branches

    func conditional(
        _ branches: [Statement.Branch], _ otherwise: [Statement]?, _ context: SubContext, of whole: Span
    ) -> StepCode? {
        var arms: [Arm] = []
        arms.reserveCapacity(branches.count)
        for (index, branch) in branches.enumerated() {
            let test = condition(branch.condition, context)
            let body = block(branch.body, context)
            let observed = arm(body, index, of: whole, at: branch.condition.span, context)
            if let test { arms.append(Arm(test: test, body: observed)) }
        }
        let last = arm(
            block(otherwise ?? [], context), branches.count, of: whole,
            at: otherwise?.first?.span ?? whole, context)
        guard arms.count == branches.count else { return nil }
        if arms.count == 1 {
            let (test, body) = (arms[0].test, arms[0].body)
            return { test($0) ? body($0) : last($0) }
        }
        let all = arms
        return { context in
            for arm in all where arm.test(context) { return arm.body(context) }
            return last(context)
        }
    }

    func switching(
        _ value: Expression, _ cases: [Statement.SwitchCase], _ context: SubContext, of whole: Span
    ) -> StepCode? {
        guard let subject = string(value, context) else { return nil }
        var found: [Case] = []
        found.reserveCapacity(cases.count)
        var otherwise: Int?
        for one in cases {
            let test: @Sendable (Context, Bytes) -> Bool
            switch one.test {
            case .otherwise:
                if otherwise != nil { report("vcl/switch", one.span, "a switch has one 'default'") }
                otherwise = found.count
                test = { _, _ in false }
            case .value(let value):
                guard let code = string(value, context) else { return nil }
                test = { Comparison.equal($1, code($0)) }
            case .match(let pattern):
                guard let regex = regex(pattern) else { return nil }
                test = { $0.matches(regex, $1) }
            }
            let body = arm(block(one.body, context), found.count, of: whole, at: one.span, context)
            found.append(Case(test: test, body: body))
        }
        let (all, fallback) = (found, otherwise)
        if cases.contains(where: { if case .match = $0.test { true } else { false } }) {
            context.matches = true
        }
        return { context in
            let text = subject(context)
            var index = all.firstIndex { $0.test(context, text) } ?? fallback ?? all.count
            while index < all.count {
                let flow = all[index].body(context)
                if flow == .fallThrough { index += 1 } else { return flow == .breakOut ? .next : flow }
            }
            return .next
        }
    }
}
