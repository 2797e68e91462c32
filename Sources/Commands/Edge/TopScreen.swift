import EdgeLink
import EdgeRecords
import Foundation
import Journey
import Kernel

/// The picture that `hq edge top` draws.
struct TopScreen {
    private let rates: EdgeRates
    private let colour: Bool

    init(_ rates: EdgeRates, colour: Bool) {
        self.rates = rates
        self.colour = colour
    }

    private func paint(_ code: String, _ text: String) -> String {
        colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// As many lines as fit, each cut to the width.
    func lines(rows: Int, columns: Int) -> [String] {
        var lines = head + [""] + backends
        let left = max(0, rows - lines.count - 4)
        let clients = Array(rates.now.topClients.prefix(max(3, left / 3)))
        let paths = Array(rates.now.sample.topPaths.prefix(max(3, left - clients.count)))
        lines += ["", paint("2", "  requests  path, in the last minute")]
        lines += paths.map { "  \(grouped($0.count).aligned(8))  \(TopScreen.plain($0.host + $0.path))" }
        if !clients.isEmpty {
            lines += ["", paint("2", "  requests  client, since you look")]
            lines += clients.map { "  \(grouped($0.count).aligned(8))  \(TopScreen.plain($0.client))" }
        }
        return lines.prefix(max(1, rows)).map { TopScreen.cut($0, to: columns) }
    }

    private var head: [String] {
        let sample = rates.now.sample
        let uptime = Duration.milliseconds(max(0, sample.at - sample.started)).brief
        let share = rates.hitShare.map { shortDecimal($0 * 100) + "%" } ?? "-"
        let statuses = zip(1..., rates.statuses).filter { $0.1 > 0 }.map {
            "\($0.0)xx \(TopScreen.rate($0.1))"
        }
        let results = rates.results().filter { $0.1 > 0 }.map { "\($0.0.word) \(TopScreen.rate($0.1))" }
        let errors = (rates.statuses.last ?? 0) > 0
        var lines = [
            paint("1", sample.edge)
                + "  up \(uptime), snapshot \(rates.now.snapshot), \(counted(rates.now.loops.count, "loop"))",
            field(
                "requests",
                "\(TopScreen.rate(rates.perSecond(\.requests))), \(ByteCount(Int(rates.perSecond(\.bodyBytes))))/s"
            ),
            field(
                "answers",
                errors ? paint("31", statuses.joined(separator: "  ")) : statuses.joined(separator: "  ")),
            field("cache", "\(share) from the cache   " + results.joined(separator: "  ")),
            field("latency", latency(CacheResult.allCases)),
            field("of hits", latency([.hit])),
            field("of misses", latency([.miss, .pass])),
            field(
                "connections",
                "\(grouped(sample.openConnections)) open, \(TopScreen.rate(rates.perSecond(\.connections))) new"
            ),
            field("cached", "\(grouped(sample.cachedObjects)) addresses, \(ByteCount(sample.cachedBytes))"),
        ]
        let defended = EdgeStatistics.defences.filter { sample.statistics[keyPath: $0.count] > 0 }.map {
            "\(grouped(sample.statistics[keyPath: $0.count])) \($0.words)"
        }
        if !defended.isEmpty { lines.append(field("defended", defended.joined(separator: ", "))) }
        let lost = rates.now.logs.reduce(rates.now.lostRecords) { $0 + $1.lost }
        if lost > 0 {
            lines.append(field("logs", paint("31", "\(counted(lost, "line")) lost since the start")))
        }
        return lines
    }

    private func field(_ label: String, _ value: String) -> String {
        "  " + paint("2", label.padded(to: 12)) + (value.isEmpty ? "-" : value)
    }

    private func latency(_ results: [CacheResult]) -> String {
        let shares: [(String, Double)] = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)]
        return shares.compactMap { name, share in
            rates.latencies.quantile(share, of: results).map {
                "\(name) \(Duration.nanoseconds(Int64($0)).brief)"
            }
        }.joined(separator: "   ")
    }

    private var backends: [String] {
        let all = rates.backends()
        guard !all.isEmpty else { return [] }
        return [paint("2", "  fetches/s  failed/s  first byte  backend")]
            + all.prefix(8).map { one in
                let time = one.firstByte.map { Duration.nanoseconds($0).brief } ?? "-"
                let bad = TopScreen.number(one.bad).aligned(8)
                return
                    "  \(TopScreen.number(one.fetches).aligned(9))  \(one.bad > 0 ? paint("31", bad) : bad)  \(time.aligned(10))  \(one.backend.name) \(one.backend.address)"
            }
    }

    // MARK: text

    private static func number(_ value: Double) -> String {
        value < 100 ? shortDecimal(value) : grouped(Int(value.rounded()))
    }

    private static func rate(_ value: Double) -> String { number(value) + "/s" }

    /// Addresses come from strangers, who may send what moves a terminal's cursor.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    /// Colours take no room.
    static func cut(_ line: String, to columns: Int) -> String {
        var (kept, width, isEscape) = ("", 0, false)
        for character in line {
            if character == "\u{1B}" { isEscape = true }
            if isEscape {
                kept.append(character)
                if character.isLetter { isEscape = false }
            } else if width < columns {
                kept.append(character)
                width += 1
            }
        }
        return kept
    }
}

extension String {
    fileprivate func aligned(_ width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
