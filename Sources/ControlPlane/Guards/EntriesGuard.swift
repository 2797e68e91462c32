import Dictionaries
import Journey

/// Nothing goes live that its dictionary's kind forbids: circles of redirects, weights that do not add up, addresses that shut out
/// the campaign. What is taken back is only warned of: it was so before.
enum EntriesGuard {
    static let name = "entries"

    static func judge(_ change: Change, _ facts: GuardFacts) -> Verdict? {
        guard let first = facts.findings.first(where: { $0.weight == .blocks }) ?? facts.findings.first else {
            return nil
        }
        let others = facts.findings.count - 1
        let more = others > 0 ? " (and \(others) more like it)" : ""
        let blocks = first.weight == .blocks && !facts.isTakingBack
        return Verdict(
            name, blocks ? .block : .warn, first.message + more, wayPast: first.hint)
    }
}
