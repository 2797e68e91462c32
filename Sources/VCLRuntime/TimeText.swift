import HTTP1
import Kernel

/// Times out of text and into it. A TIME is nanoseconds since 1970; one before that is out of bounds.
enum TimeText {
    static let outOfBounds: Int64 = -1

    static func time(seconds: Int64) -> Int64 {
        let (value, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow || seconds < 0 ? outOfBounds : value
    }

    /// The formats of `std.time`: HTTP's three, `2006-01-02 22:04:05`, and seconds since 1970.
    static func parse(_ text: Bytes) -> Int64? {
        let text = text.trimmed
        if text.count == 19, text[4] == 0x2D { return civil(text) }
        if let whole = text.decimal { return whole < 0 ? nil : time(seconds: whole) }
        if let point = text.firstIndex(of: 0x2E), let whole = text.slice(0, point).decimal, whole >= 0,
            text.slice(point + 1, text.count).buffer.allSatisfy({ $0 &- 0x30 < 10 })
        {
            return time(seconds: whole)
        }
        return (HTTPDate.parse(text) ?? shortDay(text) ?? universal(text)).map { time(seconds: $0) }
    }

    /// Programs write HTTP's form with `UTC` too. In a header that is no date.
    private static func universal(_ text: Bytes) -> Int64? {
        guard text.count == HTTPDate.length, text.slice(26, 29) == "UTC" else { return nil }
        return HTTPDate.seconds(of: text.slice(0, 26).string + "GMT")
    }

    /// The manual writes asctime's form with a day of one digit and one space, `Mon Jan 2 22:04:05 2006`.
    private static func shortDay(_ text: Bytes) -> Int64? {
        guard text.count == 23 else { return nil }
        return HTTPDate.seconds(of: text.slice(0, 8).string + " " + text.slice(8, 23).string)
    }

    private static func civil(_ text: Bytes) -> Int64? {
        guard text[7] == 0x2D, text[10] == 0x20 || text[10] == 0x54, text[13] == 0x3A, text[16] == 0x3A,
            let year = text.slice(0, 4).decimal, let month = text.slice(5, 7).decimal,
            let day = text.slice(8, 10).decimal, let hour = text.slice(11, 13).decimal,
            let minute = text.slice(14, 16).decimal, let second = text.slice(17, 19).decimal,
            year >= 0, (1...12).contains(month), (1...31).contains(day), (0..<24).contains(hour),
            (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = HTTPDate.dayNumber(year: year, month: Int(month), day: day)
        return time(seconds: days * 86400 + hour * 3600 + minute * 60 + second)
    }

    /// `10d`, `3h`, `5m`, `20s` or a plain number as seconds; what follows is not looked at. -1 for anything else.
    static func delta(_ text: Bytes) -> Int64 {
        guard let number = try? NumberText.integer(text, base: 10), number >= 0 else { return -1 }
        let digits = text.buffer.firstIndex { $0 &- 0x30 < 10 } ?? 0
        var at = digits
        while at < text.count, text[at] &- 0x30 < 10 { at += 1 }
        var unit: Int64 = 1
        if at < text.count {
            switch text[at] | 0x20 {
            case 0x64: unit = 86400
            case 0x68: unit = 3600
            case 0x6D: unit = 60
            default: break
            }
        }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? -1 : seconds
    }

    /// Seconds with as many decimals as the unit has: `s`, `ms`, `us`, `ns`.
    static func inUnit(_ unit: Bytes, _ nanoseconds: Int64, _ context: Context) -> Bytes {
        let decimals = unit == "s" ? 0 : unit == "ms" ? 3 : unit == "us" ? 6 : unit == "ns" ? 9 : -1
        guard decimals >= 0 else { return context.fail("EINVAL") }
        let (whole, rest) = nanoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var writer = ArenaWriter(context.arena, room: 32)
        var shown = rest
        for _ in decimals..<9 { shown /= 10 }
        if nanoseconds < 0, whole > 0 || shown > 0 { writer.put(0x2D) }
        var width = 1
        var left = whole / 10
        while left > 0 {
            width += 1
            left /= 10
        }
        writer.put(Int(whole), width: width)
        if decimals > 0 {
            writer.put(0x2E)
            writer.put(Int(shown), width: decimals)
        }
        return writer.finish()
    }

    /// A hexadecimal number divided by `divisor`, as seconds since 1970 with their fraction.
    static func fromHex(_ text: Bytes, divisor: Int64, _ context: Context) -> Int64 {
        guard divisor != 0 else {
            _ = context.fail("EDIV0")
            return outOfBounds
        }
        guard text.count > 0, text.buffer.allSatisfy({ Hex.value($0) != nil }) else {
            _ = context.fail("EPARSENUM")
            return outOfBounds
        }
        guard let number = try? NumberText.integer(text, base: 16), divisor > 0 else { return outOfBounds }
        let product = number.multipliedFullWidth(by: 1_000_000_000)
        guard UInt64(product.high) < divisor.magnitude else { return outOfBounds }
        let (quotient, _) = divisor.magnitude.dividingFullWidth((UInt64(product.high), product.low))
        return Int64(exactly: quotient) ?? outOfBounds
    }

    /// How much of the time from `start` to `end` has gone by at `moment`, from 0 to 1.
    static func elapsed(_ moment: Int64, from start: Int64, to end: Int64) -> Double {
        let whole = Double(end) - Double(start)
        guard whole != 0 else { return moment >= end ? 1 : 0 }
        return min(1, max(0, (Double(moment) - Double(start)) / whole))
    }
}
