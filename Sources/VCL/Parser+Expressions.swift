import Diagnostics

// Precedence, weakest first: || , && , comparison (which does not chain), concatenation, ! and -.
extension Parser {
    mutating func expression() -> Expression? {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Parser.deepestNesting else {
            diagnostics.append(
                Diagnostic(
                    "vcl/too-deep", at: token.span,
                    "expressions are nested deeper than \(Parser.deepestNesting) levels"))
            return nil
        }
        return chain(.or, .or) { $0.chain(.and, .and) { $0.comparison() } }
    }

    private mutating func chain(
        _ symbol: Token.Kind, _ meaning: Expression.Operator, _ operand: (inout Parser) -> Expression?
    ) -> Expression? {
        guard var left = operand(&self) else { return nil }
        while take(symbol) != nil {
            guard let right = operand(&self) else { return nil }
            left = Expression(kind: .binary(meaning, left, right), span: left.span.through(right.span))
        }
        return left
    }

    private static let comparisons: [Token.Kind: Expression.Operator] = [
        .equalEqual: .equal, .notEqual: .notEqual, .match: .match, .notMatch: .notMatch,
        .less: .less, .lessEqual: .lessEqual, .greater: .greater, .greaterEqual: .greaterEqual,
    ]

    private mutating func comparison() -> Expression? {
        guard let left = concatenation() else { return nil }
        if kind == .equal {
            return expected("an operator", hint: "a comparison is written '=='")
        }
        guard let meaning = Parser.comparisons[kind] else { return left }
        advance()
        guard let right = concatenation() else { return nil }
        return Expression(kind: .binary(meaning, left, right), span: left.span.through(right.span))
    }

    private var startsOperand: Bool {
        switch kind {
        case .string, .longString, .integer, .float, .rtime: true
        // A statement on the next line is what follows a forgotten ';', not another operand.
        case .identifier: !opensStatement
        default: false
        }
    }

    private mutating func concatenation() -> Expression? {
        guard let first = unary() else { return nil }
        var parts: [Expression] = [first]
        while true {
            if take(.plus) != nil {
                guard let next = unary() else { return nil }
                parts.append(next)
            } else if startsOperand {
                guard let next = primary() else { return nil }
                parts.append(next)
            } else {
                break
            }
        }
        guard parts.count > 1, let last = parts.last else { return first }
        return Expression(kind: .concatenation(parts), span: first.span.through(last.span))
    }

    private mutating func unary() -> Expression? {
        let start = token.span
        if take(.bang) != nil {
            guard let value = unary() else { return nil }
            return Expression(kind: .not(value), span: start.through(value.span))
        }
        if take(.minus) != nil {
            guard let value = primary() else { return nil }
            return Expression(kind: .negative(value), span: start.through(value.span))
        }
        return primary()
    }

    mutating func primary() -> Expression? {
        let span = token.span
        switch kind {
        case .string: return literal(.string(long: false))
        case .longString: return literal(.string(long: true))
        case .integer: return literal(.integer)
        case .float: return literal(.float)
        case .rtime: return literal(.rtime)
        case .percent: return literal(.percent)
        case .minus: return unary()
        case .leftParenthesis:
            advance()
            guard let inner = expression(), need(.rightParenthesis, "')'") != nil else { return nil }
            return Expression(kind: .group(inner), span: span.through(previous.span))
        case .identifier:
            advance()
            guard kind == .leftParenthesis else { return Expression(kind: .name, span: span) }
            guard let arguments = arguments() else { return nil }
            return Expression(kind: .call(Name(span), arguments), span: span.through(previous.span))
        default:
            return expected("a value")
        }
    }

    private mutating func literal(_ kind: Expression.Kind) -> Expression {
        defer { advance() }
        return Expression(kind: kind, span: token.span)
    }

    mutating func arguments() -> [Expression]? {
        guard need(.leftParenthesis, "'('") != nil else { return nil }
        var all: [Expression] = []
        while kind != .rightParenthesis {
            guard let argument = expression() else { return nil }
            all.append(argument)
            if take(.comma) == nil, kind != .rightParenthesis { return expected("',' or ')'") }
        }
        advance()
        return all
    }
}
