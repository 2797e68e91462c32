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

    /// Reads the preferred form, the RFC 850 form and asctime's as they are written (letters in any case); nil for anything
    /// else, because a date that one reader guesses at and another refuses is fresh for one of them alone.
    package static func parse(_ bytes: Bytes) -> Int64? {
        if bytes.count == length, bytes[3] == 0x2C { return preferred(bytes) }
        if bytes.count == 24, bytes[3] == 0x20 { return asctime(bytes) }
        return rfc850(bytes)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    private static func preferred(_ bytes: Bytes) -> Int64? {
        guard isDay(bytes.slice(0, 3)), blanks(bytes, [4, 7, 11, 16, 25]), isGMT(bytes.slice(26, 29)),
            let month = month(bytes.slice(8, 11))
        else { return nil }
        return assemble(
            day: digits(bytes.slice(5, 7)), month: month, year: digits(bytes.slice(12, 16)),
            time: bytes.slice(17, 25))
    }

    /// `Sun Nov  6 08:49:37 1994`
    private static func asctime(_ bytes: Bytes) -> Int64? {
        guard isDay(bytes.slice(0, 3)), blanks(bytes, [7, 10, 19]), let month = month(bytes.slice(4, 7))
        else {
            return nil
        }
        let day = bytes[8] == 0x20 ? bytes.slice(9, 10) : bytes.slice(8, 10)
        return assemble(
            day: digits(day), month: month, year: digits(bytes.slice(20, 24)), time: bytes.slice(11, 19))
    }

    /// `Sunday, 06-Nov-94 08:49:37 GMT`
    private static func rfc850(_ bytes: Bytes) -> Int64? {
        guard let comma = bytes.firstIndex(of: 0x2C), comma >= 6, bytes.count == comma + 24 else {
            return nil
        }
        let rest = bytes.slice(comma + 1, bytes.count)
        guard isDay(bytes.slice(0, 3)), blanks(rest, [0, 10, 19]), rest[3] == 0x2D, rest[7] == 0x2D,
            isGMT(rest.slice(20, 23)), let month = month(rest.slice(4, 7)),
            var year = digits(rest.slice(8, 10))
        else { return nil }
        year += year < 70 ? 2000 : 1900
        return assemble(day: digits(rest.slice(1, 3)), month: month, year: year, time: rest.slice(11, 19))
    }

    private static func blanks(_ bytes: Bytes, _ places: [Int]) -> Bool {
        places.allSatisfy { bytes[$0] == 0x20 }
    }

    private static func isDay(_ word: Bytes) -> Bool { days.contains { word.equalsIgnoringCase($0) } }

    private static func isGMT(_ word: Bytes) -> Bool { word.equalsIgnoringCase("GMT") }

    /// A number without a sign.
    private static func digits(_ bytes: Bytes) -> Int64? {
        bytes.buffer.allSatisfy { $0 &- 0x30 < 10 } ? bytes.decimal : nil
    }

    private static func month(_ word: Bytes) -> Int? {
        months.firstIndex { word.equalsIgnoringCase($0) }.map { $0 + 1 }
    }

    private static func assemble(day: Int64?, month: Int, year: Int64?, time: Bytes) -> Int64? {
        guard let day, let year, day >= 1, day <= 31, year >= 0, year <= 9999, time.count == 8,
            time[2] == 0x3A,
            time[5] == 0x3A,
            let hour = digits(time.slice(0, 2)), let minute = digits(time.slice(3, 5)),
            let second = digits(time.slice(6, 8)),
            hour < 24, minute < 60, second < 61
        else { return nil }
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
