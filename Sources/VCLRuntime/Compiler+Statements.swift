import Diagnostics
import Kernel
import VCL

extension Compiler {
    /// Compiles a sub unless that is done; nil for one that calls itself.
    @discardableResult
    func compileSub(_ sub: Subroutine, from path: [Subroutine]) -> StepCode? {
        if let code = sub.code { return code }
        if path.contains(where: { $0 === sub }) {
            let names = (path + [sub]).map(\.text)
            report(
                "vcl/recursion", sub.name.span,
                "'\(sub.text)' calls itself (\(names.joined(separator: " -> ")))",
                hint: "VCL has no recursion; use restart, or unroll it")
            return nil
        }
        let context = SubContext(sub, path: path + [sub])
        defer { context.forgetAll() }
        var slots: [Local] = []
        for parameter in sub.parameters {
            guard let local = newLocal(parameter.type, context) else {
                report(
                    "vcl/unknown-type", sub.name.span, "a parameter cannot be a \(parameter.type.rawValue)")
                continue
            }
            context.declare(word(parameter.name.span), local)
            slots.append(local)
        }
        let before = diagnostics.count
        let body = block(sub.bodies.count == 1 ? sub.bodies[0] : sub.bodies.flatMap(\.self), context)
        if let wanted = probe, wanted.sub == sub.text {
            probe?.code = expression(wanted.expression, context)
        }
        sub.parameterSlots = slots
        sub.code = body
        sub.matches = context.matches
        if roots[sub.text] != nil, diagnostics.dropFirst(before).hasErrors {
            faults[sub.number] = retract(to: before)
        }
        return body
    }

    private func newLocal(_ type: ValueType, _ context: SubContext) -> Local? {
        locals.place(for: type).flatMap { Local(type, $0, in: context.sub.number) }
    }

    func block(_ statements: [Statement], _ context: SubContext) -> StepCode {
        var steps: [Step] = []
        steps.reserveCapacity(statements.count)
        var labels: [Int: Int] = [:]
        // What `declare block` makes ends with its block.
        var ownWords: [Word] = []
        for statement in statements {
            if case .label(let name) = statement.kind {
                labels[labelNumber(text(name))] = steps.count
            } else if let step = compile(statement, context) {
                steps.append(Step(isObserved ? observed(step, statement, context) : step))
            }
            if case .declareInBlock(let name, _) = statement.kind { ownWords.append(word(name.span)) }
        }
        for word in ownWords { context.forget(word) }
        return labels.isEmpty ? chain(steps) : jumping(steps, labels)
    }

    /// Each two steps hold the rest, so that a block runs without a loop.
    private func chain(_ steps: [Step]) -> StepCode {
        guard var rest = steps.last?.run else { return { _ in .next } }
        var ahead = steps.count - 1
        while ahead >= 2 {
            let (first, second, others) = (steps[ahead - 2].run, steps[ahead - 1].run, rest)
            rest = { context in
                var flow = first(context)
                guard flow == .next else { return flow }
                flow = second(context)
                return flow == .next ? others(context) : flow
            }
            ahead -= 2
        }
        guard ahead == 1 else { return rest }
        let (first, others) = (steps[0].run, rest)
        return { context in
            let flow = first(context)
            return flow == .next ? others(context) : flow
        }
    }

    private func jumping(_ steps: [Step], _ labels: [Int: Int]) -> StepCode {
        { context in
            var index = 0
            while index < steps.count {
                let flow = steps[index](context)
                if flow == .jump, let target = labels[context.jumpTarget], target > index {
                    index = target
                } else if flow == .next {
                    index += 1
                } else {
                    return flow
                }
            }
            return .next
        }
    }

    private func labelNumber(_ name: String) -> Int {
        Int(truncatingIfNeeded: name.withBytes { ByteHash(seed: 7)($0) } >> 1)
    }

