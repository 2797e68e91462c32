import Diagnostics
import HTTP1
import Kernel
import VCL

extension Compiler {
    func expression(_ tree: Expression, _ context: SubContext) -> Code? {
        switch tree.kind {
        case .string:
            let bytes = parts.literals.store(literalText(tree) ?? "")
            return .string { _ in bytes }
        case .integer:
            guard let value = Literals.integer(sources.text(tree.span)) else {
                report("vcl/number", tree.span, "this number does not fit into 64 bits")
                return nil
            }
            return .integer { _ in value }
        case .float:
            let value = Double(sources.text(tree.span)) ?? 0
            return .float { _ in value }
        case .rtime:
            guard let value = Literals.rtime(sources.text(tree.span)) else {
                report("vcl/number", tree.span, "this time is longer than 292 years")
                return nil
            }
            return .rtime { _ in value }
        case .percent:
            report("vcl/type", tree.span, "a percentage has a meaning only as a director's .quorum")
            return nil
        case .name: return name(tree.span, context)
        case .group(let inner): return expression(inner, context)
        case .call(let function, let arguments): return functionCall(function, arguments, tree.span, context)
        case .concatenation(let parts): return concatenation(parts, context)
        case .negative(let inner): return negated(inner, context)
        case .not(let inner): return condition(inner, context).map { code in .bool { !code($0) } }
        case .binary(let symbol, let left, let right): return binary(symbol, left, right, context)
        }
    }

    /// The expression as text, or nil with a diagnostic.
    func string(_ tree: Expression, _ context: SubContext) -> StringCode? {
        guard let code = expression(tree, context) else { return nil }
        if let text = code.asString { return text }
        report("vcl/type", tree.span, "a value of type \(code.type.rawValue) cannot be used as a STRING")
        return nil
    }

    func condition(_ tree: Expression, _ context: SubContext) -> BoolCode? {
        guard let code = expression(tree, context) else { return nil }
        if let test = code.asCondition { return test }
        report("vcl/type", tree.span, "a condition is a BOOL or a STRING, not a \(code.type.rawValue)",
            hint: "compare it, as in '\(sources.text(tree.span).prefix(30)) > 0'")
        return nil
    }

    /// The expression as a value of `type`, by the implicit conversions of an assignment.
    func converted(_ tree: Expression, to type: ValueType, _ context: SubContext) -> Code? {
        if type == .id { return .id(sources.text(tree.span)) }
        guard let code = expression(tree, context) else { return nil }
        switch (type, code) {
        case (.string, _):
            if let text = code.asString { return .string(text) }
        case (.bool, .string(let text)):
            return .bool { text($0).isSet }
        case (.float, .integer(let value)):
            return .float { Double(value($0)) }
        case (.rtime, .integer(let value)) where !isLiteral(tree):
            return .rtime { value($0) &* 1_000_000_000 }
        case (.rtime, .float(let value)) where !isLiteral(tree):
            return .rtime { nanoseconds(value($0)) }
        case (.integer, .rtime(let value)) where !isLiteral(tree):
            return .integer { value($0) / 1_000_000_000 }
        case (.integer, .float(let value)) where !isLiteral(tree):
            return .integer { Int64(exactly: value($0).rounded(.towardZero)) ?? 0 }
        case (.ip, .string(let text)):
            return .ip { IPAddress(text($0).string) ?? .unspecified }
        default:
            if code.type == type { return code }
        }
        let hint = type == .rtime && isLiteral(tree) ? "give it a unit, such as \(sources.text(tree.span))s" : nil
        report("vcl/type", tree.span, "expected a value of type \(type.rawValue), found a \(code.type.rawValue)", hint: hint)
        return nil
    }

    private func isLiteral(_ tree: Expression) -> Bool {
        switch tree.kind {
        case .integer, .float, .rtime, .string: true
        case .group(let inner), .negative(let inner): isLiteral(inner)
        default: false
        }
    }

    // MARK: operators

    private func concatenation(_ parts: [Expression], _ context: SubContext) -> Code? {
        // now + 5m and var.time - 5m are sums, the one case in which + is not concatenation.
        var codes: [StringCode] = []
        for part in parts { codes.append(string(part, context) ?? { _ in .empty }) }
        guard codes.count != 2 else {
            let (first, second) = (codes[0], codes[1])
            return .string { context in
                let left = first(context)
                let right = second(context)
                return context.arena.concatenate(left, right)
            }
        }
        let all = codes
        return .string { context in
            let values = all.map { $0(context) }
            return context.arena.concatenate(values)
        }
    }

    private func negated(_ inner: Expression, _ context: SubContext) -> Code? {
        guard let code = expression(inner, context) else { return nil }
        switch code {
        case .integer(let value): return .integer { 0 &- value($0) }
        case .float(let value): return .float { -value($0) }
        case .rtime(let value): return .rtime { 0 &- value($0) }
        default:
            report("vcl/type", inner.span, "a \(code.type.rawValue) has no negative")
            return nil
        }
    }

