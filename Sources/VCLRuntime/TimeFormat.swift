import HTTP1
import Kernel

/// `strftime` in the C locale and GMT: the directives of POSIX and those of glibc.
struct TimeFormat {
    private static let days: [StaticString] = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months: [StaticString] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    /// Bytes that one directive can become: `%c`, `%+` and the full names are shorter.
    private static let longest = 32

    private let seconds: Int64
    private let year: Int
    private let month: Int
    private let day: Int
    private let weekday: Int
    private let yearday: Int
    private let hour: Int
    private let minute: Int
    private let second: Int

    init(_ nanoseconds: Int64) {
        seconds = max(0, nanoseconds) / 1_000_000_000
        let number = seconds / 86400
        let civil = HTTPDate.civil(day: number)
        (year, month, day) = (civil.year, civil.month, civil.day)
        weekday = Int((number + 4) % 7)
        yearday = Int(number - HTTPDate.dayNumber(year: Int64(civil.year), month: 1, day: 1))
        let time = Int(seconds % 86400)
        (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
    }

    static func text(_ format: Bytes, _ nanoseconds: Int64, _ context: Context) -> Bytes {
        guard format.isSet else { return .notSet }
        guard nanoseconds >= 0 else { return Bytes("datetime out of bounds") }
        let directives = format.buffer.reduce(0) { $0 + ($1 == 0x25 ? 1 : 0) }
        let room = format.count + directives * longest
        guard context.mayMake(room) else { return .notSet }
        let time = TimeFormat(nanoseconds)
        var writer = ArenaWriter(context.arena, room: room)
        var at = 0
        while at < format.count {
            let from = at
            at += 1
            guard format[from] == 0x25, at < format.count else {
                writer.put(format[from])
                continue
            }
            // %E and %O ask for another locale's digits and eras; the C locale has none.
            if format[at] == 0x45 || format[at] == 0x4F, at + 1 < format.count { at += 1 }
            at += 1
            if !time.number(format[at - 1], &writer), !time.word(format[at - 1], &writer) {
                writer.put(format.slice(from, at))
            }
        }
        return writer.finish()
    }

    private func number(_ directive: UInt8, _ writer: inout ArenaWriter) -> Bool {
        switch UnicodeScalar(directive) {
        case "C": writer.put(year / 100, width: 2)
        case "d": writer.put(day, width: 2)
        case "e": writer.put(day, width: 2, fill: 0x20)
        case "G": writer.put(week.year, width: 4)
        case "g": writer.put(week.year % 100, width: 2)
        case "H": writer.put(hour, width: 2)
        case "I": writer.put(hour % 12 == 0 ? 12 : hour % 12, width: 2)
        case "j": writer.put(yearday + 1, width: 3)
        case "k": writer.put(hour, width: 2, fill: 0x20)
        case "l": writer.put(hour % 12 == 0 ? 12 : hour % 12, width: 2, fill: 0x20)
        case "M": writer.put(minute, width: 2)
        case "m": writer.put(month, width: 2)
        case "S": writer.put(second, width: 2)
        case "s": writer.put(Int(seconds), width: String(seconds).utf8.count)
        case "U": writer.put((yearday + 7 - weekday) / 7, width: 2)
        case "u": writer.put(weekday == 0 ? 7 : weekday, width: 1)
        case "V": writer.put(week.number, width: 2)
        case "W": writer.put((yearday + 7 - (weekday + 6) % 7) / 7, width: 2)
        case "w": writer.put(weekday, width: 1)
        case "Y": writer.put(year, width: 4)
        case "y": writer.put(year % 100, width: 2)
        default: return false
        }
        return true
    }

    private func word(_ directive: UInt8, _ writer: inout ArenaWriter) -> Bool {
        switch UnicodeScalar(directive) {
        case "a": writer.put(Bytes(TimeFormat.days[weekday]).slice(0, 3))
        case "A": writer.put(TimeFormat.days[weekday])
        case "b", "h": writer.put(Bytes(TimeFormat.months[month - 1]).slice(0, 3))
        case "B": writer.put(TimeFormat.months[month - 1])
        case "c": all("a b e T Y", 0x20, &writer)
        case "D", "x": all("m d y", 0x2F, &writer)
        case "F": all("Y m d", 0x2D, &writer)
        case "n": writer.put(0x0A)
        case "P": writer.put(hour < 12 ? "am" : "pm")
        case "p": writer.put(hour < 12 ? "AM" : "PM")
        case "R": all("H M", 0x3A, &writer)
        case "r":
            all("I M S", 0x3A, &writer)
            writer.put(0x20)
            writer.put(hour < 12 ? "AM" : "PM")
        case "T", "X": all("H M S", 0x3A, &writer)
        case "t": writer.put(0x09)
        case "Z": writer.put("GMT")
        case "z": writer.put("+0000")
        case "+": all("a b e T Z Y", 0x20, &writer)
        case "%": writer.put(0x25)
        default: return false
        }
        return true
    }

    /// Several directives with something between them.
    private func all(_ directives: StaticString, _ between: UInt8, _ writer: inout ArenaWriter) {
        for byte in Bytes(directives).buffer {
            if byte == 0x20 {
                writer.put(between)
            } else if !number(byte, &writer) {
                _ = word(byte, &writer)
            }
        }
    }

    /// The week of ISO 8601: it begins on Monday and belongs to the year that has its Thursday.
    private var week: (year: Int, number: Int) {
        let thursday = seconds / 86400 - Int64((weekday + 6) % 7) + 3
        let owner = HTTPDate.civil(day: thursday).year
        let first = HTTPDate.dayNumber(year: Int64(owner), month: 1, day: 1)
        return (owner, Int(thursday - first) / 7 + 1)
    }
}
