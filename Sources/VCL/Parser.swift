package import Diagnostics

/// Reads one file. A mistake becomes one diagnostic; reading goes on at the next statement, entry or
/// declaration, so that all mistakes of a file are reported at once and none causes another.
///
/// Where it is clear what was meant (a forgotten `;`, a condition without parentheses), the tree gets it all
/// the same, so that what is declared there is not unknown further down.
package struct Parser {
    let source: SourceFile
    let tokens: [Token]
    let comments: [Comment]
    var index = 0
    /// The token at `index`, and where the one before it ends.
    private(set) var token: Token
    private(set) var previous: Token
    var depth = 0
    var diagnostics: [Diagnostic]
    /// A block without an end was reported; those around it have none either.
    var reportedUnclosed: Bool
    let endsInside: Bool
    /// Recovery has passed over the whole of what was no declaration.
    var skipped = false
    /// What the declaration that is being read calls.
    var calls: [Name] = []
    /// What else a statement stands for: the `set` of a `declare` with a value.
    var extra: Statement?

    package static func parse(_ source: SourceFile, file: Int) -> (
        tree: SyntaxTree, diagnostics: [Diagnostic]
    ) {
        var parser = Parser(source, file: file)
        let declarations = parser.declarations { $0 == .end }
        return (SyntaxTree(declarations: declarations, comments: parser.comments), parser.diagnostics)
    }

    /// Statements without a sub around them: a snippet, or a file included inside a sub.
    package static func body(_ source: SourceFile, file: Int) -> (
        body: [Statement], diagnostics: [Diagnostic]
    ) {
        var parser = Parser(source, file: file)
        var body: [Statement] = []
        while parser.kind != .end {
            body += parser.statements()
            guard parser.kind != .end else { break }
            let place = parser.token
            parser.mistake(
                at: place.span,
                place.kind == .rightBrace
                    ? "this '}' closes nothing" : "'\(parser.text)' does not belong inside a sub")
            parser.advance()
            if place.kind != .rightBrace { parser.recoverToStatement() }
        }
        return (body, parser.diagnostics)
    }

    /// Whether the first word opens a declaration, which no statement begins with. Only the beginning is read; false when it
    /// holds comments alone.
    package static func opensWithDeclaration(_ source: SourceFile) -> Bool {
        let beginning = Array(source.bytes.prefix(VCLLimits.beginningBytes))
        return Lexer.read(beginning, file: 0).tokens[0].word.opensDeclaration
    }

    /// One expression and nothing behind it, for `hq vcl eval`.
    package static func expression(_ source: SourceFile, file: Int) -> (
        tree: Expression?, diagnostics: [Diagnostic]
    ) {
        var parser = Parser(source, file: file)
        let tree = parser.expression()
        if tree != nil, parser.kind != .end { parser.complain("the end of the expression") }
        return (tree, parser.diagnostics)
    }

    init(_ source: SourceFile, file: Int) {
        self.source = source
        let read = Lexer.read(source.bytes, file: file)
        tokens = read.tokens
        comments = read.comments
        reportedUnclosed = read.endsInside
        endsInside = read.endsInside
        diagnostics = read.diagnostics
        token = read.tokens[0]
        previous = read.tokens[0]
    }

    // MARK: tokens

    @inline(__always) var kind: Token.Kind { token.kind }
    @inline(__always) var word: Keyword { token.word }
    var text: String { source.text(token.span) }
    var next: Token { tokens[min(index + 1, tokens.count - 1)] }

    @inline(__always)
    mutating func advance() {
        guard token.kind != .end else { return }
        previous = token
        index += 1
        token = tokens[index]
    }

    @inline(__always)
    mutating func take(_ wanted: Token.Kind) -> Bool {
        guard token.kind == wanted else { return false }
        advance()
        return true
    }

    @inline(__always)
    mutating func takeWord(_ wanted: Keyword) -> Bool {
        guard token.word == wanted else { return false }
        advance()
        return true
    }

    @inline(__always)
    mutating func need(_ wanted: Token.Kind, _ what: StaticString, hint: String? = nil) -> Bool {
        if take(wanted) { return true }
        complain(what.description, hint: hint)
        return false
    }

    @inline(__always)
    mutating func name(_ what: StaticString, hint: String? = nil) -> Name? {
        guard token.kind == .identifier else {
            complain(what.description, hint: hint)
            return nil
        }
        advance()
        return Name(previous.span)
    }

    /// The `;` behind a statement. A forgotten one is reported; when what follows stands on a line of its own
    /// or closes the block, nothing else is wrong.
    @inline(__always)
    mutating func end() -> Bool { take(.semicolon) || missingEnd() }

    private mutating func missingEnd() -> Bool {
        if kind == .equalEqual || kind == .and || kind == .or || Parser.comparisons.contains(kind) {
            complain("';'", hint: "a comparison has its place in a condition: if (...)")
            return false
        }
        if kind == .minus || kind == .slash {
            complain("';'", hint: "arithmetic is done by set, as in 'set var.n -= 1;'")
            return false
        }
        // A string without an end took the ';' of its line; that was told.
        let broken = previous.kind == .string && source.bytes[previous.span.end - 1] != UInt8(ascii: "\"")
        if !broken { complain("';'") }
        return token.startsLine || kind == .rightBrace || kind == .end
    }

    // MARK: telling

    mutating func mistake(
        _ rule: String = "vcl/syntax", at place: Span, _ message: String, hint: String? = nil
    ) {
        guard diagnostics.count < VCLLimits.mostDiagnostics else { return }
        diagnostics.append(Diagnostic(rule, at: place, message, hint: hint))
    }

    /// Says what should stand here. A missing `;` or `)` is reported behind the last word, where it belongs.
    mutating func complain(_ what: String, hint: String? = nil) {
        // What the lexer did not know has its diagnostic already.
        guard kind != .unknown, !(kind == .end && endsInside) else { return }
        if kind == .longString, what == "'{'" {
            return mistake(
                at: token.span, "'{\"' opens a long string", hint: "put a space between '{' and '\"'")
        }
        let missing =
            index > 0 && what.count == 3 && what.hasPrefix("'") && (token.startsLine || what == "';'")
        let place =
            missing
            ? Span(file: Int(previous.span.file), start: previous.span.end, end: previous.span.end + 1)
            : token.span
        mistake(at: place, "expected \(what), found \(found)", hint: hint)
    }

    private var found: String {
        switch kind {
        case .end: "the end of the file"
        case .longString: "a long string"
        case .string: text.utf8.count > 42 ? "a string" : text
        default: "'\(text.prefix(40))'"
        }
    }

    mutating func tooDeep(_ what: String, at place: Span) {
        mistake(
            "vcl/too-deep", at: place, "\(what) are nested deeper than \(VCLLimits.deepestNesting) levels")
    }

    /// How many statements most blocks, cases most switches and arguments most calls have at most.
    static let few = 4

    static let comparisons: Set<Token.Kind> = [
        .match, .notMatch, .notEqual, .less, .lessEqual, .greater, .greaterEqual,
    ]
}
