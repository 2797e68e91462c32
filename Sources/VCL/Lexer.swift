import Diagnostics

/// Cuts a source into tokens. Never stops: what it does not know becomes a diagnostic and is passed over.
///
/// It reads through a pointer, which holds for the one call of `read`; that and the table of byte classes are
/// what make it fast.
struct Lexer {
    struct Result {
        var tokens: [Token] = []
        var comments: [Comment] = []
        var diagnostics: [Diagnostic] = []
        /// The source ends inside a comment or a long string, which swallowed what would have closed the
        /// rest.
        var endsInside = false
    }

    let bytes: UnsafePointer<UInt8>
    let count: Int
    let file: UInt16
    let keywords = KeywordTable.shared
    let classes = ByteClass.table
    var at = 0
    var startsLine = true
    var result = Result()

    static func read(_ bytes: [UInt8], file: Int) -> Result {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, !buffer.isEmpty else {
                return Result(tokens: [Token.end(at: 0, file: file)])
            }
            var lexer = Lexer(bytes: base, count: buffer.count, file: UInt16(clamping: file))
            lexer.run()
            lexer.result.tokens.append(Token.end(at: buffer.count, file: file))
            return lexer.result
        }
    }

    private init(bytes: UnsafePointer<UInt8>, count: Int, file: UInt16) {
        self.bytes = bytes
        self.count = count
        self.file = file
        result.tokens.reserveCapacity(count / 5 + 8)
    }

    @inline(__always)
    func peek(_ ahead: Int = 0) -> UInt8 { at + ahead < count ? bytes[at + ahead] : 0 }

    @inline(__always)
    func span(from start: Int) -> Span {
        Span(file: file, startOffset: UInt32(clamping: start), endOffset: UInt32(clamping: at))
    }

    @inline(__always)
    mutating func emit(_ kind: Token.Kind, _ word: Keyword = .none, from start: Int) {
        result.tokens.append(
            Token(kind: kind, word: word, startsLine: startsLine, span: span(from: start)))
        startsLine = false
    }

    @inline(__always)
    mutating func single(_ kind: Token.Kind, length: Int = 1) {
        at += length
        emit(kind, from: at - length)
    }

    mutating func complain(_ message: String, from start: Int, to end: Int? = nil, hint: String? = nil) {
        guard result.diagnostics.count < VCLLimits.mostDiagnostics else { return }
        let place = Span(file: Int(file), start: start, end: end ?? at)
        result.diagnostics.append(Diagnostic("vcl/syntax", at: place, message, hint: hint))
    }

    private mutating func run() {
        while at < count {
            let byte = bytes[at]
            let kind = classes[Int(byte)]
            if kind.contains(.wordStart) {
                word()
            } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r") {
                at += 1
            } else if byte == UInt8(ascii: "\n") {
                at += 1
                startsLine = true
            } else if kind.contains(.digit) {
                number()
            } else {
                symbol(byte)
            }
        }
    }

    // MARK: words

    private mutating func word() {
        let start = at
        var (end, dots) = (at, 0)
        while end < count {
            let byte = bytes[end]
            if classes[Int(byte)].contains(.word) {
                end += 1
            } else if byte == UInt8(ascii: ".") {
                dots += 1
                end += 1
            } else if byte == UInt8(ascii: ":"), dots >= 2, end + 1 < count, isWordByte(bytes[end + 1]) {
                // A colon belongs to a word only inside a header's sub-field: req.http.Cookie:name.
                end += 1
            } else if byte == UInt8(ascii: "*"), dots >= 2 {
                // unset req.http.X-*;
                end += 1
                break
            } else {
                break
            }
        }
        at = end
        // `var.n-=1`: a name may hold dashes, but the one before a '=' is the operator's.
        if peek() == UInt8(ascii: "="), bytes[at - 1] == UInt8(ascii: "-"), at - 1 > start { at -= 1 }
        let length = at - start
        if length == 1, isMarker(start) {
            at += 1
            return comment(from: start)
        }
        if length == 3, peek() == UInt8(ascii: "="), isRotation(start) {
            at += 1
            return emit(.assignment, from: start)
        }
        let word = keywords.word(bytes + start, length)
        if word == .pragma, startsLine { return pragma(from: start) }
        emit(.identifier, word, from: start)
    }

    @inline(__always)
    func isWordByte(_ byte: UInt8) -> Bool {
        classes[Int(byte)].contains(.word) || byte == UInt8(ascii: ".")
    }

    /// `C!` or `W!`, unless that is a comparison.
    private func isMarker(_ start: Int) -> Bool {
        (bytes[start] == UInt8(ascii: "C") || bytes[start] == UInt8(ascii: "W"))
            && peek() == UInt8(ascii: "!")
            && peek(1) != UInt8(ascii: "=") && peek(1) != UInt8(ascii: "~")
    }

    /// `rol` or `ror`, to which a `=` belongs.
    private func isRotation(_ start: Int) -> Bool {
        bytes[start] == UInt8(ascii: "r") && bytes[start + 1] == UInt8(ascii: "o")
            && (bytes[start + 2] == UInt8(ascii: "l") || bytes[start + 2] == UInt8(ascii: "r"))
    }

    /// A line that Fastly's generated VCL begins with; it says nothing to anybody else.
    private mutating func pragma(from start: Int) {
        while at < count, bytes[at] != UInt8(ascii: ";"), bytes[at] != UInt8(ascii: "\n") { at += 1 }
        if peek() == UInt8(ascii: ";") {
            at += 1
        } else {
            complain("a pragma without an end on this line", from: start, hint: "end it with ';'")
        }
        comment(from: start)
    }

    // MARK: comments

    func isMacro(_ start: Int) -> Bool {
        var place = start + 1
        while place < at, bytes[place] == UInt8(ascii: " ") || bytes[place] == UInt8(ascii: "\t") {
            place += 1
        }
        let wanted: StaticString = "FASTLY"
        guard place + 7 < at, (0..<6).allSatisfy({ bytes[place + $0] == wanted.utf8Start[$0] }) else {
            return false
        }
        let next = bytes[place + 6]
        return next == UInt8(ascii: " ") || next == UInt8(ascii: "\t")
    }

    mutating func comment(from start: Int) {
        result.comments.append(
            Comment(span: span(from: start), trails: !startsLine, tokensBefore: result.tokens.count))
    }

    mutating func lineComment() {
        let start = at
        while at < count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
        let end = at
        while at > start, bytes[at - 1] <= UInt8(ascii: " ") { at -= 1 }
        if bytes[start] == UInt8(ascii: "#"), isMacro(start) {
            emit(.macro, from: start)
        } else {
            comment(from: start)
        }
        at = end
    }

    mutating func blockComment() {
        let start = at
        at += 2
        while at < count, !(bytes[at] == UInt8(ascii: "*") && peek(1) == UInt8(ascii: "/")) { at += 1 }
        if at >= count {
            result.endsInside = true
            complain("comment without an end", from: start, to: start + 2, hint: "close it with '*/'")
        }
        at = min(at + 2, count)
        comment(from: start)
    }
}

/// What a byte may be part of.
struct ByteClass: OptionSet {
    let rawValue: UInt8
    static let wordStart = ByteClass(rawValue: 1)
    /// Letters, digits, `_` and `-`; a word's dots are counted by who reads it.
    static let word = ByteClass(rawValue: 2)
    static let digit = ByteClass(rawValue: 4)
    static let hexadecimal = ByteClass(rawValue: 8)

    static let table: [ByteClass] = (0..<256).map { value in
        let byte = UInt8(value)
        var found: ByteClass = []
        let letter = byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
        let digit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        if letter || byte == UInt8(ascii: "_") { found.insert([.wordStart, .word]) }
        if digit { found.insert([.digit, .word, .hexadecimal]) }
        if byte == UInt8(ascii: "-") { found.insert(.word) }
        if byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "f") { found.insert(.hexadecimal) }
        return found
    }
}
