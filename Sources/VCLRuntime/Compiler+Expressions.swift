import Diagnostics
import HTTP1
import Kernel
import VCL

extension Compiler {
    func expression(_ tree: Expression, _ context: SubContext) -> Code? {
        switch tree.kind {
        case .string:
            return .string(literal(tree))
        case .integer:
            guard let value = Literals.integer(bytes(tree.span)) else {
                report("vcl/number", tree.span, "this number does not fit into 64 bits")
                return nil
            }
            return .integer { _ in value }
        case .float:
            let value = Double(text(tree.span)) ?? 0
            return .float { _ in value }
        case .rtime:
            guard let value = Literals.rtime(text(tree.span)) else {
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

    private func literal(_ tree: Expression) -> StringCode {
        let word = word(tree.span)
        if let known = word.literal { return known }
        var isLong = false
        if case .string(let long) = tree.kind { isLong = long }
        let bytes =
            Literals.plain(word.bytes).map { literals.store($0) }
            ?? literals.store(Literals.bytes(word.text, long: isLong))
        let code: StringCode = { _ in bytes }
        word.literal = code
        return code
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
        report(
            "vcl/type", tree.span, "a condition is a BOOL or a STRING, not a \(code.type.rawValue)",
            hint: "compare it, as in '\(text(tree.span).prefix(30)) > 0'")
        return nil
    }

    /// The expression as a value of `type`, by the implicit conversions of an assignment.
    func converted(_ tree: Expression, to type: ValueType, _ context: SubContext) -> Code? {
        if type == .id { return .id(text(tree.span)) }
        if type == .backend, model.isPartial, case .name = tree.kind {
            let name = text(tree.span)
            if !name.contains("."), backendIndex[name] == nil, let place = assumedBackend(name, tree.span) {
                return .backend { _ in Int64(place) }
            }
        }
        guard let code = expression(tree, context) else { return nil }
        switch (type, code) {
        case (.string, .string): return code
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
        case (.time, .rtime(let value)): return .time(value)
        case (.rtime, .time(let value)): return .rtime(value)
        case (.ip, .string(let text)):
            return .ip { IPAddress(text($0).string) ?? .unspecified }
        default:
            if code.type == type { return code }
        }
        let hint =
            type == .rtime && isLiteral(tree) ? "give it a unit, such as \(text(tree.span))s" : nil
        report(
            "vcl/type", tree.span, "expected a value of type \(type.rawValue), found a \(code.type.rawValue)",
            hint: hint)
        return nil
    }

    func isLiteral(_ tree: Expression) -> Bool {
        switch tree.kind {
        case .integer, .float, .rtime, .string: true
        case .group(let inner), .negative(let inner): isLiteral(inner)
        default: false
        }
    }

    // MARK: operators

    private func concatenation(_ parts: [Expression], _ context: SubContext) -> Code? {
        guard let codes = pieces(parts, context) else { return nil }
        // A sum is what it is; only with something beside it does it become text.
        if codes.count == 1 { return codes[0] }
        let texts = codes.compactMap { Piece($0) }
        guard texts.count != 2 else {
            let (first, second) = (texts[0].run, texts[1].run)
            return .string { context in
                let left = first(context)
                let right = second(context)
                return context.concatenate(left, right)
            }
        }
        return .string { context in
            let values = texts.map { $0(context) }
            return context.concatenate(values)
        }
    }

    /// The parts of a concatenation, each of which has a text; `now + 5m` and `now - 5m` are one part, a TIME.
    func pieces(_ parts: [Expression], _ context: SubContext) -> [Code]? {
        var codes: [Code] = []
        for part in parts {
            if let offset = timeOffset(part), case .time(let time)? = codes.last {
                codes[codes.count - 1] = .time { time($0) &+ offset }
                continue
            }
            guard let code = expression(part, context) else { return nil }
            guard code.asString != nil else {
                report(
                    "vcl/type", part.span, "a value of type \(code.type.rawValue) cannot be used as a STRING")
                return nil
            }
            codes.append(code)
        }
        return codes
    }

    /// Nanoseconds of a literal such as `5m` or `-5m`.
    private func timeOffset(_ part: Expression) -> Int64? {
        switch part.kind {
        case .rtime: Literals.rtime(text(part.span))
        case .negative(let inner): timeOffset(inner).map { 0 &- $0 }
        default: nil
        }
    }

    /// The text of a header's new value. What is not set makes it "(null)" beside other text, and alone leaves it not set;
    /// Fastly's reference leaves this to each operator, and its edge does so for headers and log lines.
    func headerText(_ tree: Expression, _ context: SubContext) -> Code? {
        guard case .concatenation(let parts) = tree.kind else { return converted(tree, to: .string, context) }
        guard let codes = pieces(parts, context) else { return nil }
        let texts = codes.compactMap { Piece($0) }
        return .string { context in
            var values = texts.map { $0(context) }
            guard values.contains(where: \.isSet) else { return .notSet }
            for index in values.indices where !values[index].isSet { values[index] = Bytes("(null)") }
            return context.concatenate(values)
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

    private func binary(
        _ symbol: Expression.Operator, _ left: Expression, _ right: Expression, _ context: SubContext
    ) -> Code? {
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
        if case .call = right.kind { return matchingFound(subject, left, right, context) }
        if case .name = right.kind, let place = aclPlace(right.span) {
            switch subject {
            case .ip(let address): return { $0.snapshot.accessList(place).contains(address($0)) }
            case .string(let text):
                // What is no address is in no list.
                return { context in
                    IPAddress(text(context).string).map { context.snapshot.accessList(place).contains($0) }
                        ?? false
                }
            default:
                report(
                    "vcl/type", left.span, "an ACL is matched against an IP, not a \(subject.type.rawValue)")
                return nil
            }
        }
        guard let text = subject.asString else {
            report("vcl/type", left.span, "a \(subject.type.rawValue) cannot be matched")
            return nil
        }
        guard let regex = regex(right) else { return nil }
        context.matches = true
        return { $0.matches(regex, text($0)) }
    }

    /// The list of this name, also one that the service is taken to have.
    private func aclPlace(_ span: Span) -> Int? {
        let name = text(span)
        if let place = aclIndex[name] { return place }
        guard model.isPartial, !name.contains("."),
            missing("vcl/unknown-acl", span, "no ACL is named '\(name)'", hint: nil)
        else { return nil }
        aclIndex[name] = parts.acls.count
        parts.acls.append((name, AccessList(name: name, entries: [])))
        return parts.acls.count - 1
    }

    /// A match against what a built-in finds in a table: an ACL or a regular expression.
    private func matchingFound(
        _ subject: Code, _ left: Expression, _ right: Expression, _ context: SubContext
    ) -> BoolCode? {
        guard let found = expression(right, context) else { return nil }
        switch (found, subject) {
        case (.acl(let list), .ip(let address)):
            return { $0.snapshot.allows(list($0), address($0)) }
        case (.regex(let pattern), _):
            guard let text = subject.asString else { break }
            return { context in
                guard let regex = pattern(context) else { return false }
                return context.matches(regex, text(context))
            }
        default: break
        }
        report(
            "vcl/type", left.span.through(right.span),
            "a \(subject.type.rawValue) cannot be matched against a \(found.type.rawValue)")
        return nil
    }

    /// A regular expression is a literal, so that it is compiled once.
    func regex(_ tree: Expression) -> Regex? {
        guard case .string(let long) = tree.kind else {
            let name = text(tree.span)
            let hint = nearest(name, among: aclIndex.keys).map { "did you mean the ACL '\($0)'?" }
            report("vcl/regex", tree.span, "expected a regular expression in quotes or an ACL", hint: hint)
            return nil
        }
        // Percent escapes mean nothing in patterns: what stands in the quotes is the pattern.
        let word = word(tree.span)
        if let known = word.regex { return known }
        let source = word.text
        let pattern =
            Literals.plain(word.bytes)?.string
            ?? (long ? Literals.string(source, long: true) : String(source.dropFirst().dropLast()))
        do {
            let regex = try Regex(pattern)
            word.regex = regex
            parts.patterns.append(regex)
            return regex
        } catch let mistake as Regex.Mistake {
            let at = tree.span.start + (source.count - pattern.count) / 2 + mistake.offset
            let place = Span(
                file: Int(tree.span.file), start: min(at, tree.span.end - 1), end: min(at + 1, tree.span.end))
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
            if let b = second.asString, let code = equality(symbol, { Comparison.equal(a($0), b($0)) }) {
                return code
            }
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
        case (.rtime(let a), .integer(let b)) where !isLiteral(right):
            return ordered(symbol, a, { b($0) &* 1_000_000_000 })
        case (_, .string(let b)):
            if let a = first.asString, let code = equality(symbol, { Comparison.equal(a($0), b($0)) }) {
                return code
            }
        default: break
        }
        let words =
            "'\(symbol.rawValue)' cannot compare a \(first.type.rawValue) with a \(second.type.rawValue)"
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
        _ symbol: Expression.Operator, _ a: @escaping @Sendable (Context) -> T,
        _ b: @escaping @Sendable (Context) -> T
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
}

/// Seconds as nanoseconds; what does not fit is the longest or shortest time there is.
func nanoseconds(_ seconds: Double) -> Int64 {
    let value = seconds * 1e9
    return value.isNaN ? 0 : value >= 9.2e18 ? .max : value <= -9.2e18 ? .min : Int64(value)
}
