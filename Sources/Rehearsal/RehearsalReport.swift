import Kernel

/// What a rehearsal may not exceed; its exit status says whether it did.
package struct Thresholds: Sendable {
    /// Microseconds, of all answers and of hits.
    package var p99: Int?
    package var hitP99: Int?
    /// Requests without an answer, and answers of 500 and above, as a share of those that were due (0...1).
    package var errors: Double?

    package init() {}
}

/// All of a rehearsal, for people, for scripts and for the exit status.
package struct RehearsalReport: Sendable {
    package let shape: String
    package let target: String
    package let loops: Int
    package let maxConnections: Int
    package let thresholds: Thresholds
    package private(set) var total = Tally()
    package private(set) var seconds: [RehearsalSecond] = []
    /// Why it ended before its time, if it did.
    package var cutShort: String?

    package init(shape: String, target: String, loops: Int, maxConnections: Int, thresholds: Thresholds) {
        self.shape = shape
        self.target = target
        self.loops = loops
        self.maxConnections = maxConnections
        self.thresholds = thresholds
    }

    package mutating func add(_ second: RehearsalSecond, _ tally: Tally) {
        seconds.append(second)
        total.add(tally)
    }

    package var finding: Finding? {
        Finding.first(in: seconds, loops: loops, maxConnections: maxConnections)
    }

    package var errors: Int { total.failures + total.serverErrors }

    /// What was exceeded, in words; empty when all is well.
    package var exceeded: [String] {
        var said: [String] = []
        func check(_ name: String, _ histogram: LatencyHistogram, _ most: Int?) {
            guard let most else { return }
            let p99 = histogram.value(at: 0.99)
            if histogram.isEmpty {
                said.append("\(name): there was none to measure")
            } else if p99 > most {
                said.append("\(name): \(milliseconds(p99)), at most \(milliseconds(most)) wanted")
            }
        }
        check("p99 of all answers", total.all, thresholds.p99)
        check("p99 of hits", total.hits, thresholds.hitP99)
        if let most = thresholds.errors, Double(errors) > most * Double(total.due) {
            said.append("errors: \(grouped(errors)) of \(grouped(total.due)) requests")
        }
        return said
    }

    package var isGood: Bool { exceeded.isEmpty && cutShort == nil }

    /// CPU of the generator for each request, in microseconds; nil before the first.
    package var generatorCost: Double? {
        total.sent == 0 ? nil : seconds.reduce(0) { $0 + $1.usage.generatorCores } * 1e6 / Double(total.sent)
    }

    package var edgeCost: Double? {
        let known = seconds.compactMap(\.usage.edgeCores)
        return known.isEmpty || total.answers == 0 ? nil : known.reduce(0, +) * 1e6 / Double(total.answers)
    }

    package var highestResident: Int? { seconds.compactMap(\.usage.edgeResidentBytes).max() }
}
