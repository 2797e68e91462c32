package import Foundation
import Kernel

/// Times as people of the campaign read and write them: in the campaign's own time zone unless they say another.
package struct LocalTime: Sendable {
    package let zone: TimeZone

    package init(_ zone: TimeZone) { self.zone = zone }

    /// `Mon 26 Sep 2016 21:00 EDT`
    package func text(_ date: Date) -> String { format("EEE d MMM yyyy HH:mm zzz", date) }

    /// `2016-09-26 21:00:05`, from milliseconds since 1970.
    package func stamp(_ milliseconds: Int64) -> String { format("yyyy-MM-dd HH:mm:ss", date(milliseconds)) }

    /// `21:00`
    package func hour(_ date: Date) -> String { format("HH:mm", date) }

    /// `23:00 EDT`
    package func time(_ date: Date) -> String { format("HH:mm zzz", date) }

    /// `Mon 26 Sep 2016`
    package func day(_ date: Date) -> String { format("EEE d MMM yyyy", date) }

    package func date(_ milliseconds: Int64) -> Date {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    private func format(_ pattern: String, _ date: Date) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = zone
        formatter.dateFormat = pattern
        return formatter.string(from: date)
    }

    // MARK: reading

    package static let forms =
        "21:00, 2016-09-26 21:00, 2016-09-26T21:00-04:00 or a time from now such as 30m"

    /// What `--at` says, in milliseconds since 1970: a time of day (the next one), a date and a time, with a zone or in the
    /// campaign's, or how long from now. Nil for anything else, and for a time that the clocks skip.
    package func parse(_ text: String, now: Int64) -> Int64? {
        let text = text.trimmingCharacters(in: .whitespaces)
        if let duration = Duration(parsing: text) { return now + duration.nanoseconds / 1_000_000 }
        if let date = try? Date(text, strategy: .iso8601) { return date.milliseconds }
        for pattern in ["yyyy-MM-dd'T'HH:mmXXX", "yyyy-MM-dd HH:mmXXX"] {
            if let date = read(pattern, text) { return date.milliseconds }
        }
        for pattern in ["yyyy-MM-dd HH:mm", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm:ss"] {
            if let date = read(pattern, text) { return date.milliseconds }
        }
        return timeOfDay(text, now)
    }

    private func read(_ pattern: String, _ text: String) -> Date? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = zone
        formatter.isLenient = false
        formatter.dateFormat = pattern
        return formatter.date(from: text)
    }

    private func timeOfDay(_ text: String, _ now: Int64) -> Int64? {
        let parts = text.split(separator: ":").map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let wanted = DateComponents(hour: hour, minute: minute, second: 0)
        return calendar.nextDate(after: date(now), matching: wanted, matchingPolicy: .strict)?.milliseconds
    }

}

extension Date {
    /// Milliseconds since 1970, in which the store and the ledger keep times.
    package var milliseconds: Int64 { Int64(timeIntervalSince1970 * 1000) }
}
