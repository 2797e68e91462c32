import Diagnostics

// After a mistake: what is passed over before reading goes on.
extension Parser {
    /// A declaration begins on this line, whatever is open.
    var beginsDeclaration: Bool {
        token.startsLine && token.word.opensDeclaration && next.kind == .identifier
            && tokens[min(index + 2, tokens.count - 1)].kind != .equal
    }

    /// A statement begins on this line: what follows a forgotten `;`, not another operand.
    var beginsStatement: Bool {
        guard token.startsLine, token.kind == .identifier else { return false }
        if token.word == .if { return !isFunctionIf }
        return token.word.opensStatement || beginsDeclaration
    }

    /// Whether the `if` here is the function: no `{` stands behind its parentheses.
    private var isFunctionIf: Bool {
        var (at, open) = (index + 1, 0)
        while at < tokens.count {
            switch tokens[at].kind {
            case .leftParenthesis: open += 1
            case .rightParenthesis:
                open -= 1
                if open == 0 { return at + 1 < tokens.count && tokens[at + 1].kind != .leftBrace }
            case .semicolon, .leftBrace, .rightBrace, .end: return false
            default: break
            }
            at += 1
        }
        return false
    }

    /// Behind the next `;`, behind the `}` of a block that opens on the way, or before the `}` that ends this
    /// one.
    mutating func recoverToStatement() {
        var open = 0
        while kind != .end {
            switch kind {
            case .semicolon where open == 0:
                return advance()
            case .leftBrace:
                open += 1
            case .rightBrace where open == 0:
                return
            case .rightBrace:
                open -= 1
                if open == 0 { return advance() }
            case .identifier where open == 0 && beginsStatement:
                return
            case .identifier where beginsDeclaration:
                return
            case .macro where open == 0:
                return
            default: break
            }
            advance()
        }
    }

    /// To the `{` of the block that belongs to a broken condition; false when there is none before the next
    /// statement.
    mutating func recoverToBlock() -> Bool {
        while kind != .end, kind != .semicolon, kind != .rightBrace {
            if kind == .leftBrace { return true }
            if token.startsLine, beginsStatement { return false }
            advance()
        }
        return false
    }

    /// Behind the next separator of a table, an ACL or a list of properties, or before the `}` that ends it.
    mutating func recoverToEntry(_ separator: Token.Kind) {
        var open = 0
        while kind != .end, !beginsDeclaration {
            switch kind {
            case .semicolon where open == 0, .comma where open == 0 && separator == .comma:
                return advance()
            case .leftBrace: open += 1
            case .rightBrace where open == 0: return
            case .rightBrace: open -= 1
            case .property where token.startsLine && open == 0 && separator == .semicolon: return
            case .string where token.startsLine && open == 0: return
            default: break
            }
            advance()
        }
    }

    mutating func recoverToDeclaration(from start: Int) {
        if index == start { advance() }
        while kind != .end {
            if token.startsLine, word.opensDeclaration || word == .import, next.kind == .identifier { return }
            if token.startsLine, word == .include, next.kind == .string { return }
            advance()
        }
    }

    /// The `}` of a block that opened at `open`. One that is missing is reported once, not for each block
    /// around it.
    mutating func close(_ open: Span) {
        guard !take(.rightBrace), !reportedUnclosed else { return }
        reportedUnclosed = true
        mistake(at: open, "this block has no end", hint: "close it with '}'")
    }
}
