import Diagnostics

/// Cuts a source into tokens. Never stops: what it does not know becomes a diagnostic and is passed over.
struct Lexer {
    private let bytes: [UInt8]
    private let file: Int
    private var at = 0
    private var startOfLine = true
    private(set) var tokens: [Token] = []
    private(set) var comments: [Comment] = []
    private(set) var diagnostics: [Diagnostic] = []

    init(bytes: [UInt8], file: Int) {
        self.bytes = bytes
        self.file = file
        tokens.reserveCapacity(bytes.count / 5 + 1)
    }

    mutating func run() {
        while at < bytes.count { step() }
        tokens.append(Token(kind: .end, span: span(from: bytes.count)))
    }

    private func peek(_ ahead: Int = 0) -> UInt8 { at + ahead < bytes.count ? bytes[at + ahead] : 0 }

    private func span(from start: Int) -> Span { Span(file: file, start: start, end: at) }

    private mutating func emit(_ kind: Token.Kind, from start: Int) {
        tokens.append(Token(kind: kind, span: span(from: start)))
        startOfLine = false
    }

    private mutating func step() {
        let byte = bytes[at]
        switch byte {
        case UInt8(ascii: "\n"):
            at += 1
            startOfLine = true
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
            at += 1
        case UInt8(ascii: "#"):
            lineComment()
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
            lineComment()
        case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
            blockComment()
        case UInt8(ascii: "\""):
            shortString()
        case UInt8(ascii: "{"):
            if !longString() { single(.leftBrace) }
        case UInt8(ascii: "."):
            property()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            number()
        default:
            if isIdentifierStart(byte) { identifier() } else { symbol() }
        }
    }

    private mutating func single(_ kind: Token.Kind) {
        at += 1
        emit(kind, from: at - 1)
    }

    // MARK: comments

    private mutating func lineComment() {
        let start = at
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
        if bytes[start..<at].starts(with: Array("#FASTLY ".utf8)) {
            emit(.macro, from: start)
        } else {
            comments.append(Comment(span: span(from: start), trails: !startOfLine))
        }
    }

    private mutating func blockComment() {
        let start = at
        at += 2
        while at < bytes.count, !(bytes[at] == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) { at += 1 }
        if at >= bytes.count {
            diagnostics.append(
                Diagnostic(
                    "vcl/syntax", at: Span(file: file, start: start, end: start + 2),
                    "comment without an end",
                    hint: "close it with '*/'"))
        }
        at = min(at + 2, bytes.count)
        comments.append(Comment(span: span(from: start), trails: !startOfLine))
    }

    // MARK: strings

    private mutating func shortString() {
        let start = at
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\n") { at += 1 }
        if peek() == UInt8(ascii: "\"") {
            at += 1
        } else {
            diagnostics.append(
                Diagnostic(
                    "vcl/syntax", at: span(from: start), "string without an end on this line",
                    hint: "close it with '\"', or write {\"...\"} for a string of several lines"))
        }
        emit(.string, from: start)
    }

