import Diagnostics

extension Parser {
    mutating func ifStatement() -> Statement.Kind? {
        advance()
        var branches: [Statement.Branch] = []
        var otherwise: [Statement]?
        // A broken condition has been told; its block and the other branches are read for their own mistakes.
        var broken = !branch(into: &branches)
        while kind == .identifier, word.continuesIf {
            if word.isElseIf || next.word == .if {
                if word == .else { advance() }
                advance()
                if !branch(into: &branches) { broken = true }
                continue
            }
            advance()
            guard let body = block() else { return nil }
            otherwise = body
            break
        }
        if let otherwise, kind == .identifier, word.continuesIf, !token.startsLine || word != .if {
            mistake(at: token.span, "'\(text)' behind the else of an if", hint: "an else comes last")
            if recoverToBlock() { _ = block() }
            return .if(branches, otherwise: otherwise)
        }
        return broken ? nil : .if(branches, otherwise: otherwise)
    }

    /// Reads `(condition) { ... }`; false when that was broken, and reading goes on behind its block all the
    /// same.
    private mutating func branch(into branches: inout [Statement.Branch]) -> Bool {
        let parenthesized = take(.leftParenthesis)
        if !parenthesized { complain("'('", hint: "a condition stands in parentheses") }
        if let condition = expression(), !parenthesized || closeParenthesis() {
            if kind != .leftBrace {
                complain("'{'", hint: "what happens then stands in braces, even one statement")
                return false
            }
            guard let body = block() else { return false }
            branches.append(Statement.Branch(condition: condition, body: body))
            return true
        }
        if recoverToBlock() { _ = block() }
        return false
    }

    /// The `)` of a condition. Where something else stands, a hint says what was meant.
    private mutating func closeParenthesis() -> Bool {
        if take(.rightParenthesis) { return true }
        switch word {
        case .and: complain("')'", hint: "'and' is written '&&'")
        case .or: complain("')'", hint: "'or' is written '||'")
        default:
            if kind == .leftBrace {
                complain("')'", hint: "a '(' of this condition is not closed")
                return true
            }
            complain(
                Parser.comparisons.contains(kind) || kind == .equalEqual ? "')', '&&' or '||'" : "')'",
                hint: Parser.comparisons.contains(kind) || kind == .equalEqual
                    ? "a comparison has two sides: write a == b && b == c" : nil)
        }
        return false
    }

    mutating func switchStatement() -> Statement.Kind? {
        advance()
        guard need(.leftParenthesis, "'('", hint: "write switch (value) { ... }"), let value = expression(),
            need(.rightParenthesis, "')'")
        else { return nil }
        let open = token.span
        guard need(.leftBrace, "'{'") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= VCLLimits.deepestNesting else {
            tooDeep("blocks", at: open)
            return nil
        }
        var cases: [Statement.SwitchCase] = []
        cases.reserveCapacity(Parser.few)
        while kind != .rightBrace, kind != .end, !beginsDeclaration {
            let before = index
            if let next = switchCase() {
                cases.append(next)
            } else {
                recoverToCase()
                if index == before { advance() }
            }
        }
        close(open)
        return .switch(value, cases)
    }

    /// To the next `case` or `default`, or before the `}` that ends the switch.
    private mutating func recoverToCase() {
        var open = 0
        while kind != .end, !beginsDeclaration {
            if open == 0, kind == .rightBrace || word == .case || word == .default { return }
            if kind == .leftBrace { open += 1 }
            if kind == .rightBrace { open -= 1 }
            advance()
        }
    }

    private mutating func switchCase() -> Statement.SwitchCase? {
        let start = token.span
        let test: Statement.SwitchCase.Test
        if takeWord(.default) {
            test = .otherwise
        } else if takeWord(.case) {
            let matches = take(.match)
            guard let value = primary() else { return nil }
            test = matches ? .match(value) : .value(value)
        } else {
            complain("'case' or 'default'", hint: "a switch begins with a case, as in case \"a\":")
            return nil
        }
        guard need(.colon, "':'") else { return nil }
        let body = statements(ofCase: true)
        return Statement.SwitchCase(test: test, body: body, span: start)
    }
}
