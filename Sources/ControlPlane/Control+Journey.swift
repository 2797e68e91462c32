import CampaignFile
import Diagnostics
import Dictionaries
import Foundation
package import Journey
import Kernel
package import Ledger
import People
import Remote
import Services
package import Store
import VCLPipeline

extension Control {
    package struct Request: Sendable {
        package var actor: Actor
        package var argv: [String]
        package var because: String?
        package var dryRun: Bool
        /// Names of guards whose block is overridden.
        package var overrides: [String]
        /// When it shall take effect, in the person's words; nil for now.
        package var at: String?
        /// How long it shall stay, in the person's words; nil for good.
        package var duration: String?
        /// When it ends, in milliseconds since 1970: of a change that was scheduled with its end.
        var until: Int64?
        /// When it begins, likewise.
        var startsAt: Int64?
        /// Who asked for it, when this is the second person's yes.
        var approving: String?
        /// It is the way back from an earlier change.
        var isTakingBack = false
        /// What is over when this is committed, whenever it takes effect: the request that was approved.
        var settles: Edit?

        package init(
            actor: Actor, argv: [String], because: String? = nil, dryRun: Bool = false,
            overrides: [String] = [], at: String? = nil, duration: String? = nil
        ) {
            self.actor = actor
            self.argv = argv
            self.because = because
            self.dryRun = dryRun
            self.overrides = overrides
            self.at = at
            self.duration = duration
        }
    }

    /// What became of a request.
    package struct Result: Sendable {
        package let change: Change
        package let verdicts: [Verdict]
        /// Nil for a dry run.
        package let entry: LedgerEntry?
        package let effect: Effect?
        /// What visitors will see differently; of a dry run alone.
        package var preview: [Preview.Line] = []
        /// When it takes effect and when it ends, in the campaign's time zone; nil for now and for good.
        package var time: String?
        /// Nothing is in effect before a second person has said yes.
        package var isWaiting = false
        /// What became of it at the service elsewhere.
        package var remote: String?
    }

    /// Plans, judges and applies. Throws `Failure(.refused)` when a guard blocks; the refusal has an entry of its own.
    package func carryOut(
        _ request: Request, needs role: Role, undoes: Int64? = nil,
        plan: @Sendable (StoreTransaction) throws -> Change
    ) async throws -> Result {
        try require(role, request.actor)
        let timing = try timing(of: request)
        let planned = try store.read { try plan($0) }
        // What is asked over the network comes first: from here on nothing else happens until it is committed.
        let targets = await targetFacts(of: planned)
        let next = try campaignAfter(planned)
        try requireFreeDomains(planned, next)
        let facts = try facts(of: planned, request, timing, next, targets)
        var verdicts = try verdicts(on: planned, request, facts)
        var change = try scheduled(planned, timing, request, needs: role)
        if request.dryRun {
            var result = Result(change: change, verdicts: verdicts, entry: nil, effect: nil)
            result.preview = preview(planned)
            result.time = describe(timing)
            return result
        }
        let blocks = verdicts.filter { $0.decision == .block && !$0.overridden }
        let block = blocks.first { $0.guardName != ApprovalGuard.name }
        let waits = block == nil && !blocks.isEmpty
        if let settled = request.settles {
            change = Change(summary: change.summary, edits: change.edits + [settled], noUndo: change.noUndo)
        }
        if waits, let needed = facts.approval {
            change = try waiting(planned, timing, request, needs: role, needed)
            verdicts = verdicts.map { $0.guardName == ApprovalGuard.name ? $0.softened : $0 }
        }
        let draft = LedgerDraft(
            at: Control.milliseconds(), actor: request.actor, argv: request.argv, change: change,
            verdicts: verdicts, outcome: block == nil ? .applied : .refused, because: request.because,
            undoes: undoes)
        let before = revision
        let entry = try commit(draft, timing.at == nil && !waits ? next : nil)
        publish(entry)
        if let block { throw Failure(.refused, block.reason, hint: block.wayPast) }
        // Shedding makes errors, and is there to make them.
        let isWatched = (request.actor.door != .hq || undoes == nil) && !change.isShedding
        if revision != before, isWatched, !request.overrides.contains(Watch.name) {
            watch.began(.init(entry: entry.number, before: before, after: revision, at: entry.at))
        }
        if let undoes { watch.ended(entry: undoes) }
        let effect = await announce(change)
        var result = Result(change: change, verdicts: verdicts, entry: entry, effect: effect)
        result.time = describe(timing)
        result.isWaiting = waits
        result.remote = await followElsewhere(change)
        return result
    }

