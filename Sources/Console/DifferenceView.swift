import EdgeLink
import Kernel
import VCLSimulator

/// What is answered differently, side by side, and to which requests.
struct DifferenceView {
    struct Row: Hashable {
        let what: String
        let before: String
        let after: String
    }
    private(set) var requests: [String]
    let rows: [Row]
    let hasOthers: Bool
    /// What differs besides the answer: what the backend is asked, for how long the answer is kept.
    let others: [String]

    init(_ one: BehaviourDifference) {
        let host = one.request.headers.first { $0.name.lowercased() == "host" }?.value ?? ""
        requests = ["\(one.request.method) \(host)\(one.request.url)".cut(to: ConsoleLimits.summary)]
        let (old, new) = (one.before.response, one.after.response)
        var all: [(what: String, before: String, after: String)] = [
            ("Status", "\(old.status) \(old.reason)", "\(new.status) \(new.reason)"),
            ("Cache", one.before.cache, one.after.cache),
        ]
        let (before, after) = (DifferenceView.headers(old), DifferenceView.headers(new))
        for name in Set(before.keys).union(after.keys).sorted() {
            all.append(
                (
                    after[name]?.name ?? before[name]?.name ?? name, before[name]?.value ?? "not there",
                    after[name]?.value ?? "not there"
                ))
        }
        if old.body != new.body {
            all.append(("Body", DifferenceView.excerpt(old.body), DifferenceView.excerpt(new.body)))
        }
        rows = all.filter { $0.what == "Body" || $0.before != $0.after }.map {
            Row(what: $0.what, before: $0.before, after: $0.after)
        }
        others = one.changes.filter { change in
            !["status ", "cache ", "header ", "body of "].contains { change.hasPrefix($0) }
        }.map(\.sentence)
        hasOthers = !others.isEmpty
    }

    /// Requests with the same difference together, each difference where it comes first.
    static func grouped(_ all: [BehaviourDifference]) -> [DifferenceView] {
        var found: [DifferenceView] = []
        for view in all.map({ DifferenceView($0) }) {
            if let place = found.firstIndex(where: { $0.rows == view.rows && $0.others == view.others }) {
                found[place].requests += view.requests
            } else {
                found.append(view)
            }
        }
        return found
    }

    /// By lowercased name; several of one name together.
    private static func headers(_ response: SimulatedResponse) -> [String: (name: String, value: String)] {
        Dictionary(response.headers.map { ($0.name.lowercased(), ($0.name, $0.value)) }) {
            ($0.0, $0.1 + ", " + $1.1)
        }
    }

    private static func excerpt(_ body: [UInt8]) -> String {
        if body.isEmpty { return "empty" }
        return "\(counted(body.count, "byte")): "
            + String(decoding: body, as: UTF8.self).cut(to: ConsoleLimits.summary)
    }
}

/// A line of a text difference.
struct DiffLine {
    let look: String
    let text: String

    /// Every file that is not the same in both; nil when too much differs for a comparison to be worth its time and memory.
    static func lines(from old: EdgeSnapshot, to new: EdgeSnapshot) -> [DiffLine]? {
        var all: [DiffLine] = []
        for name in Set(old.files.keys).union(new.files.keys).union([old.mainName]).sorted() {
            let (before, after) = (old.text(of: name) ?? "", new.text(of: name) ?? "")
            guard before != after else { continue }
            guard isComparable(before, after) else { return nil }
            let text = LineDiff.unified(before, after, from: "active: \(name)", to: "candidate: \(name)")
            all += text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map {
                place, line in
                DiffLine(look: look(line, isHead: place < 2), text: String(line))
            }
        }
        return all
    }

    private static func look(_ line: Substring, isHead: Bool) -> String {
        if isHead { return "head" }
        switch line.first {
        case "+": return "added"
        case "-": return "removed"
        case "@": return "head"
        default: return "same"
        }
    }

    /// The comparison's memory grows with the square of the lines between the first and the last that differ.
    private static func isComparable(_ before: String, _ after: String) -> Bool {
        let old = before.split(separator: "\n", omittingEmptySubsequences: false)
        let new = after.split(separator: "\n", omittingEmptySubsequences: false)
        let head = zip(old, new).prefix { $0 == $1 }.count
        let tail = zip(old.dropFirst(head).reversed(), new.dropFirst(head).reversed()).prefix { $0 == $1 }
            .count
        return old.count + new.count - 2 * (head + tail) <= ConsoleLimits.differingLines
    }
}
