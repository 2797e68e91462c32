import CampaignFile
import Dictionaries
import Foundation
import Journey
import VCLPipeline

/// What guards may know besides the change. Gathered before, so that a guard is a pure function.
struct GuardFacts {
    let campaign: Campaign
    /// When the change would take effect.
    let time: Date
    /// What the pipeline found in the program as it would be; nil for a change that leaves it as it is.
    let pipeline: PipelineReport?
    /// What dictionaries would be, seen by their kinds.
    var findings: [Finding] = []
    /// Where redirects would lead.
    var targets: [TargetFact] = []
    /// Watched pages that would be none any more.
    var brokenPages: [Preview.Line] = []
    /// The change is the way back from an earlier one.
    var isTakingBack = false
    /// Set when a dictionary of it takes a second person.
    var approval: NeededApproval?
    /// The second person, who said yes.
    var approver: String?
}

/// A check that every change passes before it is applied.
struct Guard: Sendable {
    /// What `--override` names.
    let name: String
    /// Nil when the change is none of its business.
    let judge: @Sendable (Change, GuardFacts) -> Verdict?
}

/// All guards, in the order in which they speak.
enum Guards {
    static let all: [Guard] = [
        Guard(name: CalendarGuard.name, judge: CalendarGuard.judge),
        Guard(name: VCLGuard.name, judge: VCLGuard.judge),
        Guard(name: EntriesGuard.name, judge: EntriesGuard.judge),
        Guard(name: TargetsGuard.name, judge: TargetsGuard.judge),
        Guard(name: PagesGuard.name, judge: PagesGuard.judge),
        Guard(name: ApprovalGuard.name, judge: ApprovalGuard.judge),
    ]

    /// What `--override` may name: the guards, and the watch that follows a change.
    static let overridable: [String] = all.map(\.name) + [Watch.name]

    static func judge(_ change: Change, _ facts: GuardFacts) -> [Verdict] {
        all.compactMap { $0.judge(change, facts) }
    }
}
