import Diagnostics

// Precedence, weakest first: || , && , comparison (which does not chain), concatenation, ! and -.
extension Parser {
    mutating func expression() -> Expression? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= VCLLimits.deepestNesting else {
            tooDeep("expressions", at: token.span)
            return nil
        }
        guard var left = conjunction() else { return nil }
        while take(.or) {
            guard let right = conjunction() else { return nil }
            left = Expression(kind: .binary(.or, left, right), span: left.span.through(right.span))
        }
        return left
    }

    private mutating func conjunction() -> Expression? {
        guard var left = comparison() else { return nil }
        while take(.and) {
            guard let right = comparison() else { return nil }
            left = Expression(kind: .binary(.and, left, right), span: left.span.through(right.span))
        }
        return left
    }

    private static func comparison(_ kind: Token.Kind) -> Expression.Operator? {
        switch kind {
        case .equalEqual: .equal
        case .notEqual: .notEqual
        case .match: .match
        case .notMatch: .notMatch
        case .less: .less
        case .lessEqual: .lessEqual
        case .greater: .greater
        case .greaterEqual: .greaterEqual
        default: nil
        }
    }

    private mutating func comparison() -> Expression? {
        // `!a ~ b` denies the comparison, not `a` alone.
        if kind == .bang { return denied() }
        guard let left = concatenation() else { return nil }
        guard let meaning = Parser.comparison(kind) else {
            if kind == .equal {
                complain("an operator", hint: "a comparison is written '=='")
                return nil
            }
            return left
        }
        advance()
        guard let right = concatenation() else { return nil }
        return Expression(kind: .binary(meaning, left, right), span: left.span.through(right.span))
    }

    var startsOperand: Bool {
        switch kind {
        case .string, .longString, .integer, .float, .rtime: true
        case .identifier:
            // A statement on the next line is what follows a forgotten ';', not another operand.
            !beginsStatement && word != .and && word != .or
        default: false
        }
    }

    private mutating func denied() -> Expression? {
        let start = token.span
        advance()
        depth += 1
        defer { depth -= 1 }
        guard depth <= VCLLimits.deepestNesting else {
            tooDeep("expressions", at: start)
            return nil
        }
        guard let value = comparison() else { return nil }
        return Expression(kind: .not(value), span: start.through(value.span))
    }

    /// `now - 5m`
    private var subtractsTime: Bool { kind == .minus && next.kind == .rtime }

    private mutating func concatenation() -> Expression? {
        // A plus sign before the first part changes nothing.
        _ = take(.plus)
        guard let first = unary() else { return nil }
        guard kind == .plus || subtractsTime || startsOperand else { return first }
        var parts: [Expression] = [first]
        while true {
            if take(.plus) {
                guard let next = unary() else { return nil }
                parts.append(next)
            } else if subtractsTime || startsOperand {
                guard let next = primary() else { return nil }
                parts.append(next)
            } else {
                break
            }
        }
        return Expression(kind: .concatenation(parts), span: first.span.through(previous.span))
    }

    private mutating func unary() -> Expression? {
        let start = token.span
        switch kind {
        case .bang, .minus:
            let negation = kind == .bang
            advance()
            depth += 1
            defer { depth -= 1 }
            guard depth <= VCLLimits.deepestNesting else {
                tooDeep("expressions", at: start)
                return nil
            }
            guard let value = negation ? unary() : primary() else { return nil }
            return Expression(
                kind: negation ? .not(value) : .negative(value), span: start.through(value.span))
        default:
            return primary()
        }
    }

    mutating func primary() -> Expression? {
        let span = token.span
        switch kind {
        case .identifier:
            if word == .not, next.kind == .leftParenthesis || next.kind == .identifier {
                complain("a value", hint: "'not' is written '!'")
                return nil
            }
            advance()
            guard kind == .leftParenthesis else { return Expression(kind: .name, span: span) }
            calls.append(Name(span))
            guard let arguments = arguments() else { return nil }
            return Expression(kind: .call(Name(span), arguments), span: span.through(previous.span))
        case .string: return literal(.string(long: false))
        case .longString: return literal(.string(long: true))
        case .integer: return literal(.integer)
        case .float: return literal(.float)
        case .rtime: return literal(.rtime)
        case .percent: return literal(.percent)
        case .minus: return unary()
        case .leftParenthesis:
            advance()
            guard let inner = expression(), need(.rightParenthesis, "')'") else { return nil }
            return Expression(kind: .group(inner), span: span.through(previous.span))
        default:
            complain("a value")
            return nil
        }
    }

    @inline(__always)
    private mutating func literal(_ kind: Expression.Kind) -> Expression {
        advance()
        return Expression(kind: kind, span: previous.span)
    }

    mutating func arguments() -> [Expression]? {
        guard need(.leftParenthesis, "'('") else { return nil }
        var all: [Expression] = []
        all.reserveCapacity(Parser.few)
        while kind != .rightParenthesis {
            guard let argument = expression() else { return nil }
            all.append(argument)
            if !take(.comma), kind != .rightParenthesis {
                complain("',' or ')'")
                return nil
            }
        }
        advance()
        return all
    }
}