    /// `{"..."}` or `{name"..."name}`; false when the brace is a brace.
    private mutating func longString() -> Bool {
        var quote = at + 1
        while quote < bytes.count, isIdentifierStart(bytes[quote]) || bytes[quote] &- 0x30 < 10 { quote += 1 }
        guard quote < bytes.count, bytes[quote] == UInt8(ascii: "\"") else { return false }
        let start = at
        let close = [UInt8(ascii: "\"")] + bytes[(at + 1)..<quote] + [UInt8(ascii: "}")]
        at = quote + 1
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\""), bytes[at...].starts(with: close) {
                at += close.count
                emit(.longString, from: start)
                return true
            }
            at += 1
        }
        diagnostics.append(
            Diagnostic(
                "vcl/syntax", at: Span(file: file, start: start, end: quote + 1),
                "long string without an end",
                hint: "close it with '\(String(decoding: close, as: UTF8.self))'"))
        emit(.longString, from: start)
        return true
    }

    // MARK: words

    private func isIdentifierStart(_ byte: UInt8) -> Bool {
        byte | 0x20 &- 0x61 < 26 && byte | 0x20 >= 0x61 || byte == UInt8(ascii: "_")
    }

    private func isIdentifierPart(_ byte: UInt8) -> Bool {
        isIdentifierStart(byte) || byte &- 0x30 < 10 || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private mutating func identifier() {
        let start = at
        var dots = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: ".") { dots += 1 }
            // A colon belongs to a word only inside a header's sub-field: req.http.Cookie:name.
            if byte == UInt8(ascii: ":") {
                guard dots >= 2, isIdentifierPart(peek(1)) else { break }
            } else if byte == UInt8(ascii: "*"), dots >= 2 {
                // unset req.http.X-*;
                at += 1
                break
            } else if !isIdentifierPart(byte) {
                break
            }
            at += 1
        }
        let length = at - start
        if peek() == UInt8(ascii: "="), length == 3,
            [Array("rol".utf8), Array("ror".utf8)].contains(Array(bytes[start..<at]))
        {
            at += 1
            return emit(.assignment, from: start)
        }
        emit(.identifier, from: start)
    }

    private mutating func property() {
        let start = at
        at += 1
        while at < bytes.count, isIdentifierPart(bytes[at]), bytes[at] != UInt8(ascii: ".") { at += 1 }
        emit(at - start > 1 ? .property : .unknown, from: start)
        if at - start == 1 { complain(at: start) }
    }

    private mutating func number() {
        let start = at
        if peek() == UInt8(ascii: "0"), peek(1) | 0x20 == UInt8(ascii: "x") {
            at += 2
            while peek() &- 0x30 < 10 || (peek() | 0x20) &- 0x61 < 6 { at += 1 }
            return emit(.integer, from: start)
        }
        var kind = Token.Kind.integer
        while peek() &- 0x30 < 10 { at += 1 }
        if peek() == UInt8(ascii: "."), peek(1) &- 0x30 < 10 {
            kind = .float
            at += 1
            while peek() &- 0x30 < 10 { at += 1 }
        }
        if peek() == UInt8(ascii: "m"), peek(1) == UInt8(ascii: "s"), !isIdentifierPart(peek(2)) {
            at += 2
            kind = .rtime
        } else if "smhdy".utf8.contains(peek()), !isIdentifierPart(peek(1)) {
            at += 1
            kind = .rtime
        } else if peek() == UInt8(ascii: "%"), peek(1) != UInt8(ascii: "=") {
            at += 1
            kind = .percent
        }
        emit(kind, from: start)
    }

    // MARK: symbols

    private static let symbols: [(text: StaticString, kind: Token.Kind)] = [
        ("<<=", .assignment), (">>=", .assignment), ("&&=", .assignment), ("||=", .assignment),
        ("==", .equalEqual), ("!=", .notEqual), ("!~", .notMatch), ("<=", .lessEqual), (">=", .greaterEqual),
        ("&&", .and), ("||", .or), ("+=", .assignment), ("-=", .assignment), ("*=", .assignment),
        ("/=", .assignment), ("%=", .assignment), ("|=", .assignment), ("&=", .assignment),
        ("^=", .assignment),
        ("=", .equal), ("~", .match), ("<", .less), (">", .greater), ("!", .bang), ("}", .rightBrace),
        ("(", .leftParenthesis), (")", .rightParenthesis), (";", .semicolon), (",", .comma), (":", .colon),
        ("/", .slash), ("+", .plus), ("-", .minus),
    ]

    private mutating func symbol() {
        for (text, kind) in Lexer.symbols {
            let length = text.utf8CodeUnitCount
            guard at + length <= bytes.count,
                (0..<length).allSatisfy({ bytes[at + $0] == text.utf8Start[$0] })
            else { continue }
            at += length
            return emit(kind, from: at - length)
        }
        let start = at
        at += 1
        while at < bytes.count, bytes[at] & 0xC0 == 0x80 { at += 1 }
        complain(at: start)
        emit(.unknown, from: start)
    }

    private mutating func complain(at start: Int) {
        let text = String(decoding: bytes[start..<at], as: UTF8.self)
        diagnostics.append(Diagnostic("vcl/syntax", at: span(from: start), "'\(text)' has no meaning here"))
    }
}