    package func require(_ role: Role, _ actor: Actor) throws {
        guard actor.role < role else { return }
        let who = Role.allCases.filter { $0 >= role }.map(\.rawValue).joined(separator: ", ")
        throw Failure(
            .forbidden, "\(actor.name) may not do that as \(actor.role.rawValue)",
            hint: "it takes one of: \(who)")
    }

    /// What the guards say, with what the request overrides marked.
    private func verdicts(
        on change: Change, _ request: Request, _ facts: GuardFacts
    ) throws -> [Verdict] {
        if let unknown = request.overrides.first(where: { !Guards.overridable.contains($0) }) {
            throw Failure(
                .usage, "there is no guard '\(unknown)'",
                hint: "there are \(Guards.overridable.joined(separator: ", "))")
        }
        try requireOverrides(request)
        var verdicts = Guards.judge(change, facts)
        if request.overrides.contains(Watch.name) {
            verdicts.append(Verdict(Watch.name, .block, "errors after it take nothing back"))
        }
        for index in verdicts.indices
        where verdicts[index].decision == .block && request.overrides.contains(verdicts[index].guardName) {
            verdicts[index].overridden = true
        }
        return verdicts
    }

    /// Whether or not the guard blocks at the moment: it may when the time has come, or when a second person says yes.
    private func requireOverrides(_ request: Request) throws {
        guard let first = request.overrides.first else { return }
        guard request.actor.role >= .operator else {
            throw Failure(.forbidden, "only an operator or an admin may override the \(first) guard")
        }
        guard request.because?.contains(where: { !$0.isWhitespace }) ?? false else {
            throw Failure(.usage, "an override needs a reason", hint: "add --because \"...\"")
        }
    }

    private func describe(_ timing: Timing) -> String? {
        let local = LocalTime(campaign.timeZone)
        let parts = [
            timing.at.map { "at " + local.text(local.date($0)) },
            timing.until.map { "until " + local.text(local.date($0)) },
        ].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ") + " (\(campaign.timeZone.identifier))"
    }

    /// What the campaign will be after a change of its files, nil for other changes. Nothing goes live that does not compile.
    private func campaignAfter(_ change: Change) throws -> Campaign? {
        guard change.edits.contains(where: { $0.kind == CampaignFiles.kind }) else { return nil }
        for edit in change.edits where edit.kind == CampaignFiles.kind && edit.after != nil {
            try CampaignFiles.requireName(edit.path[0])
        }
        let checked = CampaignFiles.check(try filesAfter(change), folder: folder, origin: originAddress)
        guard let next = checked.campaign else {
            throw Failure(
                .invalid,
                "this would leave a campaign with mistakes; what was active stays\n"
                    + checked.diagnostics.rendered())
        }
        return next
    }

    /// The change and its entry in one transaction; nothing is applied when anything differs from what was planned.
    private func commit(_ draft: LedgerDraft, _ next: Campaign?) throws -> LedgerEntry {
        let (last, declared, seal) = (revision, campaign, seal)
        let (entry, number) = try store.write { transaction in
            var number = last
            if draft.outcome == .applied {
                for edit in draft.change.edits {
                    guard try Owners.current(edit, in: transaction) == edit.before else {
                        throw Failure(
                            .conflict, "\(edit.path.joined(separator: " ")) was changed meanwhile",
                            hint: "look again and repeat the command")
                    }
                    try Owners.apply(edit, in: transaction)
                }
                if let next { try Control.declare(next, after: declared, seal: seal, in: transaction) }
                guard try !draft.change.touchesPeople || !People.admins(in: transaction).isEmpty else {
                    throw Failure(
                        .conflict, "nobody would be an admin any more", hint: "make somebody one first")
                }
                if draft.change.reachesEdges { number = try Revision.next(after: last, in: transaction) }
            }
            return (try Ledger.append(draft, in: transaction), number)
        }
        if draft.outcome == .applied, let next {
            campaign = next
            publishSites()
        }
        revision = number
        if draft.outcome == .applied { follow(draft.change) }
        if draft.change.touchesPeople { renewLocalAccess() }
        return entry
    }

