import Diagnostics
import Kernel

// Subs, and what test files hold besides them.
extension Parser {
    mutating func sub() -> Declaration.Kind? {
        var parameters: [(type: Name, name: Name)] = []
        if take(.leftParenthesis) {
            while kind != .rightParenthesis {
                guard let type = name("a parameter's type", hint: "write TYPE var.name for each parameter"),
                    let name = name("a parameter's name", hint: "write TYPE var.name for each parameter")
                else { return nil }
                parameters.append((type, name))
                if !take(.comma), kind != .rightParenthesis {
                    complain("',' or ')'")
                    return nil
                }
            }
            advance()
        }
        var returns: Name?
        if kind == .minus {
            complain("'{'", hint: "the type that a sub returns stands in front of its '{', without an arrow")
            return nil
        }
        if kind == .identifier, !beginsDeclaration { returns = name("") }
        guard let body = block() else { return nil }
        return .sub(returns: returns, parameters: parameters, body: body)
    }

    mutating func describe() -> Declaration.Kind? {
        let open = token.span
        guard need(.leftBrace, "'{'") else { return nil }
        depth += 1
        defer { depth -= 1 }
        guard depth <= VCLLimits.deepestNesting else {
            tooDeep("groups", at: open)
            return nil
        }
        let inner = declarations { $0 == .rightBrace }
        close(open)
        return .describe(inner)
    }

    /// `before_recv { ... }`; nil when the word is no hook.
    mutating func hook() -> Declaration.Kind? {
        let word = text
        let before = word.hasPrefix("before_")
        guard before || word.hasPrefix("after_") else { return nil }
        let span = token.span
        let scope = Name(
            Span(
                file: Int(span.file), start: span.start + (before ? "before_" : "after_").utf8.count,
                end: span.end)
        )
        advance()
        return block().map { .hook(before: before, scope: scope, body: $0) }
    }

    /// The comments between the token before the one at `place` and that one.
    func commentsBefore(token place: Int) -> Range<Int> {
        firstComment { $0.tokensBefore >= place }..<firstComment { $0.tokensBefore > place }
    }

    /// The first comment that lies behind; comments are in reading order.
    private func firstComment(_ lies: (Comment) -> Bool) -> Int {
        var (low, high) = (0, comments.count)
        while low < high {
            let middle = (low + high) / 2
            if lies(comments[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    func nearest(_ word: String, _ words: [String]) -> String? {
        Kernel.nearest(word, among: words).map { "did you mean '\($0)'?" }
    }
}
