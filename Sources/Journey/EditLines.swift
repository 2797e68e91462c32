package import Foundation
import Kernel

/// What an edit changed, for people: an entry as it is, a text by its lines that differ, a schedule by its time.
package enum EditLines {
    /// Lines of a text that are shown; whoever wants all of them has `--json`.
    static let lines = 40
    /// Characters of one value.
    static let characters = 400

    /// Rows of thing, before and after.
    package static func rows(_ edit: Edit, zone: TimeZone) -> [[String]] {
        let thing = edit.path.joined(separator: " ")
        if let item = scheduled(edit.after) ?? scheduled(edit.before) {
            let local = LocalTime(zone)
            let text = "at \(local.text(local.date(item.at))): \(item.summary)"
            return [["schedule \(thing)", edit.before == nil ? "-" : text, edit.after == nil ? "-" : text]]
        }
        if let pending = pending(edit.after) ?? pending(edit.before) {
            let state = edit.after == nil ? "settled" : "waits for a second person"
            return [["request \(thing)", "", "\(state): \(pending.change.summary)"]]
                + pending.change.edits.prefix(lines).flatMap { rows($0, zone: zone) }
        }
        let edit = edit.masked
        let before = (edit.before ?? "").components(separatedBy: "\n")
        let after = (edit.after ?? "").components(separatedBy: "\n")
        guard before.count > 1 || after.count > 1 else {
            return [[thing, brief(edit.before), brief(edit.after)]]
        }
        guard edit.before != nil, edit.after != nil else {
            let size = { (text: String?, lines: [String]) in text == nil ? "-" : counted(lines.count, "line")
            }
            return [[thing, size(edit.before, before), size(edit.after, after)]]
        }
        return differences(thing, before, after)
    }

    private static func pending(_ text: String?) -> PendingApproval? {
        guard let text, text.hasPrefix("{\"") else { return nil }
        return try? JSONDecoder().decode(PendingApproval.self, from: Data(text.utf8))
    }

    private static func scheduled(_ text: String?) -> ScheduledChange? {
        guard let text, text.hasPrefix("{\"") else { return nil }
        return try? JSONDecoder().decode(ScheduledChange.self, from: Data(text.utf8))
    }

    private static func brief(_ text: String?) -> String {
        guard let text else { return "-" }
        return text.count > characters ? text.prefix(characters - 3) + "..." : text
    }

    private static func differences(_ thing: String, _ before: [String], _ after: [String]) -> [[String]] {
        var rows: [[String]] = []
        for change in after.difference(from: before) {
            switch change {
            case .remove(let offset, let line, _): rows.append(["\(thing):\(offset + 1)", brief(line), ""])
            case .insert(let offset, let line, _): rows.append(["\(thing):\(offset + 1)", "", brief(line)])
            }
        }
        guard rows.count > lines else { return rows }
        return rows.prefix(lines) + [["\(thing)", "", "... \(rows.count - lines) more lines"]]
    }
}
