package import Diagnostics

/// Reads one file. A mistake becomes one diagnostic; reading goes on at the next statement or declaration, so that
/// all mistakes of a file are reported at once and none causes another.
package struct Parser {
    let source: SourceFile
    let file: Int
    let tokens: [Token]
    var index = 0
    var depth = 0
    var diagnostics: [Diagnostic]
    private let comments: [Comment]

    package static func parse(_ source: SourceFile, file: Int) -> (
        tree: SyntaxTree, diagnostics: [Diagnostic]
    ) {
        var parser = Parser(source, file: file)
        var declarations: [Declaration] = []
        while parser.kind != .end {
            let before = parser.index
            if let declaration = parser.declaration() {
                declarations.append(declaration)
            } else {
                parser.recoverToDeclaration(from: before)
            }
        }
        return (SyntaxTree(declarations: declarations, comments: parser.comments), parser.diagnostics)
    }

    /// Statements without a sub around them: a snippet, or a file included inside a sub.
    package static func body(_ source: SourceFile, file: Int) -> (
        body: [Statement], diagnostics: [Diagnostic]
    ) {
        var parser = Parser(source, file: file)
        let body = parser.statements { $0 == .end }
        return (body, parser.diagnostics)
    }

    /// One expression and nothing behind it, for `hq vcl eval`.
    package static func expression(_ source: SourceFile, file: Int) -> (
        tree: Expression?, diagnostics: [Diagnostic]
    ) {
        var parser = Parser(source, file: file)
        let tree = parser.expression()
        if tree != nil, parser.kind != .end {
            let _: Expression? = parser.expected("the end of the expression")
        }
        return (tree, parser.diagnostics)
    }

    init(_ source: SourceFile, file: Int) {
        self.source = source
        self.file = file
        var lexer = Lexer(bytes: source.bytes, file: file)
        lexer.run()
        tokens = lexer.tokens
        comments = lexer.comments
        diagnostics = lexer.diagnostics
    }

    // MARK: tokens

    var token: Token { tokens[index] }
    var kind: Token.Kind { tokens[index].kind }
    var text: String { source.text(token.span) }
    var previous: Token { tokens[max(0, index - 1)] }

    func isWord(_ word: StaticString) -> Bool {
        let span = token.span
        guard kind == .identifier, span.end - span.start == word.utf8CodeUnitCount else { return false }
        for offset in 0..<word.utf8CodeUnitCount
        where source.bytes[span.start + offset] != word.utf8Start[offset] { return false }
        return true
    }

    mutating func advance() { if kind != .end { index += 1 } }

    mutating func take(_ wanted: Token.Kind) -> Token? {
        guard kind == wanted else { return nil }
        defer { advance() }
        return token
    }

    mutating func need(_ wanted: Token.Kind, _ what: String, hint: String? = nil) -> Token? {
        take(wanted) ?? expected(what, hint: hint)
    }

    /// Says what should stand here. A missing `;` or `)` is reported behind the last word, where it belongs.
    mutating func expected<T>(_ what: String, hint: String? = nil) -> T? {
        let missing = what.hasPrefix("'") && what.count == 3 && index > 0
        let place =
            missing ? Span(file: file, start: previous.span.end, end: previous.span.end + 1) : token.span
        // The lexer has already said what is wrong with an unknown character.
        guard kind != .unknown else { return nil }
        let found = kind == .end ? "the end of the file" : "'\(text.prefix(40))'"
        diagnostics.append(
            Diagnostic("vcl/syntax", at: place, "expected \(what), found \(found)", hint: hint))
        return nil
    }

    mutating func name(_ what: String) -> Name? { need(.identifier, what).map { Name($0.span) } }

    // MARK: recovery

    /// Behind the next `;`, or before the `}` that ends the block.
    mutating func recoverToStatement() {
        var depth = 0
        while kind != .end {
            switch kind {
            case .semicolon where depth == 0:
                return advance()
            case .leftBrace:
                depth += 1
            case .rightBrace where depth == 0:
                return
            case .rightBrace:
                depth -= 1
                if depth == 0 { return advance() }
            case .identifier where depth == 0 && opensStatement:
                return
            default: break
            }
            advance()
        }
    }

    private var isFirstOnLine: Bool {
        guard index > 0 else { return true }
        return source.bytes[previous.span.end..<token.span.start].contains(UInt8(ascii: "\n"))
    }

    var opensStatement: Bool { isFirstOnLine && startsStatement }

    private var startsStatement: Bool {
        isWord("set") || isWord("unset") || isWord("if") || isWord("return") || isWord("call")
            || isWord("error")
            || isWord("declare") || isWord("log") || isWord("add") || isWord("synthetic") || isWord("restart")
    }

    private var startsDeclaration: Bool {
        isWord("sub") || isWord("acl") || isWord("backend") || isWord("director") || isWord("table")
            || isWord("include")
            || isWord("penaltybox") || isWord("ratecounter")
    }

    private mutating func recoverToDeclaration(from start: Int) {
        if index == start { advance() }
        while kind != .end, !(startsDeclaration && isFirstOnLine) { advance() }
    }

    // MARK: declarations

    private mutating func declaration() -> Declaration? {
        let start = token.span
        guard kind == .identifier else {
            return expected(
                "a declaration",
                hint: "a program is made of sub, acl, backend, director, table, include and import")
        }
        if isWord("include") {
            advance()
            guard let path = expression(), end() else { return nil }
            return Declaration(
                kind: .include(path), name: Name(path.span), span: start.through(previous.span))
        }
        if isWord("import") {
            advance()
            guard let name = name("a module's name"), end() else { return nil }
            return Declaration(kind: .import_, name: name, span: start.through(previous.span))
        }
        guard startsDeclaration else {
            let hint = nearest(text, ["sub", "acl", "backend", "director", "table", "include", "import"])
            return expected("a declaration", hint: hint)
        }
        let word = text
        advance()
        guard let name = name("the \(word)'s name"), let body = declarationBody(word) else { return nil }
        return Declaration(kind: body, name: name, span: start.through(previous.span))
    }

    private mutating func declarationBody(_ word: String) -> Declaration.Kind? {
        switch word {
        case "acl": acl()
        case "backend": properties().map { .backend($0) }
        case "director": director()
        case "table": table()
        case "sub": sub()
        case "penaltybox": emptyBody() ? .penaltybox : nil
        default: emptyBody() ? .ratecounter : nil
        }
    }

    private mutating func emptyBody() -> Bool {
        need(.leftBrace, "'{'") != nil && need(.rightBrace, "'}'") != nil
    }

    private mutating func acl() -> Declaration.Kind? {
        guard need(.leftBrace, "'{'") != nil else { return nil }
        var entries: [ACLEntry] = []
        while kind != .rightBrace {
            let negated = take(.bang) != nil
            guard let address = need(.string, "an address in quotes", hint: "for example \"192.0.2.0\"/24;")
            else { return nil }
            var bits: Name?
            if take(.slash) != nil {
                guard let mask = need(.integer, "the number of bits behind '/'") else { return nil }
                bits = Name(mask.span)
            }
            guard end() else { return nil }
            entries.append(ACLEntry(negated: negated, address: Name(address.span), bits: bits))
        }
        advance()
        return .acl(entries)
    }

    private mutating func table() -> Declaration.Kind? {
        var type: Name?
        if kind == .identifier { type = name("the values' type") }
        guard need(.leftBrace, "'{'") != nil else { return nil }
        var entries: [TableEntry] = []
        while kind != .rightBrace {
            guard let key = need(.string, "a key in quotes"), need(.colon, "':'") != nil,
                let value = primary()
            else { return nil }
            entries.append(TableEntry(key: Name(key.span), value: value))
            if take(.comma) == nil, kind != .rightBrace { return expected("',' or '}'") }
        }
        advance()
        return .table(type: type, entries)
    }

    private mutating func sub() -> Declaration.Kind? {
        var parameters: [(type: Name, name: Name)] = []
        if take(.leftParenthesis) != nil {
            while kind != .rightParenthesis {
                guard let type = name("a parameter's type"), let name = name("a parameter's name") else {
                    return nil
                }
                parameters.append((type, name))
                if take(.comma) == nil, kind != .rightParenthesis { return expected("',' or ')'") }
            }
            advance()
        }
        var returns: Name?
        if kind == .identifier { returns = name("the type that the sub returns") }
        guard let body = block() else { return nil }
        return .sub(returns: returns, parameters: parameters, body: body)
    }

    private mutating func director() -> Declaration.Kind? {
        guard let type = name("the director's type", hint: "random, fallback, hash, client, chash or shield"),
            need(.leftBrace, "'{'") != nil
        else { return nil }
        var properties: [Property] = []
        var members: [[Property]] = []
        while kind != .rightBrace {
            if kind == .leftBrace {
                guard let member = self.properties() else { return nil }
                members.append(member)
            } else {
                guard let property = property() else { return nil }
                properties.append(property)
            }
        }
        advance()
        return .director(type: type, properties: properties, members: members)
    }

    private mutating func name(_ what: String, hint: String) -> Name? {
        need(.identifier, what, hint: hint).map { Name($0.span) }
    }

    private mutating func properties() -> [Property]? {
        guard need(.leftBrace, "'{'") != nil else { return nil }
        var all: [Property] = []
        while kind != .rightBrace {
            guard let property = property() else { return nil }
            all.append(property)
        }
        advance()
        return all
    }

    private mutating func property() -> Property? {
        guard let name = need(.property, "a property such as .host"), need(.equal, "'='") != nil else {
            return nil
        }
        if kind == .leftBrace {
            guard let block = properties() else { return nil }
            _ = take(.semicolon)
            return Property(name: Name(name.span), value: .block(block))
        }
        guard let value = expression(), end() else { return nil }
        return Property(name: Name(name.span), value: .expression(value))
    }

    mutating func end() -> Bool { need(.semicolon, "';'") != nil }

    private func nearest(_ word: String, _ words: [String]) -> String? {
        words.first { $0.hasPrefix(word.prefix(2)) }.map { "did you mean '\($0)'?" }
    }
}
