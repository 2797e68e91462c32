import Diagnostics
import VCL
import VCLRuntime

/// What one file declares and names, as far as the file alone tells. Made once for each version of its text.
final class FileIndex: Sendable {
    let file: SourceFile
    /// Differs between any two versions of any file.
    let revision: Int
    let tokens: [Token]
    let comments: [Comment]
    /// Statements without a sub around them, as a snippet or a file that a sub includes holds.
    let isBody: Bool
    /// What the parser alone says.
    let mistakes: [Diagnostic]
    let declared: [Declared]
    /// In reading order.
    let mentions: [Mention]
    let includes: [IncludedPath]
    /// The subs and functions that each sub calls.
    let calls: [String: Set<String>]

    init(_ file: SourceFile, revision: Int) {
        self.file = file
        self.revision = revision
        (tokens, comments) = Token.all(in: file)
        var indexer = Indexer(file)
        let (tree, mistakes) = Parser.parse(file, file: 0)
        let (body, others) =
            tree.declarations.isEmpty && !mistakes.isEmpty ? Parser.body(file, file: 0) : ([], [])
        isBody = !tokens[0].word.opensDeclaration && (!body.isEmpty || tokens[0].word.opensStatement)
        self.mistakes = isBody ? others : mistakes
        if isBody { indexer.read(body) } else { indexer.read(tree) }
        declared = indexer.declared
        mentions = indexer.mentions.sorted {
            ($0.span.startOffset, $0.span.endOffset) < ($1.span.startOffset, $1.span.endOffset)
        }
        includes = indexer.includes
        calls = indexer.calls
    }

    /// What is named at this place, which may be directly behind the last letter of the name.
    func mention(at offset: Int) -> Mention? {
        let near = mentions.filter { $0.span.start <= offset && offset <= $0.span.end }
        // Inside `backend.F_origin.healthy` the backend's name is meant where the cursor is on it.
        return near.min { ($0.span.end - $0.span.start) < ($1.span.end - $1.span.start) }
    }

    /// The declaration around a place.
    func declaration(around offset: Int) -> Declared? {
        var found: Declared?
        var level = declared
        while let next = level.first(where: { $0.whole.start <= offset && offset <= $0.whole.end }) {
            found = next
            level = next.keyword == "describe" ? next.children : []
        }
        return found
    }

    /// Whether the file holds unit tests, which are checked by `hq vcl test`.
    var isTest: Bool { file.name.hasSuffix(".test.vcl") }

    func isInComment(_ offset: Int) -> Bool {
        guard let comment = comments.last(where: { $0.span.start < offset }) else { return false }
        if offset < comment.span.end { return true }
        let isBlock = file.text(Span(start: comment.span.start, end: comment.span.start + 2)) == "/*"
        // A comment of one line goes on to its end, with blanks that its span leaves out.
        return !isBlock && !file.bytes[comment.span.end..<min(offset, file.bytes.count)].contains(0x0A)
    }
}
