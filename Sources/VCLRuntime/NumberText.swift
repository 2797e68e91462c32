import Kernel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Numbers out of text and into it.
enum NumberText {
    /// Why text is no number, by the names that `fastly.error` has for it.
    enum Mistake: Error { case unreadable, outOfRange }

    /// The number at the beginning, as C's strtol reads it.
    static func integer(_ text: Bytes, base: Int64) throws(Mistake) -> Int64 {
        guard base == 0 || (base >= 2 && base <= 36) else { throw .outOfRange }
        var at = 0
        while at < text.count, text[at] == 0x20 || text[at] &- 9 < 5 { at += 1 }
        var negative = false
        if at < text.count, text[at] == 0x2D || text[at] == 0x2B {
            negative = text[at] == 0x2D
            at += 1
        }
        var radix = base
        let prefixed =
            at + 2 < text.count && text[at] == 0x30 && text[at + 1] | 0x20 == 0x78
            && Hex.value(text[at + 2]) != nil
        if prefixed, base == 0 || base == 16 {
            radix = 16
            at += 2
        } else if base == 0 {
            radix = at < text.count && text[at] == 0x30 ? 8 : 10
        }
        let first = at
        var value: Int64 = 0
        while at < text.count, let digit = digit(text[at]), digit < radix {
            let (scaled, over) = value.multipliedReportingOverflow(by: radix)
            let (sum, over2) =
                negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
            guard !over, !over2 else { throw .outOfRange }
            value = sum
            at += 1
        }
        guard at > first else { throw .unreadable }
        return value
    }

    private static func digit(_ byte: UInt8) -> Int64? {
        if byte &- 0x30 < 10 { return Int64(byte - 0x30) }
        let lower = byte | 0x20
        return lower &- 0x61 < 26 ? Int64(lower - 0x57) : nil
    }

    static func integer(_ text: Bytes, base: Int64, _ context: Context) -> Int64 {
        do { return try integer(text, base: base) } catch {
            _ = context.fail(error == .unreadable ? "EPARSENUM" : "ERANGE")
            return 0
        }
    }

    /// All of the text as a FLOAT, without white space: decimal, hexadecimal with `0x`, `NaN`, `inf`.
    static func float(_ text: Bytes, base: Int64, _ context: Context) -> Double {
        guard base == 0 || base == 10 || base == 16 else {
            _ = context.fail("ERANGE")
            return 0
        }
        if text == "NaN" { return .nan }
        if text == "inf" || text == "+inf" { return .infinity }
        if text == "-inf" { return -.infinity }
        let sign = text.count > 0 && (text[0] == 0x2B || text[0] == 0x2D) ? 1 : 0
        let unsigned = text.slice(sign, text.count)
        let hexadecimal = unsigned.hasPrefix("0x") || unsigned.hasPrefix("0X")
        guard base == 0 || (base == 16) == hexadecimal,
            isFloat(hexadecimal ? unsigned.slice(2, unsigned.count) : unsigned, hexadecimal: hexadecimal)
        else {
            _ = context.fail("EPARSENUM")
            return 0
        }
        let copy = context.arena.allocate(text.count + 1)
        copy.update(from: text.start ?? Bytes.emptyStart, count: text.count)
        copy[text.count] = 0
        let value = copy.withMemoryRebound(to: CChar.self, capacity: text.count + 1) { strtod($0, nil) }
        if value.isInfinite { _ = context.fail("ERANGE") }
        return value
    }

    /// Digits with an optional fraction and an optional exponent.
    private static func isFloat(_ text: Bytes, hexadecimal: Bool) -> Bool {
        var at = 0
        func digits(_ sixteen: Bool) -> Int {
            let from = at
            while at < text.count, sixteen ? Hex.value(text[at]) != nil : text[at] &- 0x30 < 10 { at += 1 }
            return at - from
        }
        var found = digits(hexadecimal)
        if at < text.count, text[at] == 0x2E {
            at += 1
            found += digits(hexadecimal)
        }
        guard found > 0 else { return false }
        if at < text.count, text[at] | 0x20 == (hexadecimal ? 0x70 : 0x65) {
            at += 1
            if at < text.count, text[at] == 0x2B || text[at] == 0x2D { at += 1 }
            guard digits(false) > 0 else { return false }
        }
        return at == text.count
    }

    /// The number in the base that `digits` has as many of.
    static func text(_ value: Int64, digits: Bytes, in arena: Arena) -> Bytes {
        let base = UInt64(digits.count)
        let room = 65
        let to = arena.allocate(room)
        var at = room
        var left = value.magnitude
        repeat {
            at -= 1
            to[at] = digits[Int(left % base)]
            left /= base
        } while left > 0
        if value < 0 {
            at -= 1
            to[at] = 0x2D
        }
        return Bytes(start: to + at, count: room - at)
    }

    /// The address in any form that inet_aton reads: one to four numbers, each decimal, octal or hexadecimal, of which the
    /// last fills the bytes that remain; or IPv6.
    static func anyAddress(_ text: Bytes) -> IPAddress? {
        var parts: [UInt64] = []
        var from = 0
        while from <= text.count, parts.count < 5 {
            let to = text.firstIndex(of: 0x2E, from: from) ?? text.count
            guard let number = addressPart(text.slice(from, to)) else { return IPAddress(text) }
            parts.append(number)
            from = to + 1
        }
        guard let last = parts.popLast(), parts.count < 4, parts.allSatisfy({ $0 < 256 }) else { return nil }
        let remaining = UInt64(4 - parts.count)
        guard last < 1 << (remaining * 8) else { return nil }
        let head = parts.reduce(UInt64(0)) { $0 << 8 | $1 } << (remaining * 8)
        return IPAddress(v4: UInt32(truncatingIfNeeded: head | last))
    }

    private static func addressPart(_ text: Bytes) -> UInt64? {
        guard text.count > 0, text.count < 20 else { return nil }
        let radix: Int64 =
            text.count > 2 && text[0] == 0x30 && text[1] | 0x20 == 0x78
            ? 16
            : text.count > 1 && text[0] == 0x30 ? 8 : 10
        let digits = radix == 16 ? text.slice(2, text.count) : text
        guard digits.buffer.allSatisfy({ digit($0).map { $0 < radix } ?? false }) else { return nil }
        return (try? integer(digits, base: radix)).map { UInt64($0) }
    }
}
