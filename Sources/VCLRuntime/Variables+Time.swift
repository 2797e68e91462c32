import Kernel
import VCL

extension Variables {
    private static let ending = Scopes(.deliver, .log)

    static let now: [Variable] = [
        Variable(
            "now", .all, .time { $0.now }, "The time, as of the last event that this request waited for."),
        Variable("now.sec", .all, .string { $0.seconds($0.now) }, "The time in seconds since 1970."),
        Variable("LF", .all, .string { _ in Bytes("\n") }, "A line feed."),
    ]

    static let time: [Variable] = [
        Variable("time.start", .all, .time { $0.startTime }, "When the request began."),
        Variable(
            "time.start.sec", .all, .string { $0.seconds($0.startTime) },
            "When the request began, in seconds since 1970."),
        Variable(
            "time.start.msec", .all, .string { $0.milliseconds($0.startTime) },
            "When the request began, in milliseconds since 1970."),
        Variable(
            "time.start.usec", .all, .string { $0.microseconds($0.startTime) },
            "When the request began, in microseconds since 1970."),
        Variable(
            "time.start.msec_frac", .all, .string { $0.millisecondsOfSecond($0.startTime) },
            "The milliseconds of the second in which the request began, three digits."),
        Variable(
            "time.start.usec_frac", .all, .string { $0.microsecondsOfSecond($0.startTime) },
            "The microseconds of the second in which the request began, six digits."),
        Variable("time.elapsed", .all, .rtime { $0.elapsed }, "How long this request has lasted."),
        Variable(
            "time.elapsed.sec", .all, .string { $0.seconds($0.elapsed) },
            "How long this request has lasted, in whole seconds."),
        Variable(
            "time.elapsed.msec", .all, .string { $0.milliseconds($0.elapsed) },
            "How long this request has lasted, in whole milliseconds."),
        Variable(
            "time.elapsed.usec", .all, .string { $0.microseconds($0.elapsed) },
            "How long this request has lasted, in whole microseconds."),
        Variable(
            "time.elapsed.msec_frac", .all, .string { $0.millisecondsOfSecond($0.elapsed) },
            "The milliseconds behind the whole seconds of time.elapsed, three digits."),
        Variable(
            "time.elapsed.usec_frac", .all, .string { $0.microsecondsOfSecond($0.elapsed) },
            "The microseconds behind the whole seconds of time.elapsed, six digits."),
        Variable("time.end", ending, .time { $0.now }, "When the request ended; in vcl_deliver, now."),
        Variable(
            "time.end.sec", ending, .string { $0.seconds($0.now) },
            "When the request ended, in seconds since 1970."),
        Variable(
            "time.end.msec", ending, .string { $0.milliseconds($0.now) },
            "When the request ended, in milliseconds since 1970."),
        Variable(
            "time.end.usec", ending, .string { $0.microseconds($0.now) },
            "When the request ended, in microseconds since 1970."),
        Variable(
            "time.end.msec_frac", ending, .string { $0.millisecondsOfSecond($0.now) },
            "The milliseconds of the second in which the request ended, three digits."),
        Variable(
            "time.end.usec_frac", ending, .string { $0.microsecondsOfSecond($0.now) },
            "The microseconds of the second in which the request ended, six digits."),
    ]
}

extension Context {
    fileprivate var elapsed: Int64 { max(0, now - startTime) }

    fileprivate func seconds(_ time: Int64) -> Bytes { Format.integer(time / 1_000_000_000, in: arena) }
    fileprivate func milliseconds(_ time: Int64) -> Bytes { Format.integer(time / 1_000_000, in: arena) }
    fileprivate func microseconds(_ time: Int64) -> Bytes { Format.integer(time / 1000, in: arena) }

    fileprivate func millisecondsOfSecond(_ time: Int64) -> Bytes {
        padded(time / 1_000_000 % 1000, digits: 3)
    }
    fileprivate func microsecondsOfSecond(_ time: Int64) -> Bytes {
        padded(time / 1000 % 1_000_000, digits: 6)
    }

    private func padded(_ value: Int64, digits: Int) -> Bytes {
        let to = arena.allocate(digits)
        var left = value
        for place in stride(from: digits - 1, through: 0, by: -1) {
            to[place] = UInt8(0x30 + left % 10)
            left /= 10
        }
        return Bytes(start: to, count: digits)
    }
}
