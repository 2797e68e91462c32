import Kernel

/// UTF-8 (RFC 3629): shortest forms alone, no surrogates, nothing above U+10FFFF.
enum UTF8Text {
    /// The code point that begins at `at` and how many bytes it has; nil when these bytes are none.
    static func next(_ text: Bytes, _ at: Int) -> (scalar: UInt32, length: Int)? {
        let first = text[at]
        if first < 0x80 { return (UInt32(first), 1) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, first <= 0xF4, at + length <= text.count else { return nil }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for index in 1..<length {
            guard text[at + index] & 0xC0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(text[at + index] & 0x3F)
        }
        let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        guard scalar >= least, scalar <= 0x10FFFF, !(0xD800...0xDFFF).contains(scalar) else { return nil }
        return (scalar, length)
    }

    /// How many code points there are; nil when the bytes are not valid.
    static func count(_ text: Bytes) -> Int? {
        var (at, count) = (0, 0)
        while at < text.count {
            guard let (_, length) = next(text, at) else { return nil }
            at += length
            count += 1
        }
        return count
    }

    static func isValid(_ text: Bytes) -> Bool { count(text) != nil }

    /// Where code point `index` begins in valid text; its end for the number of code points.
    static func offset(_ text: Bytes, of index: Int) -> Int {
        var (at, left) = (0, index)
        while left > 0, at < text.count {
            at += 1
            while at < text.count, text[at] & 0xC0 == 0x80 { at += 1 }
            left -= 1
        }
        return at
    }

    static func substring(_ text: Bytes, _ offset: Int64, _ length: Int64?) -> Bytes {
        guard text.isSet, let count = count(text), let range = Text.range(count, offset, length) else {
            return .notSet
        }
        let from = self.offset(text, of: range.lowerBound)
        let rest = text.slice(from, text.count)
        return rest.slice(0, self.offset(rest, of: range.count))
    }

    /// `Text.padded` with a width in code points.
    static func padded(_ text: Bytes, _ width: Int64, _ pad: Bytes, _ context: Context) -> Bytes {
        guard text.isSet else { return .notSet }
        guard let count = count(text), let padCount = self.count(pad) else { return context.fail("EUTF8") }
        guard padCount > 0, width.magnitude > UInt64(count) else { return text }
        guard context.mayMake(Int(clamping: width.magnitude)) else { return .notSet }
        let missing = Int(width.magnitude) - count
        let (full, part) = (missing / padCount, pad.slice(0, offset(pad, of: missing % padCount)))
        let total = text.count + full * pad.count + part.count
        guard context.mayMake(total) else { return .notSet }
        var writer = ArenaWriter(context.arena, room: total)
        if width < 0 { writer.put(text) }
        for _ in 0..<full { writer.put(pad) }
        writer.put(part)
        if width > 0 { writer.put(text) }
        return writer.finish()
    }
}
