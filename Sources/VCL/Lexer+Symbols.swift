import Diagnostics

extension Lexer {
    mutating func symbol(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): shortString()
        case UInt8(ascii: ";"): single(.semicolon)
        case UInt8(ascii: "("): single(.leftParenthesis)
        case UInt8(ascii: ")"): single(.rightParenthesis)
        case UInt8(ascii: "{"): if !longString() { single(.leftBrace) }
        case UInt8(ascii: "}"): single(.rightBrace)
        case UInt8(ascii: ","): single(.comma)
        case UInt8(ascii: ":"): single(.colon)
        case UInt8(ascii: "~"): single(.match)
        case UInt8(ascii: "."): property()
        case UInt8(ascii: "#"): lineComment()
        case UInt8(ascii: "/"):
            switch peek(1) {
            case UInt8(ascii: "/"): lineComment()
            case UInt8(ascii: "*"): blockComment()
            default: withEqual(.slash)
            }
        default: longSymbol(byte)
        }
    }

    /// The symbol `kind`, or the assignment that it becomes with a `=` behind it.
    private mutating func withEqual(_ kind: Token.Kind) {
        if peek(1) == UInt8(ascii: "=") { single(.assignment, length: 2) } else { single(kind) }
    }

    private mutating func longSymbol(_ byte: UInt8) {
        let equal = UInt8(ascii: "=")
        switch (byte, peek(1), peek(2)) {
        case (equal, equal, _): single(.equalEqual, length: 2)
        case (equal, _, _): single(.equal)
        case (UInt8(ascii: "!"), equal, _): single(.notEqual, length: 2)
        case (UInt8(ascii: "!"), UInt8(ascii: "~"), _): single(.notMatch, length: 2)
        case (UInt8(ascii: "!"), _, _): single(.bang)
        case (UInt8(ascii: "&"), UInt8(ascii: "&"), equal), (UInt8(ascii: "|"), UInt8(ascii: "|"), equal),
            (UInt8(ascii: "<"), UInt8(ascii: "<"), equal), (UInt8(ascii: ">"), UInt8(ascii: ">"), equal):
            single(.assignment, length: 3)
        case (UInt8(ascii: "&"), UInt8(ascii: "&"), _): single(.and, length: 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|"), _): single(.or, length: 2)
        case (UInt8(ascii: "<"), equal, _): single(.lessEqual, length: 2)
        case (UInt8(ascii: ">"), equal, _): single(.greaterEqual, length: 2)
        case (UInt8(ascii: "<"), _, _): single(.less)
        case (UInt8(ascii: ">"), _, _): single(.greater)
        case (UInt8(ascii: "+"), _, _): withEqual(.plus)
        case (UInt8(ascii: "-"), _, _): withEqual(.minus)
        case (UInt8(ascii: "*"), equal, _), (UInt8(ascii: "%"), equal, _), (UInt8(ascii: "^"), equal, _),
            (UInt8(ascii: "&"), equal, _), (UInt8(ascii: "|"), equal, _):
            single(.assignment, length: 2)
        default: foreign(byte)
        }
    }

    private mutating func property() {
        let start = at
        at += 1
        while at < count, classes[Int(bytes[at])].contains(.word) { at += 1 }
        guard at - start > 1 else { return unknown(from: start, hint: nil) }
        emit(.property, from: start)
    }

    // MARK: what VCL does not have

    private mutating func foreign(_ byte: UInt8) {
        if byte == UInt8(ascii: "'") { return foreignString(open: 1, close: [byte]) }
        // The curly quotes of word processors: U+201C and U+201D.
        if byte == 0xE2, peek(1) == 0x80, peek(2) == 0x9C || peek(2) == 0x9D {
            return foreignString(open: 3, close: [0xE2, 0x80, 0x9D])
        }
        let start = at
        at += 1
        while at < count, isForeign(bytes[at]) { at += 1 }
        unknown(from: start, hint: Lexer.foreignHints[byte])
    }

    private static let foreignHints: [UInt8: String] = [
        UInt8(ascii: "&"): "'and' is written '&&'", UInt8(ascii: "|"): "'or' is written '||'",
        UInt8(ascii: "*"): "arithmetic is done by set, as in 'set var.n *= 2;'",
        UInt8(ascii: "%"): "arithmetic is done by set, as in 'set var.n %= 2;'",
        UInt8(ascii: "?"): "a choice is written if(condition, value, other)",
        UInt8(ascii: "$"): "is this a template? fill in its placeholders first",
        UInt8(ascii: "["): "VCL has no lists; a table is looked up with table.lookup(name, key)",
    ]

    /// Bytes that no token contains, so that a run of them is one mistake.
    private func isForeign(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte < 0x09 || (byte > 0x0D && byte < 0x20) || byte == 0x7F
            || byte == UInt8(ascii: "$")
            || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "`") || byte == UInt8(ascii: "\\")
    }

    private mutating func unknown(from start: Int, hint: String?) {
        let text = String(
            decoding: UnsafeBufferPointer(start: bytes + start, count: at - start), as: UTF8.self)
        let shown = text.unicodeScalars.prefix(20).map {
            $0.value < 0x20 ? "\\u{\(String($0.value, radix: 16))}" : String($0)
        }
        complain("'\(shown.joined())' has no meaning here", from: start, hint: hint)
        emit(.unknown, from: start)
    }
}

extension Token {
    static func end(at offset: Int, file: Int) -> Token {
        Token(
            kind: .end, word: .none, startsLine: true, span: Span(file: file, start: offset, end: offset))
    }
}
