import CampaignFile
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
    ]

    /// What `--override` may name: the guards, and the watch that follows a change.
    static let overridable: [String] = all.map(\.name) + [Watch.name]

    static func judge(_ change: Change, _ facts: GuardFacts) -> [Verdict] {
        all.compactMap { $0.judge(change, facts) }
    }
}
