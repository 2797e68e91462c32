import ControlPlane
import Journey
import Kernel
import Ledger

extension Report {
    /// Edits of a change that is only looked at; more is a file that one reads elsewhere.
    private static let editsShown = 100
    /// Edits in what programs get as the answer to a command; `hq show N` has all of them.
    private static let editsTold = 1000

    /// What became of a change.
    init(_ result: Control.Result) {
        let verdicts = result.verdicts
        let change = result.change.masked
        self.init(
            result.entry.map { "\($0.number)  \(change.summary)" } ?? "would change: \(change.summary)")
        for verdict in verdicts where verdict.decision != .pass {
            notes.append(
                verdict.overridden
                    ? "OVERRODE the \(verdict.guardName) guard: \(verdict.reason)"
                    : "\(verdict.guardName): \(verdict.reason)")
        }
        if result.entry == nil {
            for edit in change.edits.prefix(Report.editsShown) where change.edits.count > 1 {
                fields.append(
                    .init(
                        edit.path.joined(separator: " "),
                        "\(edit.before ?? "not there") -> \(edit.after ?? "removed")"))
            }
            let hidden = change.edits.count - Report.editsShown
            if hidden > 0 { fields.append(.init("...", "and \(hidden) more")) }
            if verdicts.contains(where: { $0.decision == .block && !$0.overridden }) {
                fields.append(.init("verdict", "it would not go live like this"))
            }
        }
        if let time = result.time { fields.append(.init("when", time)) }
        if let effect = result.effect {
            let time = shortDecimal(effect.milliseconds)
            let place =
                effect.connected == 0
                ? "no edge is connected; they follow when they are"
                : "in effect on \(effect.inEffect) of \(effect.connected) edges after \(time) ms"
            fields.append(.init("effect", place))
            notes += effect.refusals
        }
        if let remote = result.remote { fields.append(.init("elsewhere", remote)) }
        if !result.preview.isEmpty {
            table = Table(
                columns: ["a visit", "before", "after"],
                rows: result.preview.map { [$0.visit, $0.before, $0.after] })
        }
        if let entry = result.entry {
            hint =
                result.isWaiting
                ? "somebody else may hq approve \(entry.number); hq undo \(entry.number) withdraws it"
                : "hq undo \(entry.number) takes it back"
        }
        func value(_ encodable: (some Encodable)?) -> JSON {
            (try? encodable.map { try JSON(encoding: $0) }) ?? .null
        }
        let members: [String: JSON] = [
            "entry": value(result.entry?.number), "change": value(change.first(Report.editsTold)),
            "verdicts": value(verdicts),
            "effect": value(result.effect), "preview": value(result.preview), "time": value(result.time),
            "waiting": .bool(result.isWaiting), "dryRun": .bool(result.entry == nil),
        ]
        data = .object(members)
    }
}

extension Change {
    /// With its first edits alone.
    fileprivate func first(_ count: Int) -> Change {
        edits.count <= count
            ? self : Change(summary: summary, edits: Array(edits.prefix(count)), noUndo: noUndo)
    }
}