    // MARK: undo

    package func undo(_ number: Int64, _ request: Request) async throws -> Result {
        let entry = try store.read { try Ledger.entry(number, in: $0) }
        guard let entry else {
            throw Failure(.notFound, "there is no entry \(number)", hint: "hq log shows them")
        }
        guard entry.outcome == .applied else {
            throw Failure(.conflict, "entry \(number) was refused, so that there is nothing to undo")
        }
        if let reason = entry.change.noUndo {
            throw Failure(.conflict, "entry \(number) cannot be undone: \(reason)")
        }
        if let undoer = try store.read({ try Ledger.undoer(of: number, in: $0) }) {
            throw Failure(
                .conflict, "entry \(number) was undone by entry \(undoer)",
                hint: "hq undo \(undoer) brings it back")
        }
        let needed = entry.change.edits.map { Owners.role(toChange: $0) }.max() ?? .operator
        let now = Control.milliseconds()
        var request = request
        // What brings back what was taken back is a change like any other.
        request.isTakingBack = entry.undoes == nil
        return try await carryOut(request, needs: needed, undoes: number) { transaction in
            for edit in entry.change.edits where edit.kind != Schedules.kind && !edit.isSettledApproval {
                guard try Owners.current(edit, in: transaction) != edit.after else { continue }
                let later = try Ledger.laterEntry(touching: edit.resource, after: number, in: transaction)
                let what = edit.path.joined(separator: " ")
                throw Failure(
                    .conflict,
                    "\(what) was changed again by entry \(later ?? number), which stands on entry \(number)",
                    hint: later.map { "hq undo \($0) first, or set it anew" })
            }
            let edits = try entry.change.inverse.filter { edit in
                // What was approved or rejected is not asked anew by itself.
                if edit.kind == Approvals.kind { return edit.after == nil }
                guard edit.kind == Schedules.kind else { return true }
                // What was scheduled may have happened meanwhile; what is over does not come back.
                if let text = edit.after { return (Schedules.time(of: text) ?? 0) > now }
                return try Schedules.current(edit.path, in: transaction) == edit.before
            }
            guard !edits.isEmpty else {
                throw Failure(.conflict, "nothing of entry \(number) is left to take back")
            }
            return Change(summary: "undo of \(number): \(entry.change.summary)", edits: edits)
        }
    }
}

extension Edit {
    /// A request for a second person that this edit ends.
    fileprivate var isSettledApproval: Bool { kind == Approvals.kind && after == nil }
}

extension Change {
    /// The edits that end it again. The schedule by which it began does not come back with them.
    var takenBack: [Edit] { inverse.filter { $0.kind != Schedules.kind && $0.kind != Approvals.kind } }

    /// Whether it may change who may do what: people stand in the campaign file too.
    var touchesPeople: Bool {
        edits.contains { $0.kind == People.personKind || $0.kind == CampaignFiles.kind }
    }

    /// Whether it changes what edges serve.
    var reachesEdges: Bool {
        edits.contains {
            [
                Dictionaries.kind, CampaignFiles.kind, ShedSwitch.kind, Services.activeKind,
                Services.snippetKind,
            ].contains($0.kind)
        }
    }

    /// Whether the public sees it, at the edges here or at a service elsewhere.
    var isPublic: Bool { reachesEdges || edits.contains { $0.kind == Remote.kind } }
}
