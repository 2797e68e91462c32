import CampaignFile
import Foundation
import Journey

/// No change to what the public sees while the calendar says freeze.
enum CalendarGuard {
    static let name = "calendar"

    static func judge(_ change: Change, _ facts: GuardFacts) -> Verdict? {
        guard change.isPublic else { return nil }
        guard let freeze = facts.campaign.freeze(at: facts.time) else {
            return Verdict(name, .pass, "no freeze")
        }
        // It is on the night of the debate that it is needed.
        guard !change.isShedding else {
            return Verdict(
                name, .warn,
                "the calendar is frozen for \(freeze.name), which does not hold up the shed switch")
        }
        let until = LocalTime(facts.campaign.timeZone).text(freeze.to)
        return Verdict(
            name, .block, "the calendar is frozen for \(freeze.name) until \(until)",
            wayPast: "an operator may add --override calendar --because \"...\"")
    }
}
