import Kernel

/// What gives under load. Of several that show in one second, the earlier in this table is the cause and the later ones
/// follow from it: a generator that is late makes every latency long, a dead origin makes 5xx.
package enum Weakness: String, CaseIterable, Sendable {
    case generator, processor, connections, origin, serverErrors, latency

    /// A second shows it with so much of evidence at least.
    static let lateMicroseconds = 5_000
    static let generatorShare = 0.9
    static let processorShare = 0.95
    static let latencyMicroseconds = 50_000
    /// A second with fewer answers proves little.
    static let answersThatCount = 20

    /// What `second` shows of it, in words; nil when it shows nothing.
    func evidence(in second: RehearsalSecond, loops: Int, maxConnections: Int) -> String? {
        let usage = second.usage
        switch self {
        case .generator:
            // A request that waits for a busy connection is late as well, and then the connections have given.
            if usage.generatorCores > Weakness.generatorShare * Double(loops) {
                return
                    "its loops were busy for \(shortDecimal(usage.generatorCores)) of \(counted(loops, "core"))"
            }
            guard second.lateP99 > Weakness.lateMicroseconds, usage.busyConnections < maxConnections else {
                return nil
            }
            return "one request in a hundred was sent \(milliseconds(second.lateP99)) late or later"
        case .processor:
            guard let busy = usage.busyCores, let cores = usage.cores,
                busy > Weakness.processorShare * Double(cores)
            else { return nil }
            let edge = usage.edgeCores.map { ", \(shortDecimal($0)) by the edge" } ?? ""
            return
                "\(shortDecimal(busy)) of \(counted(cores, "core")) in use\(edge), \(shortDecimal(usage.generatorCores)) by the generator"
        case .connections: return connections(second, maxConnections)
        case .origin:
            let slow = second.fetchedP50 > 2 * Weakness.latencyMicroseconds * 10
            guard second.fetched >= Weakness.answersThatCount || second.statuses[4] > 0, slow else {
                return nil
            }
            return "what the edge had to fetch took \(milliseconds(second.fetchedP50)) (median)"
        case .serverErrors:
            guard second.statuses[4] > 0 else { return nil }
            return "\(counted(second.statuses[4], "answer")) had a status of 500 or above"
        case .latency:
            guard second.hits >= Weakness.answersThatCount, second.hitP99 > Weakness.latencyMicroseconds
            else {
                return nil
            }
            return "one hit in a hundred took \(milliseconds(second.hitP99)) or longer"
        }
    }

    private func connections(_ second: RehearsalSecond, _ maxConnections: Int) -> String? {
        let kinds: [Trouble] = [.connect, .closed, .timeout, .crowded]
        let worst = kinds.max { second.troubles[$0.rawValue] < second.troubles[$1.rawValue] }
        if let worst, second.troubles[worst.rawValue] > 0 {
            return "\(grouped(second.troubles[worst.rawValue])) requests: \(worst.words)"
        }
        guard second.usage.backlog > 0, second.usage.busyConnections >= maxConnections else { return nil }
        return
            "all \(grouped(maxConnections)) waited for an answer, and \(counted(second.usage.backlog, "request")) for one of them"
    }

    var words: String {
        switch self {
        case .generator: "the generator itself: these figures say little about the edge"
        case .processor: "the machine's processors, which the edge shares with the generator and with others"
        case .connections: "connections"
        case .origin: "the origin, or the way to it"
        case .serverErrors: "the edge answered with errors"
        case .latency: "the edge's latency"
        }
    }
}

/// The first thing that gave, and when.
package struct Finding: Sendable, Equatable {
    package let weakness: Weakness
    /// Seconds from the start.
    package let second: Int
    package let wanted: Int
    package let evidence: String

    /// Errors count from the first; what can be a hiccup of a second has to show in two seconds that follow each other.
    package static func first(
        in seconds: [RehearsalSecond], loops: Int, maxConnections: Int
    ) -> Finding? {
        var before: Set<Weakness> = []
        for second in seconds {
            var now: Set<Weakness> = []
            var found: Finding?
            for weakness in Weakness.allCases {
                guard
                    let evidence = weakness.evidence(in: second, loops: loops, maxConnections: maxConnections)
                else { continue }
                now.insert(weakness)
                let isSudden = weakness == .serverErrors || weakness == .connections
                guard isSudden || before.contains(weakness), found == nil else { continue }
                found = Finding(
                    weakness: weakness, second: second.second, wanted: Int(second.wanted.rounded()),
                    evidence: evidence)
            }
            if let found { return found }
            before = now
        }
        return nil
    }

    package var words: String {
        "\(weakness.words) (second \(second), at \(grouped(wanted)) requests/s wanted: \(evidence))"
    }
}

/// `4.1 ms`, `850 us`, `1.2 s`.
package func milliseconds(_ microseconds: Int) -> String {
    if microseconds < 1000 { return "\(microseconds) us" }
    if microseconds < 10_000_000 {
        let value = Double(microseconds) / 1000
        let hundredths = Int((value * 100).rounded())
        let isFine = value < 10 && hundredths % 10 != 0
        return (isFine ? "\(Double(hundredths) / 100)" : shortDecimal(value)) + " ms"
    }
    return shortDecimal(Double(microseconds) / 1_000_000) + " s"
}
