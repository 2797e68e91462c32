import CampaignFile
import Foundation
package import Journey
import Kernel
import Ledger
import People
import Store

/// When a change takes effect and when it is taken back; milliseconds since 1970, nil for now and for never.
struct Timing {
    var at: Int64?
    var until: Int64?
}

extension Control {
    func timing(of request: Request) throws -> Timing {
        let local = LocalTime(campaign.timeZone)
        let now = Control.milliseconds()
        var timing = Timing()
        timing.until = request.until
        timing.at = request.startsAt
        if let text = request.at {
            guard let at = local.parse(text, now: now) else {
                throw Failure(.usage, "'\(text)' is no time", hint: "write \(LocalTime.forms)")
            }
            guard at > now else {
                throw Failure(.usage, "\(local.text(local.date(at))) is over", hint: "choose a time to come")
            }
            guard at < now + ScheduleLimits.daysAhead * 86_400_000 else {
                throw Failure(.limit, "a change is scheduled \(ScheduleLimits.daysAhead) days ahead at most")
            }
            timing.at = at
        }
        if let text = request.duration {
            guard let duration = Duration(parsing: text), duration > .zero else {
                throw Failure(.usage, "'\(text)' is no duration", hint: "write 30m, 2h or 1d")
            }
            let until = (timing.at ?? now) + duration.nanoseconds / 1_000_000
            guard until < now + ScheduleLimits.daysAhead * 86_400_000 else {
                throw Failure(.limit, "a change ends within \(ScheduleLimits.daysAhead) days, or stays")
            }
            timing.until = until
        }
        return timing
    }

    /// The change as it is applied now: with `at` only a note of what is to come, with `until` its own end beside it.
    func scheduled(_ planned: Change, _ timing: Timing, _ request: Request, needs role: Role) throws -> Change
    {
        let id = "\(try store.read { try Ledger.head(in: $0).number } + 1)"
        let local = LocalTime(campaign.timeZone)
        func item(at: Int64, _ change: Change, until: Int64?, undoes: Int64?) -> ScheduledChange {
            ScheduledChange(
                id: id, at: at, change: change, person: request.actor.name, needs: role, argv: request.argv,
                because: request.because, overrides: request.overrides, until: until, undoes: undoes,
                role: request.actor.role)
        }
        if let at = timing.at {
            let waiting = item(at: at, planned, until: timing.until, undoes: nil)
            return Change(
                summary: "at \(local.text(local.date(at))): \(planned.summary)",
                edits: [try Schedules.creation(waiting)])
        }
        guard let until = timing.until else { return planned }
        let back = Change(summary: "back after its time: \(planned.summary)", edits: planned.takenBack)
        return Change(
            summary: "until \(local.text(local.date(until))): \(planned.summary)",
            edits: planned.edits + [
                try Schedules.creation(item(at: until, back, until: nil, undoes: Int64(id)))
            ],
            noUndo: planned.noUndo)
    }

    package func schedules() throws -> [ScheduledChange] { try store.read { try Schedules.list(in: $0) } }

    /// Carries out what is due, each through the guards again. Returns a line for each.
    package func runDue() async -> [String] {
        let now = Control.milliseconds()
        var lines: [String] = []
        for item in (try? store.read({ try Schedules.due(now, in: $0) })) ?? [] {
            // It may have been cancelled while the one before it waited for the edges.
            guard (try? store.read { try Schedules.current([item.id], in: $0) }) ?? nil != nil else {
                continue
            }
            do {
                let entry = try await carryOut(due: item, now: now)
                lines.append("entry \(entry?.number ?? 0) as scheduled: \(item.summary)")
            } catch {
                let failure = error as? Failure
                let reason = failure?.message ?? "it could not be applied"
                settle(item, reason, hasEntry: failure?.kind == .refused)
                lines.append("the scheduled change '\(item.summary)' was refused: \(reason)")
            }
        }
        return lines
    }

    private func carryOut(due item: ScheduledChange, now: Int64) async throws -> LedgerEntry? {
        let removal = try Schedules.removal(item)
        if item.undoes != nil {
            // The end was decided together with the beginning: it needs nobody's leave, and a freeze does not hold it up.
            var request = Request(
                actor: .hq, argv: item.argv,
                because: item.because ?? "its time is over, as \(item.person) said",
                overrides: [CalendarGuard.name])
            request.isTakingBack = true
            return try await carryOut(request, needs: item.needs, undoes: item.undoes) { _ in
                Change(summary: item.summary, edits: item.edits + [removal])
            }.entry
        }
        if let until = item.until, until <= now {
            throw Failure(.conflict, "its time was over before it could begin")
        }
        guard let role = try store.read({ try People.role(of: item.person, in: $0) }) else {
            throw Failure(.forbidden, "\(item.person), who scheduled it, has left")
        }
        var request = Request(
            actor: Actor(name: item.person, role: min(role, item.role ?? role), door: .hq), argv: item.argv,
            because: item.because,
            overrides: item.overrides)
        request.until = item.until
        return try await carryOut(request, needs: item.needs) { _ in
            Change(summary: item.summary, edits: item.edits + [removal])
        }.entry
    }

    /// What was due and did not happen is over all the same, and has an entry that says why.
    private func settle(_ item: ScheduledChange, _ reason: String, hasEntry: Bool) {
        let draft = LedgerDraft(
            at: Control.milliseconds(), actor: Actor(name: item.person, role: item.needs, door: .hq),
            argv: item.argv, change: Change(summary: item.summary, edits: item.edits),
            verdicts: [Verdict("schedule", .block, reason)], outcome: .refused, because: item.because)
        let entry = try? store.write { transaction in
            try Schedules.apply(try Schedules.removal(item), in: transaction)
            return hasEntry ? nil : try Ledger.append(draft, in: transaction)
        }
        if let entry = entry.flatMap(\.self) { publish(entry) }
    }
}