    private func binary(_ symbol: Expression.Operator, _ left: Expression, _ right: Expression, _ context: SubContext) -> Code? {
        switch symbol {
        case .and:
            guard let a = condition(left, context), let b = condition(right, context) else { return nil }
            return .bool { a($0) && b($0) }
        case .or:
            guard let a = condition(left, context), let b = condition(right, context) else { return nil }
            return .bool { a($0) || b($0) }
        case .match, .notMatch:
            guard let code = matching(left, right, context) else { return nil }
            return symbol == .match ? .bool(code) : .bool { !code($0) }
        case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual:
            return comparison(symbol, left, right, context)
        }
    }

    private func matching(_ left: Expression, _ right: Expression, _ context: SubContext) -> BoolCode? {
        guard let subject = expression(left, context) else { return nil }
        if case .name = right.kind, let place = aclIndex[sources.text(right.span)] {
            guard case .ip(let address) = subject else {
                report("vcl/type", left.span, "an ACL is matched against an IP, not a \(subject.type.rawValue)",
                    hint: "write std.ip(\(sources.text(left.span)), \"0.0.0.0\") to make one of a STRING")
                return nil
            }
            return { $0.snapshot.program.acls[place].contains(address($0)) }
        }
        guard let text = subject.asString else {
            report("vcl/type", left.span, "a \(subject.type.rawValue) cannot be matched")
            return nil
        }
        guard let regex = regex(right) else { return nil }
        return { $0.matches(regex, text($0)) }
    }

    /// A regular expression is a literal, so that it is compiled once.
    func regex(_ tree: Expression) -> Regex? {
        guard case .string(let long) = tree.kind else {
            let name = sources.text(tree.span)
            let hint = nearest(name, among: aclIndex.keys).map { "did you mean the ACL '\($0)'?" }
            report("vcl/regex", tree.span, "expected a regular expression in quotes or an ACL", hint: hint)
            return nil
        }
        // Percent escapes mean nothing in patterns: what stands in the quotes is the pattern.
        let source = sources.text(tree.span)
        let pattern = long ? Literals.string(source, long: true) : String(source.dropFirst().dropLast())
        do {
            return try Regex(pattern)
        } catch let mistake as Regex.Mistake {
            let at = tree.span.start + (source.count - pattern.count) / 2 + mistake.offset
            let place = Span(file: Int(tree.span.file), start: min(at, tree.span.end - 1), end: min(at + 1, tree.span.end))
            report("vcl/regex", place, "this pattern is broken: \(mistake.message)")
        } catch {
            report("vcl/regex", tree.span, "this pattern is broken")
        }
        return nil
    }

    private func comparison(
        _ symbol: Expression.Operator, _ left: Expression, _ right: Expression, _ context: SubContext
    ) -> Code? {
        let (first, second) = (expression(left, context), expression(right, context))
        guard let first, let second else { return nil }
        switch (first, second) {
        case (.string(let a), _):
            if let b = second.asString, let code = equality(symbol, { Comparison.equal(a($0), b($0)) }) { return code }
        case (.bool(let a), .bool(let b)):
            if let code = equality(symbol, { a($0) == b($0) }) { return code }
        case (.ip(let a), .ip(let b)):
            if let code = equality(symbol, { a($0) == b($0) }) { return code }
        case (.backend(let a), .backend(let b)):
            if let code = equality(symbol, { a($0) == b($0) }) { return code }
        case (.integer(let a), .integer(let b)), (.time(let a), .time(let b)), (.rtime(let a), .rtime(let b)):
            return ordered(symbol, a, b)
        case (.float(let a), .float(let b)): return ordered(symbol, a, b)
        case (.float(let a), .integer(let b)): return ordered(symbol, a, { Double(b($0)) })
        case (.integer(let a), .float(let b)): return ordered(symbol, { Double(a($0)) }, b)
        case (.rtime(let a), .integer(let b)) where !isLiteral(right): return ordered(symbol, a, { b($0) &* 1_000_000_000 })
        case (_, .string(let b)):
            if let a = first.asString, let code = equality(symbol, { Comparison.equal(a($0), b($0)) }) { return code }
        default: break
        }
        let words = "'\(symbol.rawValue)' cannot compare a \(first.type.rawValue) with a \(second.type.rawValue)"
        report("vcl/type", left.span.through(right.span), words)
        return nil
    }

    private func equality(_ symbol: Expression.Operator, _ equal: @escaping BoolCode) -> Code? {
        switch symbol {
        case .equal: .bool(equal)
        case .notEqual: .bool { !equal($0) }
        default: nil
        }
    }

    private func ordered<T: Comparable & SendableMetatype>(
        _ symbol: Expression.Operator, _ a: @escaping @Sendable (Context) -> T, _ b: @escaping @Sendable (Context) -> T
    ) -> Code {
        switch symbol {
        case .equal: .bool { a($0) == b($0) }
        case .notEqual: .bool { a($0) != b($0) }
        case .less: .bool { a($0) < b($0) }
        case .lessEqual: .bool { a($0) <= b($0) }
        case .greater: .bool { a($0) > b($0) }
        default: .bool { a($0) >= b($0) }
        }
    }

    // MARK: calls

