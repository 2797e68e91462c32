import Diagnostics

extension Parser {
    /// A block; nil when there is none. One whose end is missing ends where the next declaration begins.
    mutating func block() -> [Statement]? {
        let open = token.span
        guard need(.leftBrace, "'{'") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= VCLLimits.deepestNesting else {
            tooDeep("blocks", at: open)
            skipBlock()
            return []
        }
        let body = statements()
        close(open)
        return body
    }

    /// Passes over what stands between here and the `}` of a block that is open.
    mutating func skipBlock() {
        var open = 1
        while kind != .end, !beginsDeclaration {
            if kind == .leftBrace { open += 1 }
            if kind == .rightBrace { open -= 1 }
            advance()
            if open == 0 { return }
        }
    }

    /// Statements up to a `}`, a declaration or the end.
    mutating func statements(ofCase: Bool = false) -> [Statement] {
        var all: [Statement] = []
        all.reserveCapacity(Parser.few)
        while kind != .rightBrace, kind != .end {
            if token.startsLine, word.opensDeclaration, beginsDeclaration { break }
            if ofCase, word == .case || word == .default { break }
            let (before, called) = (index, calls.count)
            if statement(into: &all) {
                if let more = extra {
                    all.append(more)
                    extra = nil
                }
            } else {
                calls.removeSubrange(called...)
                recoverToStatement()
                if index == before { advance() }
            }
        }
        return all
    }

    /// Reads one statement; false when there is none.
    private mutating func statement(into all: inout [Statement]) -> Bool {
        let start = token.span
        switch kind {
        case .identifier:
            guard let kind = statementKind() else { return false }
            all.append(Statement(kind: kind, span: start.through(previous.span)))
        case .macro:
            let words = text.dropFirst().split { $0 == " " || $0 == "\t" }
            advance()
            all.append(Statement(kind: .macro(words.count > 1 ? words[1].lowercased() : ""), span: start))
        case .leftBrace:
            guard let body = block() else { return false }
            all.append(Statement(kind: .block(body), span: start))
        case .semicolon:
            mistake(at: start, "this ';' ends nothing", hint: "remove it")
            return false
        default:
            complain("a statement")
            return false
        }
        return true
    }

    private mutating func statementKind() -> Statement.Kind? {
        switch word {
        case .set: return set()
        case .if: return ifStatement()
        case .unset, .remove:
            advance()
            return ended(name("a variable to unset").map { .unset($0) })
        case .declare: return declare()
        case .add: return add()
        case .call: return call()
        case .error: return error()
        case .return: return returnStatement()
        case .log:
            advance()
            return ended(expression().map { .log($0) })
        case .synthetic, .syntheticBase64: return synthetic()
        case .switch: return switchStatement()
        case .restart: return advanced(.restart)
        case .esi: return advanced(.esi)
        case .break: return advanced(.break)
        case .fallthrough: return advanced(.fallthrough_)
        default: return rareStatement()
        }
    }

    private mutating func rareStatement() -> Statement.Kind? {
        switch word {
        case .goto:
            advance()
            return ended(name("a label").map { .goto($0) })
        case .include where next.kind != .leftParenthesis:
            advance()
            return ended(expression().map { .include($0) })
        case .import:
            advance()
            return ended(name("a module's name").map { .import_($0) })
        case .else, .elsif, .elseif, .elif:
            mistake(
                at: token.span, "'\(text)' without an if", hint: "it belongs directly behind the '}' of an if"
            )
            return recoverBranch()
        case .case, .default:
            mistake(
                at: token.span, "'\(text)' without a switch", hint: "write switch (value) { case \"a\": ... }"
            )
            return nil
        default:
            return labelOrFunction()
        }
    }

    /// What hangs on a lonely `else` is read, so that its own mistakes are told, and then let go.
    private mutating func recoverBranch() -> Statement.Kind? {
        if recoverToBlock() { _ = block() }
        return nil
    }

    /// The statement, if a `;` stands behind it.
    @inline(__always)
    private mutating func ended(_ kind: Statement.Kind?) -> Statement.Kind? {
        guard let kind, end() else { return nil }
        return kind
    }

