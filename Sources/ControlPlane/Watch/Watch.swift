import EdgeLink
import Kernel

// After a change the answers are watched. Errors alone accuse nobody: an origin may have gone down by itself, a path may have
// failed all along. So when the share of 5xx passes the campaign's limit, the edge is asked to try what failed once more,
// under the snapshots before and after each change of late. A change is undone when what fails with it succeeds without it,
// twice in a row: that is what an undo would change. A flapping origin fails about as often on both sides.

/// Decides which change is to blame, from what edges say. A value: it has no clock and asks nobody.
package struct Watch: Sendable {
    package static let name = "watch"

    struct Watched: Sendable, Hashable {
        let entry: Int64
        /// The snapshots before and with it.
        let before: Int64
        let after: Int64
        let at: Int64
    }

    /// A change that is to be undone.
    struct Conviction: Sendable, Hashable {
        let entry: Int64
        let reason: String
    }

    private struct Point {
        let at: Int64
        let answers: Int
        let errors: Int
    }

    private struct Suspect: Hashable {
        let entry: Int64
        var count: Int
    }

    private struct Edge {
        var points: [Point] = []
        var asked: (order: TrialOrder, at: Int64)?
        var lastAnswer: Int64 = 0
        var suspect: Suspect?
        /// The share of errors that made us ask.
        var share = 0.0
    }

    private(set) var changes: [Watched] = []
    private var edges: [String: Edge] = [:]
    private var nextTrial: Int64 = 1

    mutating func began(_ change: Watched) {
        changes.append(change)
        if changes.count > WatchLimits.changes { changes.removeFirst() }
    }

    /// Takes an entry out: it was undone.
    mutating func ended(entry: Int64) {
        changes.removeAll { $0.entry == entry }
        for name in edges.keys { edges[name]?.suspect = nil }
    }

    /// A sample that arrived at `now` (milliseconds since 1970). An order when this edge is to try what failed.
    mutating func received(_ sample: EdgeSample, now: Int64, share limit: Double, period: Int64)
        -> TrialOrder?
    {
        changes.removeAll { $0.at + period < now }
        var edge = edges[sample.edge] ?? Edge()
        defer { edges[sample.edge] = edge }
        let point = Point(
            at: now, answers: sample.statistics.statuses.reduce(0, +), errors: sample.statistics.statuses[4])
        // An edge that was started again counts from zero.
        if let last = edge.points.last, last.answers > point.answers { edge.points = [] }
        edge.points.append(point)
        edge.points.removeAll { $0.at < now - (WatchLimits.windows.max() ?? 0) * 1000 - 2000 }
        guard let first = changes.first else {
            edge.suspect = nil
            return nil
        }
        if let asked = edge.asked {
            guard now - asked.at > WatchLimits.patience else { return nil }
            edge.asked = nil
        }
        guard now - edge.lastAnswer >= WatchLimits.pause || edge.suspect != nil,
            let share = Watch.share(edge.points, since: first.at, now: now, limit: limit)
        else { return nil }
        edge.share = share
        var snapshots: [Int64] = []
        for change in changes {
            for number in [change.before, change.after] where !snapshots.contains(number) {
                snapshots.append(number)
            }
        }
        let order = TrialOrder(id: nextTrial, snapshots: snapshots, since: first.at)
        nextTrial += 1
        edge.asked = (order, now)
        return order
    }

    /// The share of errors in a window after `since`, when it passes the limit and is more than chance.
    private static func share(_ points: [Point], since: Int64, now: Int64, limit: Double) -> Double? {
        guard let last = points.last else { return nil }
        for seconds in WatchLimits.windows {
            let begin = max(now - seconds * 1000, since)
            guard let first = points.first(where: { $0.at >= begin - 1000 }), first.at < last.at else {
                continue
            }
            let answers = last.answers - first.answers
            let errors = last.errors - first.errors
            if errors >= WatchLimits.errors, Double(errors) >= limit * Double(answers) {
                return Double(errors) / Double(max(answers, 1))
            }
        }
        return nil
    }

    /// What an edge found, at `now`. A conviction when it is the second in a row against the same change.
    mutating func received(_ result: TrialResult, now: Int64) -> Conviction? {
        guard var edge = edges[result.edge], let asked = edge.asked, asked.order.id == result.id else {
            return nil
        }
        defer { edges[result.edge] = edge }
        edge.asked = nil
        edge.lastAnswer = now
        guard let (change, better) = guilty(result) else {
            edge.suspect = nil
            return nil
        }
        let count = edge.suspect?.entry == change.entry ? (edge.suspect?.count ?? 0) + 1 : 1
        edge.suspect = Suspect(entry: change.entry, count: count)
        guard count >= WatchLimits.agreeing else { return nil }
        edge.suspect = nil
        let percent = shortDecimal(edge.share * 100)
        let example = result.examples.first.map { ", such as \($0)" } ?? ""
        return Conviction(
            entry: change.entry,
            reason:
                "\(percent)% of answers were errors after it; of \(result.tried) requests that failed, tried again, \(better) succeed without it\(example)"
        )
    }

    /// The change by which most requests fail that did not before.
    private func guilty(_ result: TrialResult) -> (Watched, Int)? {
        guard result.tried >= WatchLimits.tried else { return nil }
        var worst: (Watched, Int)?
        for change in changes {
            guard let before = result.failures[change.before], let after = result.failures[change.after]
            else {
                continue
            }
            if after - before > (worst?.1 ?? 0) { worst = (change, after - before) }
        }
        guard let worst, Double(worst.1) >= WatchLimits.guiltyShare * Double(result.tried) else { return nil }
        return worst
    }
}