    private func functionCall(_ name: Name, _ arguments: [Expression], _ span: Span, _ context: SubContext) -> Code? {
        let wanted = text(name)
        if let sub = subs[wanted] { return subCall(wanted, sub, arguments, name.span, context) }
        guard let row = Functions.byName[wanted] else {
            let hint = nearest(wanted, among: Functions.byName.keys).map { "did you mean '\($0)'?" }
            report("vcl/unknown-function", name.span, "unknown function '\(wanted)'", hint: hint)
            return nil
        }
        guard arguments.count >= row.required, row.variadic || arguments.count <= row.arguments.count else {
            let many = row.required == row.arguments.count ? "\(row.required)" : "\(row.required) to \(row.arguments.count)"
            report("vcl/arguments", span, "'\(wanted)' takes \(many) arguments, found \(arguments.count)",
                hint: "\(wanted)(\(row.arguments.map(\.rawValue).joined(separator: ", ")))")
            return nil
        }
        guard inScope(row.scopes, wanted, name.span, context) else { return nil }
        var codes: [Code] = []
        for (index, argument) in arguments.enumerated() {
            guard let code = self.argument(argument, row.arguments[min(index, row.arguments.count - 1)], context) else { return nil }
            codes.append(code)
        }
        return row.build(Arguments(codes: codes))
    }

    private func argument(_ tree: Expression, _ type: ValueType, _ context: SubContext) -> Code? {
        switch type {
        case .regex:
            // Functions that take a pattern receive it as its place in the pool of this program's patterns.
            return regex(tree).map { Code.regexArgument($0) }
        case .table:
            let name = sources.text(tree.span)
            if let place = tableIndex[name] { return .table(place) }
            let hint = nearest(name, among: tableIndex.keys).map { "did you mean '\($0)'?" }
            report("vcl/unknown-table", tree.span, "no table or dictionary is named '\(name)'",
                hint: hint ?? "declare it, or add it to the dictionaries of the campaign file")
            return nil
        default:
            return converted(tree, to: type, context)
        }
    }

    /// A functional sub called inside an expression.
    private func subCall(_ name: String, _ sub: Subroutine, _ arguments: [Expression], _ span: Span, _ context: SubContext) -> Code? {
        guard let type = sub.returns else {
            report("vcl/type", span, "sub '\(name)' returns nothing", hint: "write 'call \(name);'")
            return nil
        }
        guard let prepare = bind(arguments, to: name, at: span, context), let code = compileSub(name, from: context.path) else { return nil }
        let run: @Sendable (Context) -> Void = { context in
            prepare(context)
            _ = code(context)
        }
        switch type {
        case .string: return .string { run($0); return $0.returnedString }
        case .bool: return .bool { run($0); return $0.returnedInteger != 0 }
        case .integer: return .integer { run($0); return $0.returnedInteger }
        case .float: return .float { run($0); return $0.returnedFloat }
        case .time: return .time { run($0); return $0.returnedInteger }
        case .rtime: return .rtime { run($0); return $0.returnedInteger }
        case .ip: return .ip { run($0); return $0.returnedAddress }
        case .backend: return .backend { run($0); return $0.returnedInteger }
        case .acl, .table, .regex, .id, .void: return nil
        }
    }

    /// Code that puts the arguments of a call into the sub's parameters.
    func bind(_ arguments: [Expression], to name: String, at span: Span, _ context: SubContext) -> (@Sendable (Context) -> Void)? {
        guard let sub = subs[name] else { return nil }
        guard arguments.count == sub.parameters.count else {
            report("vcl/arguments", span, "'\(name)' takes \(sub.parameters.count) arguments, found \(arguments.count)")
            return nil
        }
        guard !arguments.isEmpty else { return { _ in } }
        compileSub(name, from: context.path)
        guard let slots = subs[name]?.parameterSlots, slots.count == arguments.count else { return nil }
        var steps: [@Sendable (Context) -> Void] = []
        for (argument, local) in zip(arguments, slots) {
            guard let code = converted(argument, to: local.type, context), let store = store(code, in: local) else { return nil }
            steps.append(store)
        }
        let all = steps
        return { context in for step in all { step(context) } }
    }

    func store(_ code: Code, in local: Local) -> (@Sendable (Context) -> Void)? {
        let slot = local.slot
        switch code {
        case .string(let value): return { $0.strings[slot] = value($0) }
        case .bool(let value): return { $0.integers[slot] = value($0) ? 1 : 0 }
        case .integer(let value), .time(let value), .rtime(let value), .backend(let value): return { $0.integers[slot] = value($0) }
        case .float(let value): return { $0.floats[slot] = value($0) }
        case .ip(let value): return { $0.addresses[slot] = value($0) }
        case .acl, .table, .regexArgument, .id, .void: return nil
        }
    }
}

/// Seconds as nanoseconds; what does not fit is the longest or shortest time there is.
func nanoseconds(_ seconds: Double) -> Int64 {
    let value = seconds * 1e9
    return value.isNaN ? 0 : value >= 9.2e18 ? .max : value <= -9.2e18 ? .min : Int64(value)
}
