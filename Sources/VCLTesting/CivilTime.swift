/// Dates as people write them in tests: `2023-09-08 16:59:00`, in UTC.
enum CivilTime {
    /// Seconds since 1970, or nil for anything else.
    static func seconds(_ text: String) -> Int64? {
        let parts = text.split { " T:-Z".contains($0) }.map { Int64($0) }
        guard parts.count == 3 || parts.count == 6, !parts.contains(nil) else { return nil }
        let numbers = parts.map { $0! }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let time = numbers.count == 6 ? numbers[3] * 3600 + numbers[4] * 60 + numbers[5] : 0
        return days(year, month, day) * 86400 + time
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }
}
