/// What can befall a request besides an answer.
package enum Trouble: Int, CaseIterable, Sendable {
    /// No connection was made: refused, or out of addresses.
    case connect
    /// The connection ended before the answer had.
    case closed
    /// No whole answer in time.
    case timeout
    /// The answer is no HTTP.
    case malformed
    /// All connections were busy, and too many requests waited for one.
    case crowded

    package var words: String {
        switch self {
        case .connect: "connections refused"
        case .closed: "connections closed before the answer"
        case .timeout: "not answered in time"
        case .malformed: "answers that are no HTTP"
        case .crowded: "given up for want of a connection"
        }
    }

    package var key: String {
        switch self {
        case .connect: "connect"
        case .closed: "closed"
        case .timeout: "timeout"
        case .malformed: "malformed"
        case .crowded: "crowded"
        }
    }
}

/// Where an answer came from, by what its head says (X-Cache, Cache-Status, X-Varnish, Age).
package enum AnswerSource: Sendable {
    case hit
    /// From the cache, though stale.
    case stale
    /// From the origin, or made by the edge.
    case fetched
}

/// What was counted in some stretch of time. Those of several loops, or of several seconds, add up.
package struct Tally: Sendable {
    /// Requests whose moment came.
    package var due = 0
    package var sent = 0
    package var answers = 0
    /// By hundreds: 1xx to 5xx.
    package var statuses: [Int] = [0, 0, 0, 0, 0]
    package var troubles: [Int] = Array(repeating: 0, count: Trouble.allCases.count)
    package var bytes = 0
    package var connectionsMade = 0
    /// Since each request was due.
    package var all = LatencyHistogram()
    package var hits = LatencyHistogram()
    package var stale = LatencyHistogram()
    package var fetched = LatencyHistogram()
    /// From when a request was due to when it was written: the generator's own delay, its wait for a connection included.
    package var lateness = LatencyHistogram()

    package init() {}

    package mutating func count(status: Int) { statuses[min(max(status / 100, 1), 5) - 1] += 1 }

    package mutating func count(_ trouble: Trouble, _ number: Int = 1) {
        troubles[trouble.rawValue] += number
    }

    package mutating func count(_ source: AnswerSource, microseconds: Int) {
        all.record(microseconds)
        switch source {
        case .hit: hits.record(microseconds)
        case .stale: stale.record(microseconds)
        case .fetched: fetched.record(microseconds)
        }
    }

    package var failures: Int { troubles.reduce(0, +) }
    package var serverErrors: Int { statuses[4] }

    package mutating func add(_ other: Tally) {
        due += other.due
        sent += other.sent
        answers += other.answers
        for index in statuses.indices { statuses[index] += other.statuses[index] }
        for index in troubles.indices { troubles[index] += other.troubles[index] }
        bytes += other.bytes
        connectionsMade += other.connectionsMade
        all.merge(other.all)
        hits.merge(other.hits)
        stale.merge(other.stale)
        fetched.merge(other.fetched)
        lateness.merge(other.lateness)
    }
}

/// One second of a rehearsal, small enough to keep a day of them.
package struct RehearsalSecond: Sendable {
    package struct Usage: Sendable {
        /// Cores that the generator's own loops kept busy.
        package var generatorCores = 0.0
        /// Of the edge, when it is a process of this machine that may be looked at.
        package var edgeCores: Double?
        package var edgeResidentBytes: Int?
        /// Of the machine, and how many it has; nil when the edge is elsewhere.
        package var busyCores: Double?
        package var cores: Int?
        package var openConnections = 0
        package var busyConnections = 0
        package var backlog = 0

        package init() {}
    }

    /// Seconds from the start.
    package let second: Int
    package let wanted: Double
    package let sent: Int
    package let answers: Int
    package let statuses: [Int]
    package let troubles: [Int]
    package let hits: Int
    package let fetched: Int
    /// Microseconds.
    package let p50: Int
    package let p99: Int
    package let hitP99: Int
    package let fetchedP50: Int
    package let lateP99: Int
    package let usage: Usage
    /// What was done to the origin or a dictionary in this second.
    package let events: [String]

    package init(second: Int, wanted: Double, tally: Tally, usage: Usage, events: [String] = []) {
        self.second = second
        self.wanted = wanted
        sent = tally.sent
        answers = tally.answers
        statuses = tally.statuses
        troubles = tally.troubles
        hits = tally.hits.count + tally.stale.count
        fetched = tally.fetched.count
        p50 = tally.all.value(at: 0.5)
        p99 = tally.all.value(at: 0.99)
        hitP99 = tally.hits.value(at: 0.99)
        fetchedP50 = tally.fetched.value(at: 0.5)
        lateP99 = tally.lateness.value(at: 0.99)
        self.usage = usage
        self.events = events
    }
}
