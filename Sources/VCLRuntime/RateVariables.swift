import Kernel
import VCL

/// Which entry of each counter this request counted last; `ratecounter.NAME.*` tell of it.
package struct RateMemory: Sendable {
    private var latest: [(name: Bytes, key: RateLimits.Key)] = []
    /// For tests: what every rate is, whatever was counted.
    package var fixedRate: Double?

    package init() {}

    mutating func remember(_ name: Bytes, _ key: RateLimits.Key) {
        if let index = latest.firstIndex(where: { $0.name == name }) {
            latest[index].key = key
        } else {
            latest.append((name, key))
        }
    }

    func key(_ name: Bytes) -> RateLimits.Key? { latest.first { $0.name == name }?.key }

    /// What was counted belongs to one request.
    package mutating func reset() {
        if !latest.isEmpty { latest.removeAll(keepingCapacity: true) }
    }
}

/// `ratecounter.NAME.bucket.10s` to `.60s` (INTEGER: what came) and `ratecounter.NAME.rate.1s`, `.10s`, `.60s` (FLOAT: per
/// second), of the entry that this request counted last in that counter; 0 before it counted one.
enum RateVariables {
    static let buckets: [Int] = [10, 20, 30, 40, 50, 60]
    static let rates: [Int] = [1, 10, 60]

    /// The row of such a name, or nil when it is none or its counter is not declared.
    static func named(_ word: String, _ declared: Set<String>, _ pool: LiteralPool) -> Variable? {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "ratecounter", declared.contains(parts[1]),
            parts[3].hasSuffix("s"), let seconds = Int(parts[3].dropLast())
        else { return nil }
        let name = pool.store(parts[1])
        if parts[2] == "bucket", buckets.contains(seconds) {
            return Variable(
                word, .all,
                .integer { context in
                    if let rate = context.rates.fixedRate { return Int64(rate * Double(seconds)) }
                    guard let key = context.rates.key(name) else { return 0 }
                    return context.snapshot.rateLimits.count(key, seconds: seconds, now: context.now)
                }, summary(of: word))
        }
        guard parts[2] == "rate", rates.contains(seconds) else { return nil }
        return Variable(
            word, .all,
            .float { context in
                if let rate = context.rates.fixedRate { return rate }
                guard let key = context.rates.key(name) else { return 0 }
                return context.snapshot.rateLimits.rate(key, window: seconds, now: context.now)
            }, summary(of: word))
    }

    private static func summary(of word: String) -> String {
        Variables.pattern(of: word)?.pattern.summary ?? ""
    }
}
