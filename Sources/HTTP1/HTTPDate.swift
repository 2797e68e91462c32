package import Kernel

/// Dates of RFC 9110, section 5.6.7, as whole seconds since 1970, by arithmetic alone: Foundation's formatters cost
/// two thousand times as much.
package enum HTTPDate {
    private static let days: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    package static let length = 29

    /// `Sun, 06 Nov 1994 08:49:37 GMT` into 29 bytes at `to`.
    package static func write(_ seconds: Int64, to: UnsafeMutablePointer<UInt8>) {
        let bounded = max(0, min(seconds, 253_402_300_799))
        let civil = civil(day: bounded / 86400)
        func text(_ literal: StaticString, at: Int) {
            (to + at).update(from: literal.utf8Start, count: literal.utf8CodeUnitCount)
        }
        func two(_ value: Int, at: Int) {
            to[at] = UInt8(0x30 + value / 10 % 10)
            to[at + 1] = UInt8(0x30 + value % 10)
        }
        let time = Int(bounded % 86400)
        text(days[Int(bounded / 86400 % 7)], at: 0)
        text(", ", at: 3)
        two(civil.day, at: 5)
        text(" ", at: 7)
        text(months[civil.month - 1], at: 8)
        text(" ", at: 11)
        two(civil.year / 100, at: 12)
        two(civil.year, at: 14)
        text(" ", at: 16)
        two(time / 3600, at: 17)
        text(":", at: 19)
        two(time / 60 % 60, at: 20)
        text(":", at: 22)
        two(time % 60, at: 23)
        text(" GMT", at: 25)
    }

    package static func bytes(_ seconds: Int64, in arena: Arena) -> Bytes {
        let to = arena.allocate(length)
        write(seconds, to: to)
        return Bytes(start: to, count: length)
    }

    /// Reads the preferred form, the RFC 850 form and asctime's; nil for anything else.
    package static func parse(_ bytes: Bytes) -> Int64? {
        var words: [Bytes] = []
        var from = 0
        for index in 0...bytes.count {
            let stop =
                index == bytes.count || bytes[index] == 0x20 || bytes[index] == 0x2C || bytes[index] == 0x2D
            guard stop else { continue }
            if index > from { words.append(bytes.slice(from, index)) }
            from = index + 1
        }
        if words.count == 5, let month = month(words[1]) {
            return assemble(day: words[2].decimal, month: month, year: words[4].decimal, time: words[3])
        }
        guard words.count == 6, words[5] == "GMT" || words[5] == "UTC", let month = month(words[2]) else {
            return nil
        }
        return assemble(day: words[1].decimal, month: month, year: words[3].decimal, time: words[4])
    }

    private static func month(_ word: Bytes) -> Int? {
        months.firstIndex { word.equalsIgnoringCase($0) }.map { $0 + 1 }
    }

    private static func assemble(day: Int64?, month: Int, year: Int64?, time: Bytes) -> Int64? {
        guard let day, var year, day >= 1, day <= 31, year >= 0, year <= 9999, time.count == 8,
            time[2] == 0x3A,
            time[5] == 0x3A,
            let hour = time.slice(0, 2).decimal, let minute = time.slice(3, 5).decimal,
            let second = time.slice(6, 8).decimal,
            hour < 24, minute < 60, second < 61
        else { return nil }
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        return dayNumber(year: year, month: month, day: day) * 86400 + hour * 3600 + minute * 60 + second
    }

    /// Days since 1970-01-01 of the proleptic Gregorian calendar, counting years from March.
    package static func dayNumber(year: Int64, month: Int, day: Int64) -> Int64 {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let shifted = Int64((month + 9) % 12)
        let dayOfYear = (153 * shifted + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    package static func civil(day: Int64) -> (year: Int, month: Int, day: Int) {
        let z = day + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = Int(shifted < 10 ? shifted + 3 : shifted - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        return (year, month, Int(dayOfYear - (153 * shifted + 2) / 5 + 1))
    }

    /// The same for those who have Strings and are in no hurry.
    package static func text(_ seconds: Int64) -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            buffer.baseAddress.map { write(seconds, to: $0) }
            return length
        }
    }

    package static func seconds(of text: String) -> Int64? { text.withBytes { parse($0) } }
}
