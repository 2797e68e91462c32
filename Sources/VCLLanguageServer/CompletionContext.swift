import Diagnostics
import VCL

/// What stands before the cursor, told from the words alone: the text around it seldom parses while a person
/// types.
struct CompletionContext {
    /// A declaration that is open.
    struct Container {
        var word: Keyword
        var name: String
        /// A director's or a table's type.
        var type: String
    }

    struct Call {
        /// What is called; nil for parentheses of another kind.
        let name: String?
        /// The parenthesis.
        let offset: Int
        /// Which argument the cursor is in, from 0.
        var argument = 0
    }

    let index: FileIndex
    /// Where the word under the cursor begins, and its part before the cursor.
    let wordStart: Int
    let word: String
    let offset: Int
    /// The declarations around the cursor, the innermost last.
    private(set) var containers: [Container] = []
    /// The words of the statement, entry or property before the one under the cursor.
    private(set) var statement: [Token] = []
    /// The parentheses that are open in the statement, the innermost last.
    private(set) var calls: [Call] = []
    /// Whether the cursor is inside a string or a comment.
    private(set) var isInText = false

    init(_ index: FileIndex, offset: Int) {
        self.index = index
        self.offset = offset
        let bytes = index.file.bytes
        var start = offset
        while start > 0, CompletionContext.isWordByte(bytes[start - 1]) { start -= 1 }
        while start < offset, bytes[start] == UInt8(ascii: ":") { start += 1 }
        var text = String(decoding: bytes[start..<offset], as: UTF8.self)
        // A colon belongs to a word in a header's field alone; elsewhere a new word begins behind it.
        if WrittenHeader(text) == nil, let colon = text.lastIndex(of: ":") {
            start += text[...colon].utf8.count
            text = String(text[text.index(after: colon)...])
        }
        wordStart = start
        word = text
        isInText = index.isInComment(offset)
        if index.isBody { containers.append(Container(word: .sub, name: "", type: "")) }
        for token in index.tokens where token.kind != .end {
            if token.span.end > start {
                isInText = isInText || CompletionContext.isInside(token, offset, index)
                break
            }
            // A string whose end is missing ends with its line, and the cursor is still in it.
            if token.span.end == offset, CompletionContext.isInside(token, offset, index) { isInText = true }
            take(token)
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        let letter = byte | 0x20
        return (letter >= 0x61 && letter <= 0x7A) || byte &- 0x30 < 10 || "_-.:".utf8.contains(byte)
    }

    private static func isInside(_ token: Token, _ offset: Int, _ index: FileIndex) -> Bool {
        guard token.kind == .string || token.kind == .longString, token.span.start < offset else {
            return false
        }
        if offset < token.span.end { return true }
        let text = index.file.text(token.span)
        return token.kind == .string && (text.count == 1 || !text.hasSuffix("\""))
    }

    private func text(_ token: Token) -> String { index.file.text(token.span) }

    private mutating func take(_ token: Token) {
        switch token.kind {
        case .leftBrace:
            containers.append(opened())
            clear()
        case .rightBrace:
            if containers.count > (index.isBody ? 1 : 0) { containers.removeLast() }
            clear()
        case .semicolon, .macro: clear()
        case .comma where calls.isEmpty && containers.last?.word == .table: clear()
        case .colon where endsLabel: clear()
        case .leftParenthesis:
            let callee = statement.last.flatMap { isCallee($0) ? text($0) : nil }
            calls.append(Call(name: callee, offset: token.span.start))
            statement.append(token)
        case .rightParenthesis:
            _ = calls.popLast()
            statement.append(token)
        case .comma:
            if !calls.isEmpty { calls[calls.count - 1].argument += 1 }
            statement.append(token)
        default:
            // After a forgotten ';' a new statement begins where only one can.
            if token.startsLine, token.word.opensStatement, token.word != .if, containers.last?.word == .sub {
                clear()
            }
            statement.append(token)
        }
    }

    private mutating func clear() {
        statement = []
        calls = []
    }

    /// `label:`, `case "a":` and `default:`.
    private var endsLabel: Bool {
        guard let first = statement.first, containers.last?.word == .sub else { return false }
        return first.word == .case || first.word == .default || statement.count == 1
    }

    private func isCallee(_ token: Token) -> Bool {
        guard token.kind == .identifier else { return false }
        let isFirst = statement.count == 1
        switch token.word {
        case .none, .sub: return true
        // A statement at the beginning, the function `if(...)` elsewhere.
        case .if: return !isFirst && statement.first?.word != .else
        default: return false
        }
    }

    private func opened() -> Container {
        guard let first = statement.first else {
            return containers.last ?? Container(word: .none, name: "", type: "")
        }
        if first.word.opensDeclaration, containers.last?.word != .sub {
            let name = statement.count > 1 ? text(statement[1]) : ""
            return Container(
                word: first.word, name: name, type: statement.count > 2 ? text(statement[2]) : "")
        }
        let word = text(first)
        if containers.last?.word != .sub, word.hasPrefix("before_") || word.hasPrefix("after_") {
            return Container(word: .sub, name: word, type: "")
        }
        return containers.last ?? Container(word: .none, name: "", type: "")
    }

    // MARK: questions

    var first: Keyword { statement.first?.word ?? .none }

    func word(_ place: Int) -> String { place < statement.count ? text(statement[place]) : "" }

    /// Whether a `(` follows the word already.
    var isCalled: Bool {
        var at = offset
        let bytes = index.file.bytes
        while at < bytes.count, CompletionContext.isWordByte(bytes[at]) { at += 1 }
        return at < bytes.count && bytes[at] == UInt8(ascii: "(")
    }
}
