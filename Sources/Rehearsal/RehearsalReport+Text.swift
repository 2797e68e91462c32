package import Kernel

extension RehearsalReport {
    /// For people, in plain words.
    package var text: String {
        var lines = ["\(shape) against \(target)"]
        if let cutShort { lines.append("ended early: \(cutShort)") }
        let wanted = seconds.map(\.wanted).max() ?? 0
        let sent = seconds.map(\.sent).max() ?? 0
        lines.append(
            "\(grouped(total.due)) requests in \(counted(seconds.count, "second")); at most \(grouped(Int(wanted.rounded()))) a second wanted, \(grouped(sent)) sent"
        )
        lines.append(answered)
        lines.append("")
        lines.append(
            RehearsalReport.row(["latency from when it was due", "count", "p50", "p99", "p99.9", "max"]))
        for (name, histogram) in kinds where !histogram.isEmpty {
            lines.append(
                RehearsalReport.row(
                    [name, grouped(histogram.count)]
                        + [0.5, 0.99, 0.999].map { milliseconds(histogram.value(at: $0)) }
                        + [milliseconds(histogram.max)]))
        }
        lines.append("")
        lines.append(contentsOf: costs)
        for second in seconds {
            lines.append(contentsOf: second.events.map { "second \(second.second): \($0)" })
        }
        lines.append("what gave first: \(finding?.words ?? "nothing")")
        lines.append(contentsOf: exceeded.map { "exceeded: \($0)" })
        return lines.joined(separator: "\n")
    }

    var kinds: [(name: String, histogram: LatencyHistogram)] {
        [
            ("all", total.all), ("hits", total.hits), ("stale hits", total.stale),
            ("fetched or made", total.fetched), ("sent late by", total.lateness),
        ]
    }

    private var answered: String {
        var parts: [String] = []
        for (index, count) in total.statuses.enumerated() where count > 0 {
            parts.append("\(index + 1)xx \(grouped(count))")
        }
        for trouble in Trouble.allCases where total.troubles[trouble.rawValue] > 0 {
            parts.append("\(trouble.words) \(grouped(total.troubles[trouble.rawValue]))")
        }
        return parts.isEmpty ? "no answer" : parts.joined(separator: ", ")
    }

    var costs: [String] {
        var parts: [String] = []
        if let edgeCost { parts.append("edge \(shortDecimal(edgeCost)) us of CPU a request") }
        if let highestResident { parts.append("\(ByteCount(highestResident)) resident at most") }
        if let generatorCost { parts.append("generator \(shortDecimal(generatorCost)) us a request") }
        return parts.isEmpty ? [] : [parts.joined(separator: ", ")]
    }

    private static func row(_ cells: [String]) -> String {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let space = String(repeating: " ", count: max(0, (index == 0 ? 30 : 11) - cell.count))
            line += index == 0 ? cell + space : space + cell
        }
        return "  " + line
    }

    /// For scripts: all figures in microseconds, seconds and bytes.
    package var json: JSONValue {
        .object([
            JSONMember("shape", .string(shape)), JSONMember("target", .string(target)),
            JSONMember("good", .bool(isGood)),
            JSONMember("cut_short", cutShort.map { .string($0) } ?? .null),
            JSONMember("exceeded", .array(exceeded.map { .string($0) })),
            JSONMember("gave_first", finding?.json ?? .null),
            JSONMember("due", .integer(total.due)), JSONMember("sent", .integer(total.sent)),
            JSONMember("answers", .integer(total.answers)), JSONMember("bytes", .integer(total.bytes)),
            JSONMember("connections_made", .integer(total.connectionsMade)),
            JSONMember("statuses", .array(total.statuses.map { .integer($0) })),
            JSONMember(
                "errors",
                .object(Trouble.allCases.map { JSONMember($0.key, .integer(total.troubles[$0.rawValue])) })),
            JSONMember(
                "latency",
                .object([
                    JSONMember("all", total.all.json), JSONMember("hits", total.hits.json),
                    JSONMember("stale", total.stale.json), JSONMember("fetched", total.fetched.json),
                    JSONMember("late", total.lateness.json),
                ])),
            JSONMember("generator_cpu_us", generatorCost.map { .number("\($0)") } ?? .null),
            JSONMember("edge_cpu_us", edgeCost.map { .number("\($0)") } ?? .null),
            JSONMember("edge_resident_bytes", highestResident.map { .integer($0) } ?? .null),
            JSONMember("seconds", .array(seconds.map(\.json))),
        ])
    }
}

extension Finding {
    var json: JSONValue {
        .object([
            JSONMember("what", .string(weakness.rawValue)), JSONMember("second", .integer(second)),
            JSONMember("wanted", .integer(wanted)), JSONMember("evidence", .string(evidence)),
        ])
    }
}

extension LatencyHistogram {
    var json: JSONValue {
        let shares: [(String, Double)] = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)]
        return .object(
            [JSONMember("count", .integer(count)), JSONMember("mean", .number("\(mean)"))]
                + shares.map { JSONMember($0.0, .integer(value(at: $0.1))) } + [
                    JSONMember("max", .integer(max))
                ])
    }
}

extension RehearsalSecond {
    package var json: JSONValue {
        .object([
            JSONMember("second", .integer(second)), JSONMember("wanted", .number("\(wanted)")),
            JSONMember("sent", .integer(sent)), JSONMember("answers", .integer(answers)),
            JSONMember("statuses", .array(statuses.map { .integer($0) })),
            JSONMember("errors", .integer(troubles.reduce(0, +))),
            JSONMember("hits", .integer(hits)), JSONMember("p50", .integer(p50)),
            JSONMember("p99", .integer(p99)),
            JSONMember("hit_p99", .integer(hitP99)), JSONMember("late_p99", .integer(lateP99)),
            JSONMember("connections", .integer(usage.openConnections)),
            JSONMember("generator_cores", .number("\(usage.generatorCores)")),
            JSONMember("edge_cores", usage.edgeCores.map { .number("\($0)") } ?? .null),
            JSONMember("events", .array(events.map { .string($0) })),
        ])
    }
}
