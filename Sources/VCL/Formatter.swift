package import Diagnostics

/// Writes a program in the one style that HQ has: two spaces a level, a statement a line, lines broken before
/// `&&`, `||` and the parts of a long string when they are longer than a hundred columns.
///
/// It goes over the tokens, not over the tree: what stands between the tokens (comments, blank lines) is then
/// never lost, and the words themselves are copied byte for byte. The parser has the say whether a source is
/// formatted at all.
package struct Formatter {
    package enum Result: Sendable {
        case formatted(String)
        /// The source does not parse; nothing of it is changed.
        case broken([Diagnostic])
    }

    /// What the lines between a pair of braces are.
    enum Context {
        case declarations, acl, table, properties, director, statements, cases
    }

    static let width = 100
    let source: SourceFile
    let pieces: [Piece]
    var at = 0
    /// The pieces of the line that is being put together.
    var line: [Piece] = []
    var parentheses = 0
    var contexts: [Context]
    var out: [UInt8] = []
    var last = LastLine.nothing
    /// Whether a comment that nothing can follow ends what is written.
    var endsWithComment = false

    /// What stands above the next line, as far as blank lines depend on it.
    enum LastLine {
        case nothing, opener, comment, shortDeclaration, declaration, other
    }

    /// A whole program, or the statements of a snippet or of a file that a sub includes: whichever the source
    /// is.
    package static func format(_ source: SourceFile, file: Int = 0) -> Result {
        let (_, mistakes) = Parser.parse(source, file: file)
        if mistakes.isEmpty { return .formatted(text(source, .declarations)) }
        let (_, others) = Parser.body(source, file: file)
        if others.isEmpty { return .formatted(text(source, .statements)) }
        let (tree, _) = Parser.parse(source, file: file)
        return .broken(tree.declarations.isEmpty ? others : mistakes)
    }

    private static func text(_ source: SourceFile, _ context: Context) -> String {
        var formatter = Formatter(source, context)
        formatter.run()
        return String(decoding: formatter.out, as: UTF8.self)
    }

    private init(_ source: SourceFile, _ context: Context) {
        self.source = source
        let read = Lexer.read(source.bytes, file: 0)
        pieces = Piece.all(read.tokens, read.comments, source.bytes)
        contexts = [context]
        out.reserveCapacity(source.bytes.count + source.bytes.count / 4)
    }

    var context: Context { contexts[contexts.count - 1] }

    /// The next piece that is a token.
    func nextToken(after index: Int) -> Piece? {
        pieces[min(index + 1, pieces.count)...].first { $0.kind != nil }
    }

    private mutating func run() {
        while at < pieces.count {
            let piece = pieces[at]
            if let kind = piece.kind { take(piece, kind) } else { comment(piece) }
            at += 1
        }
        finishLine()
    }

    private mutating func take(_ piece: Piece, _ kind: Token.Kind) {
        switch kind {
        case .leftBrace: open(piece)
        case .rightBrace: close(piece)
        case .semicolon: end(with: piece)
        case .comma where context == .table && parentheses == 0: end(with: piece)
        case .colon where context == .statements || context == .cases:
            line.append(piece)
            if parentheses == 0 { finishLine() }
        case .macro:
            finishLine()
            line.append(piece)
            finishLine()
        default:
            if kind == .leftParenthesis { parentheses += 1 }
            if kind == .rightParenthesis { parentheses -= 1 }
            line.append(piece)
        }
    }

    // MARK: braces

    private mutating func open(_ piece: Piece) {
        if context == .director, line.allSatisfy({ $0.kind == nil }), member() { return }
        let inner = inside(line.first { $0.kind != nil })
        // Comments between a head and its brace go behind the brace.
        let comments = takeLastComments()
        line.append(piece)
        if comments.isEmpty, at + 1 < pieces.count, pieces[at + 1].kind == .rightBrace {
            line.append(pieces[at + 1])
            at += 1
            return closed()
        }
        finishLine()
        last = .opener
        contexts.append(inner)
        write(behind: comments)
    }

    private func inside(_ head: Piece?) -> Context {
        if head?.kind == .property { return .properties }
        switch (context, head?.word ?? .none) {
        case (.director, _): return .properties
        case (.declarations, .acl): return .acl
        case (.declarations, .table): return .table
        case (.declarations, .backend): return .properties
        case (.declarations, .director): return .director
        case (.declarations, .describe): return .declarations
        case (.statements, .switch), (.cases, .switch): return .cases
        default: return .statements
        }
    }

    private mutating func close(_ piece: Piece) {
        if line.contains(where: { $0.kind != nil }) {
            // The last entry of a table has its comma too.
            end(with: context == .table ? Piece.comma : nil)
        }
        finishLine()
        contexts.removeLast()
        last = .opener
        line.append(piece)
        closed()
    }

    /// Behind a `}`: an else goes on in its line.
    private mutating func closed() {
        let next = nextToken(after: at)
        if context == .statements || context == .cases, next?.word.continuesIf == true { return }
        if next?.kind == .semicolon, context == .properties || context == .director { return }
        finishLine()
    }

    /// `{ .backend = F_a; .weight = 1; }` on one line, if it fits; false when it does not.
    private mutating func member() -> Bool {
        var end = at + 1
        while end < pieces.count, let kind = pieces[end].kind, kind != .rightBrace {
            if kind == .leftBrace { return false }
            end += 1
        }
        guard end < pieces.count, pieces[end].kind == .rightBrace, end > at + 1 else { return false }
        var whole = line + pieces[at...end]
        if nextToken(after: end)?.kind == .semicolon, pieces[end + 1].kind != nil {
            end += 1
            whole.append(pieces[end])
        }
        guard indentation + flatWidth(whole) <= Formatter.width else { return false }
        line = whole
        at = end
        finishLine()
        return true
    }
}

/// A token or a comment, in the order in which they stand.
struct Piece {
    /// nil for a comment.
    let kind: Token.Kind?
    let word: Keyword
    let span: Span
    /// Line breaks between it and what stands before it: none, one, or more.
    let breaks: Int
    /// A comment that goes to the end of its line, so that nothing may follow it there.
    let endsLine: Bool

    /// A `,` that the source does not have.
    static let comma = Piece(
        kind: .comma, word: .none, span: Span(start: 0, end: 0), breaks: 0, endsLine: false)

    static func all(_ tokens: [Token], _ comments: [Comment], _ bytes: [UInt8]) -> [Piece] {
        var all: [Piece] = []
        all.reserveCapacity(tokens.count + comments.count)
        var end = 0
        var next = 0
        func breaks(_ start: Int) -> Int {
            var found = 0
            for place in end..<max(end, start) where bytes[place] == UInt8(ascii: "\n") { found += 1 }
            return min(found, 2)
        }
        for (index, token) in tokens.enumerated() {
            while next < comments.count, comments[next].tokensBefore == index {
                let span = comments[next].span
                let first = bytes[span.start]
                let block = first == UInt8(ascii: "/") && bytes[span.start + 1] == UInt8(ascii: "*")
                let marker =
                    span.end - span.start == 2 && bytes[span.end - 1] == UInt8(ascii: "!")
                    && first != UInt8(ascii: "#")
                all.append(
                    Piece(
                        kind: nil, word: .none, span: span, breaks: breaks(span.start),
                        endsLine: !block && !marker))
                end = span.end
                next += 1
            }
            guard token.kind != .end else { break }
            all.append(
                Piece(
                    kind: token.kind, word: token.word, span: token.span, breaks: breaks(token.span.start),
                    endsLine: false))
            end = token.span.end
        }
        return all
    }
}
