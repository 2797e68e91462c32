import Diagnostics

extension Parser {
    /// Blocks inside blocks; deeper ones are refused, so that no input exhausts the stack.
    static let deepestNesting = 64

    mutating func block() -> [Statement]? {
        guard let open = need(.leftBrace, "'{'") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= Parser.deepestNesting else {
            diagnostics.append(
                Diagnostic(
                    "vcl/too-deep", at: open.span,
                    "blocks are nested deeper than \(Parser.deepestNesting) levels"))
            recoverToStatement()
            _ = take(.rightBrace)
            return []
        }
        let body = statements { $0 == .rightBrace }
        guard take(.rightBrace) != nil else {
            diagnostics.append(
                Diagnostic("vcl/syntax", at: open.span, "this block has no end", hint: "close it with '}'"))
            return nil
        }
        return body
    }

    mutating func statements(until stop: (Token.Kind) -> Bool) -> [Statement] {
        var all: [Statement] = []
        while kind != .end, !stop(kind) {
            let before = index
            if let statement = statement() {
                all.append(statement)
            } else {
                recoverToStatement()
                if index == before { advance() }
            }
        }
        return all
    }

    private mutating func statement() -> Statement? {
        let start = token.span
        if kind == .macro {
            let words = text.dropFirst("#FASTLY ".count).split { $0 == " " || $0 == "\t" || $0 == "\r" }
            advance()
            return Statement(kind: .macro(words.first.map { $0.lowercased() } ?? ""), span: start)
        }
        if kind == .leftBrace { return block().map { Statement(kind: .block($0), span: start) } }
        guard kind == .identifier else { return expected("a statement") }
        guard let kind = statementKind() else { return nil }
        return Statement(kind: kind, span: start.through(previous.span))
    }

    private mutating func statementKind() -> Statement.Kind? {
        switch text {
        case "declare": advanced { $0.declare() }
        case "set": advanced { $0.set() }
        case "unset", "remove": advanced { $0.ended($0.name("what to unset").map { .unset($0) }) }
        case "add": advanced { $0.add() }
        case "call": advanced { $0.call() }
        case "error": advanced { $0.error() }
        case "return": advanced { $0.returnStatement() }
        case "synthetic", "synthetic.base64": synthetic()
        case "log": advanced { $0.ended($0.expression().map { .log($0) }) }
        case "if": advanced { $0.ifStatement() }
        case "switch": advanced { $0.switchStatement() }
        case "include": advanced { $0.ended($0.expression().map { .include($0) }) }
        case "goto": advanced { $0.ended($0.name("a label").map { .goto($0) }) }
        case "restart": advanced { $0.ended(.restart) }
        case "esi": advanced { $0.ended(.esi) }
        case "break": advanced { $0.ended(.break) }
        case "fallthrough": advanced { $0.ended(.fallthrough_) }
        case "else", "elsif", "elseif", "elif":
            expected("a statement", hint: "'\(text)' belongs directly behind the '}' of an if")
        default: labelOrFunction()
        }
    }

    /// The statement, if a `;` stands behind it.
    private mutating func ended(_ kind: Statement.Kind?) -> Statement.Kind? {
        guard let kind, end() else { return nil }
        return kind
    }

    private mutating func advanced(_ body: (inout Parser) -> Statement.Kind?) -> Statement.Kind? {
        advance()
        return body(&self)
    }

    private mutating func labelOrFunction() -> Statement.Kind? {
        if tokens[index + 1].kind == .colon {
            let label = Name(token.span)
            advance()
            advance()
            return .label(label)
        }
        guard tokens[index + 1].kind == .leftParenthesis else {
            return expected(
                "a statement", hint: tokens[index + 1].kind == .equal ? "write 'set \(text) = ...;'" : nil)
        }
        guard let value = expression(), end() else { return nil }
        return .function(value)
    }

    private mutating func declare() -> Statement.Kind? {
        guard isWord("local") else {
            return expected("'local'", hint: "write 'declare local var.name TYPE;'")
        }
        advance()
        guard let variable = name("a name such as var.count"), let type = name("a type such as STRING"), end()
        else { return nil }
        return .declare(variable, type: type)
    }

