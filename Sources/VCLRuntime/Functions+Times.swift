import Kernel
import VCL

extension Functions {
    static let times: [Function] = [
        Function("time.add", [.time, .rtime], .time, "The time so much later.") {
            let (time, offset) = ($0.integer(0), $0.integer(1))
            return .time { shifted(time($0), offset($0), Int64.addingReportingOverflow) }
        },
        Function("time.sub", [.time, .rtime], .time, "The time so much earlier.") {
            let (time, offset) = ($0.integer(0), $0.integer(1))
            return .time { shifted(time($0), offset($0), Int64.subtractingReportingOverflow) }
        },
        Function("time.is_after", [.time, .time], .bool, "Whether the first time is later than the second.") {
            let (a, b) = ($0.integer(0), $0.integer(1))
            return .bool { a($0) > b($0) }
        },
        Function(
            "time.interval_elapsed_ratio", [.time, .time, .time], .float,
            "How much of the time from the second to the third has gone by at the first, from 0 to 1."
        ) {
            let (moment, start, end) = ($0.integer(0), $0.integer(1), $0.integer(2))
            return .float { TimeText.elapsed(moment($0), from: start($0), to: end($0)) }
        },
        Function(
            "std.integer2time", [.integer], .time,
            """
            The time so many seconds after 1970; out of bounds for a negative number and from the year \
            2262 on.
            """
        ) {
            let seconds = $0.integer(0)
            return .time { TimeText.time(seconds: seconds($0)) }
        },
    ]

    private static func shifted(
        _ time: Int64, _ offset: Int64, _ move: (Int64) -> (Int64) -> (partialValue: Int64, overflow: Bool)
    ) -> Int64 {
        let (value, overflow) = move(time)(offset)
        return overflow ? TimeText.outOfBounds : value
    }

    static let timeTexts: [Function] = [
        Function(
            "std.time", [.string, .time], .time,
            """
            The time that the text is (an HTTP date, 2006-01-02 22:04:05, or seconds since 1970), else the \
            second argument.
            """
        ) {
            let (text, fallback) = ($0.string(0), $0.integer(1))
            return .time { TimeText.parse(text($0)) ?? fallback($0) }
        },
        Function(
            "strftime", [.string, .time], .string,
            """
            The time in a format of % directives, in English and GMT; write the format in {\"...\"}, where \
            % has no other meaning.
            """
        ) {
            let (format, time) = ($0.string(0), $0.integer(1))
            return .string { TimeFormat.text(format($0), time($0), $0) }
        },
        Function(
            "parse_time_delta", [.string], .integer,
            "Seconds of a text such as 10d, 3h, 5m or 20s, or of a plain number; -1 when it is none."
        ) {
            let text = $0.string(0)
            return .integer { TimeText.delta(text($0)) }
        },
        Function(
            "time.hex_to_time", [.integer, .string], .time,
            """
            The time of a hexadecimal number of seconds since 1970 divided by the first argument; out of \
            bounds, with EDIV0 or EPARSENUM, when there is none.
            """
        ) {
            let (divisor, text) = ($0.integer(0), $0.string(1))
            return .time { TimeText.fromHex(text($0), divisor: divisor($0), $0) }
        },
        Function(
            "time.units", [.string, .time], .string,
            """
            Seconds since 1970 with the decimals of a unit: s, ms, us or ns; not set with EINVAL for \
            another.
            """
        ) { inUnit($0) },
        Function(
            "time.runits", [.string, .rtime], .string,
            """
            A duration in seconds with the decimals of a unit: s, ms, us or ns; not set with EINVAL for \
            another.
            """
        ) { inUnit($0) },
    ]

    private static func inUnit(_ arguments: Arguments) -> Code {
        let (unit, time) = (arguments.string(0), arguments.integer(1))
        return .string { TimeText.inUnit(unit($0), time($0), $0) }
    }
}
