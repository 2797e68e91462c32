import Diagnostics
import Kernel
import VCL

extension Compiler {
    // MARK: calls

    func functionCall(_ name: Name, _ arguments: [Expression], _ span: Span, _ context: SubContext)
        -> Code?
    {
        let word = word(name.span)
        if let sub = word.sub { return subCall(sub, arguments, name.span, context) }
        if let addition, let own = addition.functions[word.text] {
            return own(
                CallSite(
                    compiler: self, context: context, name: word.text, arguments: arguments, span: span))
        }
        guard let row = word.function else {
            let wanted = word.text
            let hint = nearest(wanted, among: Functions.byName.keys).map { "did you mean '\($0)'?" }
            report("vcl/unknown-function", name.span, "unknown function '\(wanted)'", hint: hint)
            return nil
        }
        guard inScope(row.scopes, row.name, name.span, context),
            let found = self.arguments(of: row, arguments, span, context)
        else { return nil }
        return row.build(found)
    }

    /// A functional sub called inside an expression.
    func subCall(
        _ sub: Subroutine, _ arguments: [Expression], _ span: Span, _ context: SubContext
    ) -> Code? {
        guard let type = sub.returns else {
            report("vcl/type", span, "sub '\(sub.text)' returns nothing", hint: "write 'call \(sub.text);'")
            return nil
        }
        guard let step = calling(sub, arguments, at: span, context) else { return nil }
        let run: @Sendable (Context) -> Void = { _ = step($0) }
        switch type {
        case .string:
            return .string {
                run($0)
                return $0.returnedString
            }
        case .bool:
            return .bool {
                run($0)
                return $0.returnedInteger != 0
            }
        case .integer:
            return .integer {
                run($0)
                return $0.returnedInteger
            }
        case .float:
            return .float {
                run($0)
                return $0.returnedFloat
            }
        case .time:
            return .time {
                run($0)
                return $0.returnedInteger
            }
        case .rtime:
            return .rtime {
                run($0)
                return $0.returnedInteger
            }
        case .ip:
            return .ip {
                run($0)
                return $0.returnedAddress
            }
        case .backend:
            return .backend {
                run($0)
                return $0.returnedInteger
            }
        case .acl, .table, .regex, .id, .void: return nil
        }
    }

    /// A step that runs a sub with its arguments. Its `return` ends only itself; its matches leave the caller's groups alone.
    func calling(_ sub: Subroutine, _ arguments: [Expression], at span: Span, _ context: SubContext)
        -> StepCode?
    {
        guard let prepare = bind(arguments, to: sub, at: span, context),
            let code = compileSub(sub, from: context.path)
        else { return nil }
        if isObserved { return observedCall(sub, arguments, context) }
        if sub.matches {
            return { context in
                prepare(context)
                let kept = context.keepCaptures()
                let flow = code(context)
                context.restoreCaptures(kept)
                return flow == .leave ? .next : flow
            }
        }
        return { context in
            prepare(context)
            let flow = code(context)
            return flow == .leave ? .next : flow
        }
    }

    private func observedCall(_ sub: Subroutine, _ arguments: [Expression], _ context: SubContext)
        -> StepCode?
    {
        var values: [@Sendable (Context) -> Value] = []
        for (argument, parameter) in zip(arguments, sub.parameters) {
            guard let code = converted(argument, to: parameter.type, context) else { return nil }
            values.append(code.value)
        }
        let (number, all) = (sub.number, values)
        return { context in
            let flow = context.call(number, all.map { $0(context) })
            return flow == .leave ? .next : flow
        }
    }

    /// Code that puts the arguments of a call into the sub's parameters.
    private func bind(
        _ arguments: [Expression], to sub: Subroutine, at span: Span, _ context: SubContext
    ) -> (@Sendable (Context) -> Void)? {
        guard arguments.count == sub.parameters.count else {
            report(
                "vcl/arguments", span,
                "'\(sub.text)' takes \(sub.parameters.count) arguments, found \(arguments.count)")
            return nil
        }
        guard !arguments.isEmpty else { return { _ in } }
        compileSub(sub, from: context.path)
        let slots = sub.parameterSlots
        guard slots.count == arguments.count else { return nil }
        var steps: [Step] = []
        for (argument, local) in zip(arguments, slots) {
            guard let code = converted(argument, to: local.type, context), let store = store(code, in: local)
            else { return nil }
            steps.append(Step(store))
        }
        let all = steps
        return { context in for step in all { _ = step(context) } }
    }

    func store(_ code: Code, in local: Local) -> StepCode? {
        let slot = local.slot
        switch code {
        case .string(let value):
            return {
                $0.strings[slot] = value($0)
                return .next
            }
        case .bool(let value):
            return {
                $0.integers[slot] = value($0) ? 1 : 0
                return .next
            }
        case .integer(let value), .time(let value), .rtime(let value), .backend(let value):
            return {
                $0.integers[slot] = value($0)
                return .next
            }
        case .float(let value):
            return {
                $0.floats[slot] = value($0)
                return .next
            }
        case .ip(let value):
            return {
                $0.addresses[slot] = value($0)
                return .next
            }
        case .acl, .table, .regex, .regexArgument, .id, .void: return nil
        }
    }
}
