import HTTP1
import Kernel

/// What the built-in functions do to strings as bytes.
enum Text {
    /// `substr` over a length: where the part lies, or nil when all of it is outside or a bound overflows. A negative offset
    /// counts from the end, a negative length leaves that many off at the end. (By the manual's rule, that is: its example of
    /// both at once has one byte more.)
    static func range(_ count: Int, _ offset: Int64, _ length: Int64?) -> Range<Int>? {
        let whole = Int64(count)
        guard offset != .min, length != .min else { return nil }
        let from = offset < 0 ? whole + offset : offset
        guard from >= 0, from <= whole else { return nil }
        guard let length else { return Int(from)..<count }
        if length < 0 {
            let to = whole + length
            return to >= from ? Int(from)..<Int(to) : nil
        }
        let (to, overflow) = from.addingReportingOverflow(length)
        return overflow ? nil : Int(from)..<Int(min(whole, to))
    }

    static func substring(_ text: Bytes, _ offset: Int64, _ length: Int64?) -> Bytes {
        guard text.isSet, let range = range(text.count, offset, length) else { return .notSet }
        return text.slice(range.lowerBound, range.upperBound)
    }

    static func mapped(_ text: Bytes, in arena: Arena, _ change: (UInt8) -> UInt8) -> Bytes {
        guard let start = text.start else { return text }
        let to = arena.allocate(text.count)
        for index in 0..<text.count { to[index] = change(start[index]) }
        return Bytes(start: to, count: text.count)
    }

    static func reversed(_ text: Bytes, in arena: Arena) -> Bytes {
        guard let start = text.start else { return text }
        let to = arena.allocate(text.count)
        for index in 0..<text.count { to[text.count - 1 - index] = start[index] }
        return Bytes(start: to, count: text.count)
    }

    static func repeated(_ text: Bytes, _ times: Int64, _ context: Context) -> Bytes {
        guard text.isSet else { return .notSet }
        guard times > 0, text.count > 0 else { return .empty }
        let (total, overflow) = Int64(text.count).multipliedReportingOverflow(by: times)
        guard context.mayMake(overflow ? .max : Int(total)) else { return .notSet }
        var writer = ArenaWriter(context.arena, room: Int(total))
        for _ in 0..<times { writer.put(text) }
        return writer.finish()
    }

    /// `text` filled up with `pad` to `width` bytes: on the left, or on the right for a negative width.
    static func padded(_ text: Bytes, _ width: Int64, _ pad: Bytes, _ context: Context) -> Bytes {
        guard text.isSet, pad.count > 0, width.magnitude > UInt64(text.count) else { return text }
        guard context.mayMake(Int(clamping: width.magnitude)) else { return .notSet }
        let total = Int(width.magnitude)
        var writer = ArenaWriter(context.arena, room: total)
        if width < 0 { writer.put(text) }
        var missing = total - text.count
        while missing > 0 {
            let piece = min(missing, pad.count)
            writer.put(pad.slice(0, piece))
            missing -= piece
        }
        if width > 0 { writer.put(text) }
        return writer.finish()
    }

    /// The first occurrence of `target`, or all of them, replaced; an empty target is nowhere.
    static func replaced(
        _ text: Bytes, _ target: Bytes, _ replacement: Bytes, all: Bool, _ context: Context
    ) -> Bytes {
        guard text.isSet, target.count > 0 else { return text }
        var places: [Int] = []
        var from = 0
        while let at = text.slice(from, text.count).firstIndex(of: target) {
            places.append(from + at)
            from += at + target.count
            if !all { break }
        }
        guard !places.isEmpty else { return text }
        let total = text.count + places.count * (replacement.count - target.count)
        guard context.mayMake(total) else { return .notSet }
        var writer = ArenaWriter(context.arena, room: total)
        var done = 0
        for place in places {
            writer.put(text.slice(done, place))
            writer.put(replacement)
            done = place + target.count
        }
        writer.put(text.slice(done, text.count))
        return writer.finish()
    }

    /// Builds a new string from each byte; no byte may become more than `worst`.
    static func rewrite(
        _ text: Bytes, worst: Int, _ context: Context, _ body: (UInt8, inout ArenaWriter) -> Void
    ) -> Bytes {
        guard text.isSet, context.mayMake(text.count) else { return .notSet }
        var writer = ArenaWriter(context.arena, room: text.count * worst)
        for byte in text.buffer { body(byte, &writer) }
        return writer.finish()
    }

    /// A VCL string ends at its first NUL.
    static func untilNUL(_ text: Bytes) -> Bytes {
        text.firstIndex(of: 0).map { text.slice(0, $0) } ?? text
    }
}

/// Digits of bases up to 16.
enum Hex {
    static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

    static func upperDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    static func value(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte - 0x30 }
        let lower = byte | 0x20
        return lower &- 0x61 < 6 ? lower - 0x57 : nil
    }

    static func encode(_ bytes: some Sequence<UInt8>, count: Int, in arena: Arena, upper: Bool = false)
        -> Bytes
    {
        var writer = ArenaWriter(arena, room: count * 2)
        for byte in bytes {
            writer.put(upper ? upperDigit(byte >> 4) : digit(byte >> 4))
            writer.put(upper ? upperDigit(byte & 15) : digit(byte & 15))
        }
        return writer.finish()
    }

    /// The bytes of pairs of digits; nil for anything else, an odd digit included.
    static func decode(_ text: Bytes, in arena: Arena) -> Bytes? {
        guard text.count % 2 == 0 else { return nil }
        var writer = ArenaWriter(arena, room: text.count / 2)
        var broken = false
        for at in stride(from: 0, to: text.count, by: 2) {
            guard let high = value(text[at]), let low = value(text[at + 1]) else {
                broken = true
                break
            }
            writer.put(high << 4 | low)
        }
        let found = writer.finish()
        return broken ? nil : found
    }
}
