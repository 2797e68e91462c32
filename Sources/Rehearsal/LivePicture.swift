import Kernel

/// A rehearsal as a screen shows it while it goes on: the last second, and what went before as lines of bars.
package struct LivePicture: Sendable {
    private static let bars: [Character] = Array(" ▁▂▃▄▅▆▇█")

    /// A bar for each stretch of `values`, the highest of which fills the line; the newest stands to the right.
    package static func sparkline(_ values: [Double], width: Int = RehearsalLimits.sparkBars) -> String {
        let shown = condensed(values, width)
        guard let top = shown.max(), top > 0 else { return String(repeating: " ", count: shown.count) }
        return String(
            shown.map { value in
                value <= 0 ? bars[0] : bars[max(1, min(8, Int((value / top * 8).rounded(.up))))]
            })
    }

    /// Each bar the highest of its stretch, so that no peak is lost.
    private static func condensed(_ values: [Double], _ width: Int) -> [Double] {
        guard values.count > width else { return values }
        return (0..<width).map { bar in
            values[(bar * values.count / width)..<((bar + 1) * values.count / width)].max() ?? 0
        }
    }

    /// Lines of at most 80 columns, always the same number.
    package static func lines(_ report: RehearsalReport, length: Double) -> [String] {
        guard let last = report.seconds.last else { return [] }
        let errors = report.total.failures
        let statuses = report.total.statuses.enumerated().filter { $0.element > 0 }
            .map { "\($0.offset + 1)xx \(grouped($0.element))" }
        let usage = last.usage
        var processors = "generator \(shortDecimal(usage.generatorCores)) cores"
        if let edge = usage.edgeCores { processors += ", edge \(shortDecimal(edge))" }
        if let busy = usage.busyCores, let cores = usage.cores {
            processors += ", machine \(shortDecimal(busy)) of \(cores)"
        }
        return [
            "\(report.shape)  \(last.second + 1) of \(Int(length.rounded(.up))) s  \(report.target)",
            "rate     \(grouped(Int(last.wanted.rounded()))) wanted, \(grouped(last.sent)) sent, \(grouped(last.answers)) answered",
            "         \(sparkline(report.seconds.map { Double($0.sent) }))",
            "p99      all \(milliseconds(last.p99)), hits \(milliseconds(last.hitP99)); p50 \(milliseconds(last.p50))",
            "         \(sparkline(report.seconds.map { Double($0.p99) }))",
            "so far   p99 \(milliseconds(report.total.all.value(at: 0.99))), p99.9 \(milliseconds(report.total.all.value(at: 0.999))); of hits \(milliseconds(report.total.hits.value(at: 0.99))), \(milliseconds(report.total.hits.value(at: 0.999)))",
            "answers  \(statuses.joined(separator: ", ")); without an answer: \(grouped(errors))",
            "open     \(counted(usage.openConnections, "connection")), \(grouped(usage.busyConnections)) busy; \(processors)",
        ].map { String($0.prefix(80)) }
    }
}
