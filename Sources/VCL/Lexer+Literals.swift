import Diagnostics

extension Lexer {
    // MARK: strings

    mutating func shortString() {
        let start = at
        var end = at + 1
        while end < count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\n") { end += 1 }
        at = end
        if peek() == UInt8(ascii: "\"") {
            at += 1
        } else {
            complain(
                "string without an end on this line", from: start,
                hint: "close it with '\"', or write {\"...\"} for a string of several lines")
        }
        emit(.string, from: start)
    }

    /// `'...'` and the quotes of word processors: read as the string that was meant, so that nothing follows
    /// from it.
    mutating func foreignString(open: Int, close: [UInt8]) {
        let start = at
        at += open
        while at < count, bytes[at] != UInt8(ascii: "\n"), !stands(close) { at += 1 }
        if at < count, stands(close) { at += close.count }
        complain("a string stands in straight double quotes", from: start, hint: "write \"...\"")
        emit(.string, from: start)
    }

    private func stands(_ text: [UInt8]) -> Bool {
        at + text.count <= count && text.indices.allSatisfy { bytes[at + $0] == text[$0] }
    }

    /// `{"..."}` or `{name"..."name}`; false when the brace is a brace.
    mutating func longString() -> Bool {
        var quote = at + 1
        while quote < count, bytes[quote] != UInt8(ascii: "-"),
            classes[Int(bytes[quote])].contains(.word)
        {
            quote += 1
        }
        guard quote < count, bytes[quote] == UInt8(ascii: "\"") else { return false }
        let start = at
        let name = at + 1
        let length = quote - name
        at = quote + 1
        while at < count {
            if bytes[at] == UInt8(ascii: "\""), at + length + 1 < count,
                bytes[at + length + 1] == UInt8(ascii: "}"),
                (0..<length).allSatisfy({ bytes[at + 1 + $0] == bytes[name + $0] })
            {
                at += length + 2
                emit(.longString, from: start)
                return true
            }
            at += 1
        }
        let delimiter = String(
            decoding: UnsafeBufferPointer(start: bytes + name, count: length), as: UTF8.self)
        complain(
            "long string without an end", from: start, to: quote + 1,
            hint: "close it with '\"\(delimiter)}'"
                + (delimiter.isEmpty ? ", or put a space behind a '{' that opens a block" : ""))
        result.endsInside = true
        emit(.unknown, from: start)
        return true
    }

    // MARK: numbers

    mutating func number() {
        let start = at
        var kind = Token.Kind.integer
        let hexadecimal = peek() == UInt8(ascii: "0") && peek(1) | 0x20 == UInt8(ascii: "x")
        let digits: ByteClass = hexadecimal ? .hexadecimal : .digit
        if hexadecimal { at += 2 }
        skip(digits)
        if peek() == UInt8(ascii: "."), classes[Int(peek(1))].contains(digits) {
            kind = .float
            at += 1
            skip(digits)
        }
        if exponent(hexadecimal ? UInt8(ascii: "p") : UInt8(ascii: "e")) {
            kind = .float
        } else if !hexadecimal, let found = unit() {
            kind = found
        }
        if isWordByte(peek()) {
            badNumber(from: start)
            kind = .unknown
        }
        emit(kind, from: start)
    }

    private mutating func skip(_ digits: ByteClass) {
        while at < count, classes[Int(bytes[at])].contains(digits) { at += 1 }
    }

    /// Reads `e+10` behind a decimal number, `p-3` behind a hexadecimal one.
    private mutating func exponent(_ letter: UInt8) -> Bool {
        guard peek() | 0x20 == letter else { return false }
        let signed = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
        guard classes[Int(peek(signed ? 2 : 1))].contains(.digit) else { return false }
        at += signed ? 2 : 1
        skip(.digit)
        return true
    }

    private mutating func unit() -> Token.Kind? {
        switch peek() {
        case UInt8(ascii: "m") where peek(1) == UInt8(ascii: "s") && !isWordByte(peek(2)):
            at += 2
            return .rtime
        case UInt8(ascii: "s"), UInt8(ascii: "m"), UInt8(ascii: "h"), UInt8(ascii: "d"), UInt8(ascii: "y"):
            guard !isWordByte(peek(1)) else { return nil }
            at += 1
            return .rtime
        case UInt8(ascii: "%") where peek(1) != UInt8(ascii: "="):
            at += 1
            return .percent
        default:
            return nil
        }
    }

    private mutating func badNumber(from start: Int) {
        while isWordByte(peek()) { at += 1 }
        let text = String(
            decoding: UnsafeBufferPointer(start: bytes + start, count: at - start), as: UTF8.self)
        let address = text.allSatisfy { $0.isNumber || $0 == "." }
        complain(
            "'\(text.prefix(40))' is no number", from: start,
            hint: address
                ? "an address stands in quotes: \"\(text.prefix(40))\""
                : "a time has one of the units ms, s, m, h, d and y, as in 10s")
    }
}
