/// The difference between two texts, line by line.
package enum LineDiff {
    /// Lines around each change.
    private static let around = 3

    /// In the unified format; empty for equal texts.
    package static func unified(_ old: String, _ new: String, from: String, to: String, colour: Bool = false)
        -> String
    {
        let (before, after) = (lines(old), lines(new))
        let changes = changes(before, after)
        guard changes.contains(where: { $0.kind != .same }) else { return "" }
        let paint = { (code: String, text: String) in colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        var out: [String] = [paint("1", "--- \(from)"), paint("1", "+++ \(to)")]
        for range in hunks(changes) {
            let part = changes[range]
            let (first, second) = (part.first!.old, part.first!.new)
            let removed = part.count { $0.kind != .added }
            let added = part.count { $0.kind != .removed }
            out.append(paint("36", "@@ -\(first + 1),\(removed) +\(second + 1),\(added) @@"))
            for change in part {
                switch change.kind {
                case .same: out.append(" " + change.text)
                case .removed: out.append(paint("31", "-" + change.text))
                case .added: out.append(paint("32", "+" + change.text))
                }
            }
        }
        return out.joined(separator: "\n")
    }

    private static func lines(_ text: String) -> [String] {
        var all = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if all.last == "" { all.removeLast() }
        return all
    }

    private struct Change {
        enum Kind { case same, removed, added }
        let kind: Kind
        let text: String
        /// Where it stands, or would stand, in each text.
        let old: Int
        let new: Int
    }

    private static func changes(_ before: [String], _ after: [String]) -> [Change] {
        let difference = after.difference(from: before)
        var removed: Set<Int> = []
        var added: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): added.insert(offset)
            }
        }
        var (old, new) = (0, 0)
        var all: [Change] = []
        while old < before.count || new < after.count {
            if old < before.count, removed.contains(old) {
                all.append(Change(kind: .removed, text: before[old], old: old, new: new))
                old += 1
            } else if new < after.count, added.contains(new) {
                all.append(Change(kind: .added, text: after[new], old: old, new: new))
                new += 1
            } else {
                all.append(Change(kind: .same, text: before[old], old: old, new: new))
                old += 1
                new += 1
            }
        }
        return all
    }

    private static func hunks(_ changes: [Change]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for (index, change) in changes.enumerated() where change.kind != .same {
            let range = max(0, index - around)..<min(changes.count, index + around + 1)
            if let last = found.last, last.upperBound >= range.lowerBound {
                found[found.count - 1] = last.lowerBound..<range.upperBound
            } else {
                found.append(range)
            }
        }
        return found
    }
}
