import Kernel
import VCL

extension Functions {
    static let rates: [Function] = [
        Function(
            "ratelimit.check_rate",
            [.string, .ratecounter, .integer, .integer, .integer, .penaltybox, .rtime], .bool,
            """
            Counts an entry (by the third argument) and tells whether it is penalized: because it came \
            more often per second, over a window of 1, 10 or 60 seconds, than the limit, which puts it \
            into the box for 1 to 60 minutes, or because it is still in there. False with EINVAL for \
            numbers out of bounds.
            """,
            unless: { window($0, at: 3) }
        ) { arguments in
            let (entry, box, ttl) = (arguments.string(0), name(arguments, 5), arguments.integer(6))
            let check = Check(arguments, from: 1)
            return .bool { context in
                let text = entry(context)
                let time = penalty(ttl(context))
                guard let exceeded = check.exceeds(text, context) else {
                    _ = context.fail("EINVAL")
                    return false
                }
                return penalized(box.bytes, text, exceeded, time, context)
            }
        },
        Function(
            "ratelimit.check_rates",
            [
                .string, .ratecounter, .integer, .integer, .integer, .ratecounter, .integer, .integer,
                .integer,
                .penaltybox, .rtime,
            ], .bool,
            "ratelimit.check_rate with two counters, windows and limits, of which either penalizes.",
            unless: { window($0, at: 3) ?? window($0, at: 7) }
        ) { arguments in
            let (entry, box, ttl) = (arguments.string(0), name(arguments, 9), arguments.integer(10))
            let (first, second) = (Check(arguments, from: 1), Check(arguments, from: 5))
            return .bool { context in
                let text = entry(context)
                let time = penalty(ttl(context))
                guard let one = first.exceeds(text, context),
                    let other = second.exceeds(text, context)
                else {
                    _ = context.fail("EINVAL")
                    return false
                }
                return penalized(box.bytes, text, one || other, time, context)
            }
        },
        Function(
            "ratelimit.ratecounter_increment", [.ratecounter, .string, .integer], .integer,
            """
            Counts an entry and gives what came in the last minute; 0 with EINVAL for an entry of more \
            than 256 bytes or a step beyond 0 to 1000.
            """
        ) { arguments in
            let (counter, entry, delta) = (name(arguments, 0), arguments.string(1), arguments.integer(2))
            return .integer { context in
                let (text, step) = (entry(context), delta(context))
                guard text.count <= VCLRuntimeLimits.rateEntryBytes, (0...1000).contains(step) else {
                    _ = context.fail("EINVAL")
                    return 0
                }
                return count(counter.bytes, text, step, context)
            }
        },
        Function(
            "ratelimit.penaltybox_add", [.penaltybox, .string, .rtime], .void,
            """
            Puts an entry into a box for the nearest whole minute from 1 to 60; EINVAL for an entry of more \
            than 256 bytes.
            """
        ) { arguments in
            let (box, entry, ttl) = (name(arguments, 0), arguments.string(1), arguments.integer(2))
            return arguments.step { context in
                let text = entry(context)
                let time = penalty(ttl(context))
                guard text.count <= VCLRuntimeLimits.rateEntryBytes else {
                    _ = context.fail("EINVAL")
                    return
                }
                _ = penalized(box.bytes, text, true, time, context)
            }
        },
        Function(
            "ratelimit.penaltybox_has", [.penaltybox, .string], .bool,
            "Whether an entry is in a box; false with EINVAL for one of more than 256 bytes."
        ) { arguments in
            let (box, entry) = (name(arguments, 0), arguments.string(1))
            return .bool { context in
                let text = entry(context)
                guard text.count <= VCLRuntimeLimits.rateEntryBytes else {
                    _ = context.fail("EINVAL")
                    return false
                }
                return context.snapshot.rateLimits.isPenalized(
                    RateLimits.Key(box.bytes, text), now: context.now)
            }
        },
    ]

    /// A declared name's bytes, which live as long as the closure that holds them.
    private static func name(_ arguments: Arguments, _ index: Int) -> DeclaredName {
        DeclaredName(arguments.word(index))
    }

    private static func window(_ arguments: Arguments, at index: Int) -> String? {
        guard let seconds = arguments.constant(index), !RateVariables.rates.contains(Int(clamping: seconds))
        else { return nil }
        return "a window has 1, 10 or 60 seconds, not \(seconds)"
    }

    /// The nearest whole minute from 1 to 60, as nanoseconds: a limiter with a time that is out of bounds still limits.
    private static func penalty(_ ttl: Int64) -> Int64 {
        let minute: Int64 = 60_000_000_000
        let bounded = min(max(ttl, minute), 60 * minute)
        return (bounded + minute / 2) / minute * minute
    }

    private static func count(_ counter: Bytes, _ entry: Bytes, _ delta: Int64, _ context: Context) -> Int64 {
        let key = RateLimits.Key(counter, entry)
        context.rates.remember(counter, key)
        let minute = context.snapshot.rateLimits.increment(key, by: delta, now: context.now)
        return context.rates.fixedRate.map { Int64($0 * 60) } ?? minute
    }

    private static func penalized(
        _ box: Bytes, _ entry: Bytes, _ exceeded: Bool, _ time: Int64, _ context: Context
    ) -> Bool {
        let (key, limits) = (RateLimits.Key(box, entry), context.snapshot.rateLimits)
        if exceeded { limits.penalize(key, until: context.now &+ time, now: context.now) }
        return exceeded || limits.isPenalized(key, now: context.now)
    }

    /// Counter, step, window and limit of one check.
    private struct Check: Sendable {
        let counter: DeclaredName
        let delta: IntegerCode
        let window: IntegerCode
        let limit: IntegerCode

        init(_ arguments: Arguments, from index: Int) {
            counter = Functions.name(arguments, index)
            delta = arguments.integer(index + 1)
            window = arguments.integer(index + 2)
            limit = arguments.integer(index + 3)
        }

        /// Counts; nil when a number is out of its bounds.
        func exceeds(_ entry: Bytes, _ context: Context) -> Bool? {
            let (step, seconds, most) = (delta(context), window(context), limit(context))
            guard entry.count <= VCLRuntimeLimits.rateEntryBytes, (0...100_000).contains(step),
                RateVariables.rates.contains(Int(clamping: seconds)), (10...70_000_000).contains(most)
            else { return nil }
            _ = Functions.count(counter.bytes, entry, step, context)
            if let rate = context.rates.fixedRate { return rate >= Double(most) }
            let key = RateLimits.Key(counter.bytes, entry)
            let rate = context.snapshot.rateLimits.rate(key, window: Int(seconds), now: context.now)
            return rate > Double(most)
        }
    }
}

/// The bytes of a name of the program.
final class DeclaredName: Sendable {
    private let pool = LiteralPool()
    let bytes: Bytes

    init(_ name: String) { bytes = pool.store(name) }
}
