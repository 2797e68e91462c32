/// A number of bytes, written and read as people do: `512`, `64 KiB`, `1.5 GiB`, `10MB`.
package struct ByteCount: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let bytes: Int

    package init(_ bytes: Int) { self.bytes = bytes }

    private static let units: [(String, Double)] = [
        ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("kb", 1000), ("mb", 1_000_000),
        ("gb", 1_000_000_000), ("b", 1),
    ]

    /// Nil for anything that is not a positive size.
    package init?(parsing text: String) {
        let trimmed = text.lowercased().filter { $0 != " " }
        var number = trimmed[...]
        var factor = 1.0
        for (unit, size) in ByteCount.units where trimmed.hasSuffix(unit) {
            number = trimmed.dropLast(unit.count)
            factor = size
            break
        }
        guard let value = Double(number), value >= 0, value * factor < 9e18 else { return nil }
        bytes = Int(value * factor)
    }

    package static func < (left: ByteCount, right: ByteCount) -> Bool { left.bytes < right.bytes }

    package var description: String {
        for (unit, size) in [("GiB", 1_073_741_824.0), ("MiB", 1_048_576.0), ("KiB", 1024.0)]
        where Double(bytes) >= size {
            return shortDecimal(Double(bytes) / size) + " " + unit
        }
        return "\(bytes) B"
    }
}

extension Duration {
    package static let units: [(name: String, nanoseconds: Int64)] = [
        ("ms", 1_000_000), ("us", 1000), ("ns", 1), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000), ("d", 86_400_000_000_000), ("w", 604_800_000_000_000),
    ]

    /// Reads `90s`, `1.5h`, `2d`, `1h30m`. Nil for anything else, a bare number included: a duration has a unit.
    package init?(parsing text: String) {
        var rest = text.lowercased().filter { $0 != " " }[...]
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let found = Duration.units.first(where: { $0.name == unit })
            else { return nil }
            let nanoseconds = value * Double(found.nanoseconds)
            guard nanoseconds < 9e18 else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(Int64(nanoseconds))
            guard !overflow else { return nil }
            total = sum
        }
        self = .nanoseconds(total)
    }

    package var nanoseconds: Int64 {
        let parts = components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }

    package var inSeconds: Double { Double(nanoseconds) / 1e9 }

    /// `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`: two units at most.
    package var brief: String {
        let total = nanoseconds
        if total < 1_000_000 { return "\(total / 1000) us" }
        if total < 1_000_000_000 { return shortDecimal(Double(total) / 1e6) + " ms" }
        let seconds = total / 1_000_000_000
        if seconds < 10 { return shortDecimal(Double(total) / 1e9) + " s" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return pair(seconds / 60, "min", seconds % 60, "s") }
        if seconds < 86400 { return pair(seconds / 3600, "h", seconds % 3600 / 60, "min") }
        return pair(seconds / 86400, "d", seconds % 86400 / 3600, "h")
    }

    private func pair(_ major: Int64, _ majorUnit: String, _ minor: Int64, _ minorUnit: String) -> String {
        minor == 0 ? "\(major) \(majorUnit)" : "\(major) \(majorUnit) \(minor) \(minorUnit)"
    }
}

/// One decimal, left out when it is zero: 1.5, 12, 0.3.
package func shortDecimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
}

/// `1 edge`, `2 edges`; the plural is given where it is not the word with an s.
package func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
    "\(count) \(count == 1 ? one : many ?? one + "s")"
}

/// `15,014`: digits in threes.
package func grouped(_ count: Int) -> String {
    var digits = String(abs(count))
    var groups: [String] = []
    while digits.count > 3 {
        groups.insert(String(digits.suffix(3)), at: 0)
        digits.removeLast(3)
    }
    return (count < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
}