    private func compile(_ statement: Statement, _ context: SubContext) -> StepCode? {
        switch statement.kind {
        case .declare(let name, let type), .declareInBlock(let name, let type):
            return declare(name, type, context)
        case .set(let target, let symbol, let value): return set(target, symbol, value, context)
        case .unset(let target): return unset(target, context)
        case .add(let target, let value): return add(target, value, context)
        case .call(let name, let arguments): return call(name, arguments, context)
        case .function(let value):
            guard let code = expression(value, context) else { return nil }
            return effect(code)
        case .error(let status, let response): return error(status, response, statement.span, context)
        case .restart: return action(.restart, statement.span, context) { _ in .restart }
        case .esi:
            return requireScope(.fetch, "esi", statement.span, context) { context in
                context.esi = true
                return .next
            }
        case .return(let value, _): return returning(value, statement.span, context)
        case .synthetic(let value, let base64):
            return synthetic(value, base64: base64, statement.span, context)
        case .log(let value):
            guard let code = headerText(value, context)?.asString else { return nil }
            return { context in
                context.logs.append(code(context))
                return .next
            }
        case .if(let branches, let otherwise):
            return conditional(branches, otherwise, context, of: statement.span)
        case .switch(let value, let cases): return switching(value, cases, context, of: statement.span)
        case .break: return { _ in .breakOut }
        case .fallthrough_: return { _ in .fallThrough }
        case .goto(let name):
            let number = labelNumber(text(name))
            return { context in
                context.jumpTarget = number
                return .jump
            }
        case .label, .import_: return nil
        case .macro(let scope): return macro(scope, statement.span, context)
        case .include(let path): return includeBody(path, statement.span, context)
        case .block(let body): return block(body, context)
        }
    }

    // MARK: simple statements

    private func declare(_ name: Name, _ typeName: Name, _ context: SubContext) -> StepCode? {
        let variable = word(name.span)
        guard variable.bytes.hasPrefix("var.") else {
            report(
                "vcl/declare", name.span, "a local variable's name begins with 'var.'",
                hint: "write 'declare local var.\(variable.text) ...'")
            return nil
        }
        guard let type = word(typeName.span).type, let local = newLocal(type, context) else {
            let known = ValueType.allCases.map(\.rawValue)
            report(
                "vcl/unknown-type", typeName.span, "no variable can be a '\(text(typeName))'",
                hint: nearest(text(typeName), among: known).map { "did you mean '\($0)'?" })
            return nil
        }
        guard context.local(variable) == nil else {
            report(
                "vcl/duplicate", name.span,
                "'\(variable.text)' is declared twice in '\(context.sub.text)'")
            return nil
        }
        context.declare(variable, local)
        let slot = local.slot
        switch type {
        case .string:
            return {
                $0.strings[slot] = .notSet
                return .next
            }
        case .float:
            return {
                $0.floats[slot] = 0
                return .next
            }
        case .ip:
            return {
                $0.addresses[slot] = .notSet
                return .next
            }
        default:
            let initial: Int64 = type == .backend ? -1 : 0
            return {
                $0.integers[slot] = initial
                return .next
            }
        }
    }

    private func effect(_ code: Code) -> StepCode? {
        switch code {
        case .void(let step): step
        case .string(let value):
            {
                _ = value($0)
                return .next
            }
        case .bool(let value):
            {
                _ = value($0)
                return .next
            }
        case .integer(let value), .time(let value), .rtime(let value), .backend(let value):
            {
                _ = value($0)
                return .next
            }
        case .float(let value):
            {
                _ = value($0)
                return .next
            }
        case .ip(let value):
            {
                _ = value($0)
                return .next
            }
        case .acl, .table, .regex, .regexArgument, .id: nil
        }
    }

    private func call(_ name: Name, _ arguments: [Expression], _ context: SubContext) -> StepCode? {
        if let sub = word(name.span).sub { return calling(sub, arguments, at: name.span, context) }
        let wanted = text(name)
        let hint = nearest(wanted, among: subs.map(\.text)).map { "did you mean '\($0)'?" }
        let isAssumed = missing("vcl/unknown-sub", name.span, "no sub is named '\(wanted)'", hint: hint)
        let nothing: StepCode = { _ in .next }
        return isAssumed ? nothing : nil
    }