    private mutating func set() -> Statement.Kind? {
        guard let target = name("a variable") else { return nil }
        guard kind == .equal || kind == .assignment else { return expected("an operator such as '='") }
        let symbol = Name(token.span)
        advance()
        guard let value = expression(), end() else { return nil }
        return .set(target, operator: symbol, value)
    }

    private mutating func add() -> Statement.Kind? {
        guard let target = name("a header such as req.http.Name"), need(.equal, "'='") != nil,
            let value = expression(), end()
        else { return nil }
        return .add(target, value)
    }

    private mutating func call() -> Statement.Kind? {
        guard let target = name("a sub's name") else { return nil }
        var arguments: [Expression] = []
        if kind == .leftParenthesis {
            guard let found = self.arguments() else { return nil }
            arguments = found
        }
        return end() ? .call(target, arguments) : nil
    }

    private mutating func error() -> Statement.Kind? {
        if take(.semicolon) != nil { return .error(status: nil, response: nil) }
        guard let status = primary() else { return nil }
        if take(.semicolon) != nil { return .error(status: status, response: nil) }
        guard let response = expression(), end() else { return nil }
        return .error(status: status, response: response)
    }

    private mutating func returnStatement() -> Statement.Kind? {
        if take(.semicolon) != nil { return .return(nil, parenthesized: false) }
        let parenthesized = kind == .leftParenthesis
        guard let value = expression(), end() else { return nil }
        return .return(value, parenthesized: parenthesized)
    }

    private mutating func synthetic() -> Statement.Kind? {
        let base64 = isWord("synthetic.base64")
        advance()
        guard let value = expression(), end() else { return nil }
        return .synthetic(value, base64: base64)
    }

    private mutating func ifStatement() -> Statement.Kind? {
        var branches: [Statement.Branch] = []
        var otherwise: [Statement]?
        guard let first = branch() else { return nil }
        branches.append(first)
        while kind == .identifier {
            if isWord("elsif") || isWord("elseif") || isWord("elif") {
                advance()
            } else if isWord("else") {
                advance()
                guard isWord("if") else {
                    guard let body = block() else { return nil }
                    otherwise = body
                    break
                }
                advance()
            } else {
                break
            }
            guard let next = branch() else { return nil }
            branches.append(next)
        }
        return .if(branches, otherwise: otherwise)
    }

    private mutating func branch() -> Statement.Branch? {
        guard need(.leftParenthesis, "'('", hint: "a condition stands in parentheses") != nil,
            let condition = expression(),
            need(.rightParenthesis, "')'") != nil, let body = block()
        else { return nil }
        return Statement.Branch(condition: condition, body: body)
    }

    private mutating func switchStatement() -> Statement.Kind? {
        guard need(.leftParenthesis, "'('") != nil, let value = expression(),
            need(.rightParenthesis, "')'") != nil,
            need(.leftBrace, "'{'") != nil
        else { return nil }
        var cases: [Statement.SwitchCase] = []
        while kind != .rightBrace {
            guard let next = switchCase() else { return nil }
            cases.append(next)
        }
        advance()
        return .switch(value, cases)
    }

    private mutating func switchCase() -> Statement.SwitchCase? {
        let start = token.span
        let test: Statement.SwitchCase.Test
        if isWord("default") {
            advance()
            test = .otherwise
        } else if isWord("case") {
            advance()
            let matches = take(.match) != nil
            guard let value = primary() else { return nil }
            test = matches ? .match(value) : .value(value)
        } else {
            return expected("'case' or 'default'")
        }
        guard need(.colon, "':'") != nil else { return nil }
        var body: [Statement] = []
        while kind != .rightBrace, kind != .end, !isWord("case"), !isWord("default") {
            let before = index
            if let statement = statement() {
                body.append(statement)
            } else {
                recoverToStatement()
                if index == before { advance() }
            }
        }
        return Statement.SwitchCase(test: test, body: body, span: start)
    }
}
