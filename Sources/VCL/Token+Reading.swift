package import Diagnostics

extension Token {
    /// All words of a source, an `end` at its end, and the comments between them; for tools that look at what stands
    /// around a place in a source that need not be whole.
    package static func all(in source: SourceFile, file: Int = 0) -> (tokens: [Token], comments: [Comment]) {
        let read = Lexer.read(source.bytes, file: file)
        return (read.tokens, read.comments)
    }
}
