/// How a backend is asked whether it is well: `.probe` of its declaration. Times in nanoseconds; what a program does not say has
/// Varnish's values, but that a backend is well until probes say otherwise.
package struct HealthCheck: Sendable, Hashable {
    /// The head that is sent, its empty line included.
    package var request: String
    package var expectedStatus = 200
    package var interval: Int64 = 5_000_000_000
    package var timeout: Int64 = 2_000_000_000
    /// How many of the last probes are looked at, 1 to 64.
    package var window = 8
    /// How many of those must have been good.
    package var threshold = 3
    /// How many count as good before the first one.
    package var initial = 3

    /// Probes do not come closer than this, whatever a program says: an edge is no flood for its own origin.
    static let shortest: Int64 = 500_000_000

    package init(host: String) {
        request = HealthCheck.head(["HEAD / HTTP/1.1", "Host: \(host)", "Connection: close"])
    }

    /// A request's head of these lines.
    static func head(_ lines: [String]) -> String { lines.joined(separator: "\r\n") + "\r\n\r\n" }
}

/// What the last probes of one backend said.
package struct HealthWindow: Sendable {
    /// A bit for each probe, the last one lowest; one for a good answer.
    private var answers: UInt64
    private let mask: UInt64
    private let threshold: Int

    package init(_ check: HealthCheck) {
        mask = check.window >= 64 ? .max : (1 << UInt64(max(1, check.window))) - 1
        threshold = check.threshold
        answers = check.initial >= 64 ? .max : (1 << UInt64(max(0, check.initial))) - 1
        answers &= mask
    }

    package var isHealthy: Bool { answers.nonzeroBitCount >= threshold }

    package mutating func record(isGood: Bool) { answers = (answers << 1 | (isGood ? 1 : 0)) & mask }
}