    private func error(_ status: Expression?, _ response: Expression?, _ span: Span, _ context: SubContext)
        -> StepCode?
    {
        var code: IntegerCode?
        if let status {
            guard let value = expression(status, context) else { return nil }
            guard case .integer(let found) = value else {
                report(
                    "vcl/type", status.span,
                    "the status of an error is an INTEGER, not a \(value.type.rawValue)")
                return nil
            }
            code = found
        }
        var text: StringCode?
        if let response {
            guard let found = string(response, context) else { return nil }
            text = found
        }
        let (number, words) = (code, text)
        return action(.error, span, context) { context in
            context.errorStatus = number?(context) ?? 503
            context.errorResponse = words?(context) ?? .notSet
            return .error
        }
    }

    private func synthetic(_ value: Expression, base64: Bool, _ span: Span, _ context: SubContext)
        -> StepCode?
    {
        guard let code = string(value, context) else { return nil }
        return requireScope(.error, "synthetic", span, context) { context in
            let text = code(context)
            context.synthetic = base64 ? Base64.decode(text, in: context.arena) : text
            return .next
        }
    }

    /// A step that only one state may hold.
    private func requireScope(
        _ scope: Scope, _ what: String, _ span: Span, _ context: SubContext, _ step: @escaping StepCode
    ) -> StepCode? {
        guard context.scopes.subtracting(Scopes(scope)).isEmpty else {
            report("vcl/scope", span, "'\(what)' belongs in \(scope.subroutine) alone")
            return nil
        }
        return step
    }

    /// A step that ends the state, if each state that reaches it may end so.
    private func action(_ action: Action, _ span: Span, _ context: SubContext, _ step: @escaping StepCode)
        -> StepCode?
    {
        for scope in Scope.allCases where context.scopes.contains(Scopes(scope)) {
            let allowed = Action.allowed(in: scope)
            guard !allowed.contains(action) else { continue }
            report(
                "vcl/action", span, "\(scope.subroutine) cannot end with '\(action.rawValue)'",
                hint: "it may end with " + allowed.map(\.rawValue).joined(separator: ", "))
            return nil
        }
        return step
    }

    private func returning(_ value: Expression?, _ span: Span, _ context: SubContext) -> StepCode? {
        guard let value else { return { _ in .leave } }
        if let type = context.sub.returns { return returnValue(value, type, context) }
        var inner = value
        while case .group(let next) = inner.kind { inner = next }
        let word = text(inner.span)
        guard case .name = inner.kind, let wanted = Action(rawValue: word) else {
            let hint = nearest(word, among: Action.allCases.map(\.rawValue)).map { "did you mean '\($0)'?" }
            report("vcl/action", value.span, "'\(word)' is nothing to return here", hint: hint)
            return nil
        }
        let flow = Flow(wanted)
        return action(wanted, value.span, context) { _ in flow }
    }

    private func returnValue(_ value: Expression, _ type: ValueType, _ context: SubContext) -> StepCode? {
        guard let code = converted(value, to: type, context) else { return nil }
        switch code {
        case .string(let found):
            return {
                $0.returnedString = found($0)
                return .leave
            }
        case .bool(let found):
            return {
                $0.returnedInteger = found($0) ? 1 : 0
                return .leave
            }
        case .integer(let found), .time(let found), .rtime(let found), .backend(let found):
            return {
                $0.returnedInteger = found($0)
                return .leave
            }
        case .float(let found):
            return {
                $0.returnedFloat = found($0)
                return .leave
            }
        case .ip(let found):
            return {
                $0.returnedAddress = found($0)
                return .leave
            }
        case .acl, .table, .regex, .regexArgument, .id, .void: return nil
        }
    }
}
