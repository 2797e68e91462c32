import CampaignFile
import Dictionaries
import Foundation
package import Journey
import Kernel
import Ledger
import Store

extension Control {
    /// Which dictionary of a change takes a second person at that time; nil when none does. HQ itself, and what is taken back, need
    /// nobody's leave.
    func approvalNeeded(_ change: Change, _ request: Request, at time: Date) throws -> NeededApproval? {
        guard request.actor.door != .hq, request.approving == nil, !request.isTakingBack else { return nil }
        let names = Set(change.edits.filter { $0.kind == Dictionaries.kind }.map { $0.path[0] }).sorted()
        guard !names.isEmpty else { return nil }
        let declared = try store.read { try Dictionaries.list(in: $0) }
        let isFrozen = campaign.freeze(at: time) != nil
        let needed = declared.filter { one in
            guard names.contains(one.name), let approval = one.declaration.approval else { return false }
            return approval.when == .always || isFrozen
        }
        guard let by = needed.compactMap({ $0.declaration.approval?.by }).max() else { return nil }
        return NeededApproval(
            dictionaries: needed.map(\.name),
            isOfFreeze: needed.allSatisfy { $0.declaration.approval?.when == .freeze }, by: by)
    }

    /// The change as it is kept until somebody else has said yes.
    func waiting(
        _ planned: Change, _ timing: Timing, _ request: Request, needs role: Role, _ needed: NeededApproval
    ) throws -> Change {
        let id = "\(try store.read { try Ledger.head(in: $0).number } + 1)"
        let item = ScheduledChange(
            id: id, at: timing.at ?? 0, change: planned, person: request.actor.name, needs: role,
            argv: request.argv, because: request.because, overrides: request.overrides,
            until: timing.until, undoes: nil)
        let pending = PendingApproval(
            change: item, asked: Control.milliseconds(), by: max(needed.by, role),
            reason: needed.words)
        return Change(
            summary: "waits for approval: \(planned.summary)", edits: [try Approvals.creation(pending)])
    }

    package func approvals() throws -> [PendingApproval] { try store.read { try Approvals.list(in: $0) } }

    /// Carries out what another person asked for, through the guards again.
    package func approve(_ id: String, _ request: Request) async throws -> Result {
        let pending = try pending(id, for: request.actor)
        let item = pending.change
        var request = request
        request.approving = item.person
        request.overrides += item.overrides.filter { !request.overrides.contains($0) }
        request.because = request.because ?? item.because
        if item.at > 0 {
            guard item.at > Control.milliseconds() else {
                throw Failure(
                    .conflict, "its time is over: it was for \(LocalTime(campaign.timeZone).stamp(item.at))",
                    hint: "hq reject \(id); then ask anew")
            }
            request.startsAt = item.at
        }
        // What has no beginning of its own begins with the yes, and lasts as long as was asked for.
        request.until = item.until.map {
            item.at > 0 ? $0 : Control.milliseconds() + max(1, $0 - pending.asked)
        }
        request.settles = try Approvals.removal(pending)
        return try await carryOut(request, needs: pending.by) { _ in
            Change(summary: "\(item.summary) (asked for by \(item.person))", edits: item.edits)
        }
    }

    /// Says no to what another person asked for.
    package func reject(_ id: String, _ request: Request) async throws -> Result {
        let pending = try pending(id, for: request.actor)
        let removal = try Approvals.removal(pending)
        return try await carryOut(request, needs: pending.by) { _ in
            Change(
                summary: "rejected: \(pending.change.summary) (asked for by \(pending.change.person))",
                edits: [removal])
        }
    }

    private func pending(_ id: String, for actor: Actor) throws -> PendingApproval {
        try require(.editor, actor)
        guard let pending = try store.read({ try Approvals.request(id, in: $0) }) else {
            throw Failure(
                .notFound, "nothing waits under the number \(id)", hint: "hq approvals shows what does")
        }
        guard pending.change.person != actor.name else {
            throw Failure(
                .forbidden, "nobody approves their own change", hint: "hq undo \(id) withdraws it")
        }
        return pending
    }
}

/// Which dictionary takes a second person, and when.
struct NeededApproval: Sendable, Hashable {
    let dictionaries: [String]
    let isOfFreeze: Bool
    /// What that person must be at least.
    let by: Role

    var words: String {
        dictionaries.joined(separator: ", ") + (dictionaries.count == 1 ? " takes" : " take")
            + " a second person"
            + (isOfFreeze ? " while the calendar is frozen" : "")
    }
}
