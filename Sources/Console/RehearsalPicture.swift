import Kernel
import Rehearsal

/// A rehearsal as the console shows it, while it goes on and afterwards.
enum RehearsalPicture {
    private struct Page {
        struct StatusClass {
            let label: String
            let fill: String
            let count: String
            let share: String
        }
        struct Row {
            let what: String
            let value: String
        }
        struct Failed {
            let what: String
            let count: String
        }
        struct Latency {
            let name: String
            let count: String
            let p50: String
            let p99: String
            let p999: String
            let max: String
        }
        let figures: [Figure]
        let rates: String
        let top: String
        let latency: String
        let slowest: String
        let statusBar: String
        let classes: [StatusClass]
        let failed: [Failed]
        let waitsTitle: String
        let waits: [Row]
        let latencies: [Latency]
        let hasEvents: Bool
        let events: [String]
    }

    static func html(of account: RehearsalAccount) -> String {
        let answers = max(1, account.statuses.reduce(0, +))
        let sent = account.points.map { Double($0.sent) }
        let page = Page(
            figures: figures(account),
            rates: Charts.lines(
                account.points.map { Double($0.wanted) }, sent,
                label: "requests a second; now \(account.now.wanted) asked for, \(account.now.sent) sent"),
            top: grouped(Int(sent.max() ?? 0)),
            latency: Charts.spark(
                account.points.map { Double($0.p99) },
                label: "p99 of each second; now \(milliseconds(account.now.p99))"),
            slowest: milliseconds(account.points.map(\.p99).max() ?? 0),
            statusBar: Charts.stacked(zip(account.statuses, Console.fills).map { (Double($0), $1.fill) }),
            classes: zip(account.statuses, Console.fills).dropFirst().map { count, look in
                Page.StatusClass(
                    label: look.label, fill: look.fill, count: grouped(count),
                    share: shortDecimal(Double(count) * 100 / Double(answers)) + "%")
            }, failed: account.failed.map { Page.Failed(what: $0.what, count: grouped($0.count)) },
            waitsTitle: account.ended == nil ? "What waits now" : "What waited at the end",
            waits: waits(account),
            latencies: account.latencies.map {
                Page.Latency(
                    name: $0.name, count: grouped($0.count), p50: milliseconds($0.p50),
                    p99: milliseconds($0.p99), p999: milliseconds($0.p999), max: milliseconds($0.max))
            }, hasEvents: !account.events.isEmpty, events: account.events)
        return Templates.render("picture", page)
    }

    private static func figures(_ account: RehearsalAccount) -> [Figure] {
        let all = account.latencies.first { $0.name == "all" }
        let failed = account.failed.reduce(0) { $0 + $1.count } + account.statuses[4]
        if account.ended != nil {
            return [
                Figure(
                    label: "Requests", value: grouped(account.due),
                    note: "\(grouped(account.answers)) answered"),
                Figure(
                    label: "p50", value: milliseconds(all?.p50 ?? 0), note: "half were faster"),
                Figure(
                    label: "p99", value: milliseconds(all?.p99 ?? 0),
                    note: "p99.9 \(milliseconds(all?.p999 ?? 0))"),
                Figure(label: "Failed", value: grouped(failed), note: "no answer, or a 5xx"),
            ]
        }
        return [
            Figure(
                label: "Requests a second", value: grouped(account.now.sent),
                note: "\(grouped(account.now.wanted)) asked for"),
            Figure(
                label: "p50, this second", value: milliseconds(account.now.p50),
                note: "p99 \(milliseconds(account.now.p99))"),
            Figure(
                label: "p99 so far", value: milliseconds(all?.p99 ?? 0),
                note: "p99.9 \(milliseconds(all?.p999 ?? 0))"),
            Figure(label: "Failed", value: grouped(failed), note: "no answer, or a 5xx"),
        ]
    }

    private static func waits(_ account: RehearsalAccount) -> [Page.Row] {
        let now = account.now
        var rows = [
            Page.Row(
                what: "connections that wait for an answer",
                value: "\(grouped(now.busyConnections)) of \(grouped(now.openConnections)) open"),
            Page.Row(what: "connections that there may be", value: grouped(account.maxConnections)),
            Page.Row(what: "requests that wait for a connection", value: grouped(now.backlog)),
            Page.Row(what: "the generator's processor", value: cores(now.generatorCores)),
        ]
        if let edge = now.edgeCores {
            rows.append(Page.Row(what: "the edge's processor", value: cores(edge)))
        }
        if let busy = now.busyCores, let all = now.cores {
            rows.append(
                Page.Row(what: "the machine's processors", value: "\(shortDecimal(busy)) of \(all)"))
        }
        return rows
    }

    private static func cores(_ count: Double) -> String { "\(shortDecimal(count)) cores" }
}
