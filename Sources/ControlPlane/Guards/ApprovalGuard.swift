import CampaignFile
import Journey

/// Some dictionaries take two: whoever wants the change and somebody else.
enum ApprovalGuard {
    static let name = "approval"

    static func judge(_ change: Change, _ facts: GuardFacts) -> Verdict? {
        guard let needed = facts.approval else { return nil }
        if let approver = facts.approver { return Verdict(name, .pass, "approved by \(approver)") }
        return Verdict(
            name, .block, needed.words,
            wayPast: "in an emergency an operator may add --override \(name) --because \"...\"")
    }
}
