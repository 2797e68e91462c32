/// What others are told of a rehearsal, each second anew and once more when it has ended: small enough to send each second, and whole,
/// so that nobody who missed one has missed anything.
package struct RehearsalAccount: Sendable, Codable, Hashable {
    /// A stretch of it, a second or as many as make the picture fit.
    package struct Point: Sendable, Codable, Hashable {
        /// Requests a second, as means.
        package let wanted: Int
        package let sent: Int
        /// The highest of its seconds, in microseconds.
        package let p99: Int
        package let hitP99: Int
    }

    /// Microseconds of some kind of answer.
    package struct Latency: Sendable, Codable, Hashable {
        package let name: String
        package let count: Int
        package let p50: Int
        package let p99: Int
        package let p999: Int
        package let max: Int
    }

    package struct Failed: Sendable, Codable, Hashable {
        package let what: String
        package let count: Int
    }

    /// The last second.
    package struct Moment: Sendable, Codable, Hashable {
        package let second: Int
        package let wanted: Int
        package let sent: Int
        package let answers: Int
        /// Microseconds.
        package let p50: Int
        package let p99: Int
        package let hitP99: Int
        package let openConnections: Int
        package let busyConnections: Int
        /// Requests that are due and have no connection yet.
        package let backlog: Int
        package let generatorCores: Double
        package let edgeCores: Double?
        package let busyCores: Double?
        package let cores: Int?
    }

    /// By which it is known, of small letters and digits.
    package let id: String
    package let shape: String
    package let target: String
    /// Milliseconds since 1970.
    package let began: Int64
    /// Nil while it goes on.
    package var ended: Int64?
    /// Seconds that it is to last.
    package let length: Int
    package let maxConnections: Int
    package let now: Moment
    package let points: [Point]
    package let due: Int
    package let sent: Int
    package let answers: Int
    /// By hundreds: 1xx to 5xx.
    package let statuses: [Int]
    package let failed: [Failed]
    package let latencies: [Latency]
    /// What was done to the origin or a dictionary, the latest last.
    package let events: [String]
    /// What gave first, in words; nil while nothing has.
    package let gaveFirst: String?
    package let exceeded: [String]
    /// Why it ended before its time, if it did.
    package var cutShort: String?
    package let costs: String

    package enum Outcome: String, Sendable, CaseIterable {
        /// Nothing gave, and no threshold was exceeded.
        case held
        /// Something gave, and no threshold speaks of it.
        case gave
        case exceeded
        case endedEarly
    }

    package var outcome: Outcome {
        if cutShort != nil { return .endedEarly }
        return exceeded.isEmpty ? (gaveFirst == nil ? .held : .gave) : .exceeded
    }

    /// Whether it can be what a rehearsal says. It comes over the wire, and is shown and kept.
    package var isSound: Bool {
        let words =
            [shape, target, gaveFirst ?? "", cutShort ?? "", costs] + events + exceeded
            + failed.map(\.what) + latencies.map(\.name)
        let counts =
            [
                length, maxConnections, due, sent, answers, now.second, now.wanted, now.sent, now.answers,
                now.p50, now.p99, now.hitP99, now.openConnections, now.busyConnections, now.backlog,
                now.cores ?? 0,
            ] + statuses + failed.map(\.count)
            + latencies.flatMap { [$0.count, $0.p50, $0.p99, $0.p999, $0.max] }
            + points.flatMap { [$0.wanted, $0.sent, $0.p99, $0.hitP99] }
        let cores = [now.generatorCores, now.edgeCores ?? 0, now.busyCores ?? 0]
        return RehearsalAccount.isID(id) && statuses.count == 5
            && points.count <= RehearsalLimits.points && events.count <= RehearsalLimits.events
            && max(failed.count, latencies.count, exceeded.count) <= RehearsalLimits.rows
            && words.allSatisfy { $0.utf8.count <= RehearsalLimits.wordBytes }
            && counts.allSatisfy { (0...RehearsalLimits.highestCount).contains($0) }
            && cores.allSatisfy { (0...RehearsalLimits.cores).contains($0) }
            && [began, ended ?? began].allSatisfy { (0...RehearsalLimits.latestMilliseconds).contains($0) }
    }

    package static func isID(_ text: String) -> Bool {
        (16...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 &- 0x61 < 26 }
    }
}

extension RehearsalReport {
    /// What others are told now; nil before the first second. `began` and `ended` in milliseconds since 1970, `length` in seconds.
    package func account(id: String, began: Int64, length: Double, ended: Int64? = nil) -> RehearsalAccount? {
        guard let last = seconds.last else { return nil }
        let usage = last.usage
        return RehearsalAccount(
            id: id, shape: shape, target: RehearsalReport.word(target), began: began, ended: ended,
            length: Int(length.rounded(.up)), maxConnections: maxConnections,
            now: .init(
                second: last.second, wanted: Int(last.wanted.rounded()), sent: last.sent,
                answers: last.answers, p50: last.p50, p99: last.p99, hitP99: last.hitP99,
                openConnections: usage.openConnections, busyConnections: usage.busyConnections,
                backlog: usage.backlog, generatorCores: RehearsalReport.cores(usage.generatorCores),
                edgeCores: usage.edgeCores.map { RehearsalReport.cores($0) },
                busyCores: usage.busyCores.map { RehearsalReport.cores($0) }, cores: usage.cores),
            points: points, due: total.due, sent: total.sent, answers: total.answers,
            statuses: total.statuses,
            failed: Trouble.allCases.filter { total.troubles[$0.rawValue] > 0 }.map {
                .init(what: $0.words, count: total.troubles[$0.rawValue])
            }, latencies: latencies,
            events: seconds.flatMap { second in
                second.events.map { RehearsalReport.word("second \(second.second): \($0)") }
            }.suffix(RehearsalLimits.events),
            gaveFirst: finding.map { RehearsalReport.word($0.words) }, exceeded: exceeded,
            cutShort: cutShort.map { RehearsalReport.word($0) }, costs: costs.joined())
    }

    private var latencies: [RehearsalAccount.Latency] {
        kinds.filter { !$0.histogram.isEmpty }.map { name, histogram in
            .init(
                name: name, count: histogram.count, p50: histogram.value(at: 0.5),
                p99: histogram.value(at: 0.99), p999: histogram.value(at: 0.999), max: histogram.max)
        }
    }

    /// As many stretches as a picture has, of whole seconds; the last may be shorter.
    private var points: [RehearsalAccount.Point] {
        let stretch = max(1, (seconds.count + RehearsalLimits.points - 1) / RehearsalLimits.points)
        return stride(from: 0, to: seconds.count, by: stretch).map { start in
            let part = seconds[start..<min(start + stretch, seconds.count)]
            return .init(
                wanted: Int((part.reduce(0) { $0 + $1.wanted } / Double(part.count)).rounded()),
                sent: part.reduce(0) { $0 + $1.sent } / part.count,
                p99: part.map(\.p99).max() ?? 0, hitP99: part.map(\.hitP99).max() ?? 0)
        }
    }

    /// What a kernel counts in ticks is no count of cores in a moment as short as one, nor where its counters run backwards.
    private static func cores(_ count: Double) -> Double {
        min(max(count, 0), RehearsalLimits.cores)
    }

    private static func word(_ text: String) -> String {
        var text = text
        while text.utf8.count > RehearsalLimits.wordBytes { text.removeLast() }
        return text
    }
}