    private mutating func advanced(_ kind: Statement.Kind) -> Statement.Kind? {
        advance()
        return ended(kind)
    }

    private mutating func labelOrFunction() -> Statement.Kind? {
        if next.kind == .colon {
            let label = Name(token.span)
            advance()
            advance()
            return .label(label)
        }
        guard next.kind == .leftParenthesis else {
            let known = Keyword.allCases.filter { $0.opensStatement }.map(\.rawValue)
            if text == "var" || text == "local" || text == "let" {
                complain("a statement", hint: "write 'declare local var.name TYPE;'")
                return nil
            }
            let assigns = next.kind == .equal || next.kind == .assignment
            complain(
                "a statement",
                hint: assigns
                    ? "write 'set \(text) \(source.text(next.span)) ...;'"
                    : nearest(text, known)
                        ?? (next.kind == .semicolon ? "write 'call \(text);' to call a sub" : nil))
            return nil
        }
        guard let value = expression(), end() else { return nil }
        return .function(value)
    }

    private mutating func declare() -> Statement.Kind? {
        advance()
        let ofBlock = word == .block
        guard word == .local || word == .block else {
            complain("'local'", hint: "write 'declare local var.name TYPE;'")
            return nil
        }
        advance()
        if ValueType(rawValue: text) != nil, next.kind == .identifier {
            complain(
                "a name such as var.count", hint: "write 'declare local \(source.text(next.span)) \(text);'")
            return nil
        }
        guard let variable = name("a name such as var.count"),
            let type = name(
                "the variable's type", hint: "STRING, BOOL, INTEGER, FLOAT, TIME, RTIME, IP and others")
        else { return nil }
        let made: Statement.Kind =
            ofBlock ? .declareInBlock(variable, type: type) : .declare(variable, type: type)
        guard kind == .equal else { return end() ? made : nil }
        let symbol = Name(token.span)
        advance()
        guard let value = expression(), end() else { return made }
        extra = Statement(
            kind: .set(variable, operator: symbol, value), span: variable.span.through(previous.span))
        return made
    }

    private mutating func set() -> Statement.Kind? {
        advance()
        guard let target = name("a variable") else { return nil }
        guard kind == .equal || kind == .assignment else {
            complain(
                "an operator such as '='", hint: kind == .equalEqual ? "an assignment is written '='" : nil)
            return nil
        }
        let symbol = Name(token.span)
        advance()
        guard let value = expression(), end() else { return nil }
        return .set(target, operator: symbol, value)
    }

    private mutating func add() -> Statement.Kind? {
        advance()
        guard let target = name("a header such as req.http.Name"), need(.equal, "'='"),
            let value = expression(), end()
        else { return nil }
        return .add(target, value)
    }

    private mutating func call() -> Statement.Kind? {
        advance()
        guard let target = name("a sub's name") else { return nil }
        calls.append(target)
        var arguments: [Expression] = []
        if kind == .leftParenthesis {
            guard let found = self.arguments() else { return nil }
            arguments = found
        }
        return end() ? .call(target, arguments) : nil
    }

    private mutating func error() -> Statement.Kind? {
        advance()
        if take(.semicolon) { return .error(status: nil, response: nil) }
        guard let status = primary() else { return nil }
        if take(.semicolon) { return .error(status: status, response: nil) }
        if kind == .comma {
            complain("';'", hint: "status and text stand side by side: error 404 \"not found\";")
            return nil
        }
        if token.startsLine, !startsOperand, kind != .plus {
            return end() ? .error(status: status, response: nil) : nil
        }
        guard let response = expression(), end() else { return nil }
        return .error(status: status, response: response)
    }

    private mutating func returnStatement() -> Statement.Kind? {
        advance()
        if take(.semicolon) { return .return(nil, parenthesized: false) }
        let parenthesized = kind == .leftParenthesis
        guard let value = expression(), end() else { return nil }
        return .return(value, parenthesized: parenthesized)
    }

    private mutating func synthetic() -> Statement.Kind? {
        let base64 = word == .syntheticBase64
        advance()
        guard let value = expression(), end() else { return nil }
        return .synthetic(value, base64: base64)
    }
}
