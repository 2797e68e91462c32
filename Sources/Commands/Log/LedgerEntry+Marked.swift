import Journey
import Ledger

extension LedgerEntry {
    /// The summary, with what stands out about it.
    var marked: String {
        let overridden = verdicts.filter(\.overridden).map { "OVERRODE \($0.guardName)" }
        let marks = overridden + (outcome == .refused ? ["refused"] : [])
        return (marks.isEmpty ? "" : "[\(marks.joined(separator: ", "))] ") + change.summary
    }
}
