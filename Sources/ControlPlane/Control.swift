import CampaignFile
import Diagnostics
import Dictionaries
import EdgeLink
package import Foundation
package import Journey
package import Kernel
package import Ledger
import People
package import Store

/// The control plane: plans, judges, applies and remembers every change, and tells the edges. One actor, so that two
/// changes never interleave between reading and writing.
package actor Control {
    package nonisolated let store: Store
    package nonisolated let folder: URL
    nonisolated let originAddress: HostPort
    var campaign: Campaign
    /// The revision of everything that edges see; counts up with each change of it.
    var revision: Int64
    var edges: [String: EdgeSession] = [:]
    /// The files on disk that were refused last, so that each refusal is said once.
    var refusedFiles: [String: String] = [:]
    private var followers: [UUID: AsyncStream<LedgerEntry>.Continuation] = [:]

    package static let migrations =
        Ledger.migrations + Dictionaries.migrations + People.migrations + CampaignFiles.migrations

    /// Opens the campaign in `folder`; its state lives in `.hq/` there.
    package init(folder: URL, originAddress: HostPort) throws {
        self.folder = folder
        self.originAddress = originAddress
        let state = folder.appendingPathComponent(".hq")
        try FileManager.default.createDirectory(
            at: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        store = try Store(
            path: state.appendingPathComponent("store.sqlite").path, migrations: Control.migrations)
        let active = try store.read { try CampaignFiles.active(in: $0) }
        if active.isEmpty {
            let files = CampaignFiles.read(folder: folder)
            let reading = CampaignFiles.check(files, folder: folder, origin: originAddress)
            guard let campaign = reading.campaign else { throw reading.failure(folder) }
            self.campaign = campaign
            let change = CampaignFiles.change(
                from: [:], to: files, summary: "campaign \(campaign.name) begun")
            let draft = LedgerDraft(
                at: Control.milliseconds(), actor: .hq, argv: [], change: change, verdicts: [],
                outcome: .applied, because: nil)
            try store.write { transaction in
                for edit in change.edits { try CampaignFiles.apply(edit, in: transaction) }
                try Control.declare(campaign, in: transaction)
                try CampaignFiles.markSeen(files, in: transaction)
                _ = try Ledger.append(draft, in: transaction)
            }
        } else {
            let reading = CampaignFiles.check(active, folder: folder, origin: originAddress)
            guard let campaign = reading.campaign else { throw reading.failure(folder) }
            self.campaign = campaign
        }
        revision = try store.read { try Ledger.head(in: $0).number } + 1
    }

    static func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// Brings what the campaign file declares into the tables of its owners.
    static func declare(_ campaign: Campaign, in transaction: StoreTransaction) throws {
        try Dictionaries.declare(
            campaign.dictionaries.map { one in
                (
                    one.name, one.about,
                    one.first.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
                )
            }, in: transaction)
        try People.declare(campaign.people.map { ($0.name, $0.role) }, in: transaction)
    }

    // MARK: the journey

    package struct Request: Sendable {
        package var actor: Actor
        package var argv: [String]
        package var because: String?
        package var dryRun: Bool
        /// Names of guards whose block is overridden.
        package var overrides: [String]

        package init(
            actor: Actor, argv: [String], because: String? = nil, dryRun: Bool = false,
            overrides: [String] = []
        ) {
            self.actor = actor
            self.argv = argv
            self.because = because
            self.dryRun = dryRun
            self.overrides = overrides
        }
    }

    /// What became of a request.
    package struct Result: Sendable {
        package let change: Change
        package let verdicts: [Verdict]
        /// Nil for a dry run.
        package let entry: LedgerEntry?
        package let effect: Effect?
    }

    /// Plans, judges and applies. Throws `Failure(.refused)` when a guard blocks; the refusal has an entry of its own.
    package func carryOut(
        _ request: Request, needs role: Role, undoes: Int64? = nil,
        plan: @Sendable (StoreTransaction) throws -> Change
    ) async throws -> Result {
        try require(role, request.actor)
        let change = try store.read { try plan($0) }
        let next = try campaignAfter(change)
        var verdicts = judge(change, at: Date())
        for index in verdicts.indices
        where verdicts[index].decision == .block && request.overrides.contains(verdicts[index].guardName) {
            guard request.actor.role >= .operator else {
                throw Failure(
                    .forbidden,
                    "only an operator or an admin may override the \(verdicts[index].guardName) guard")
            }
            guard request.because != nil else {
                throw Failure(.usage, "an override needs a reason", hint: "add --because \"...\"")
            }
            verdicts[index].overridden = true
        }
        if request.dryRun { return Result(change: change, verdicts: verdicts, entry: nil, effect: nil) }
        let block = verdicts.first { $0.decision == .block && !$0.overridden }
        let draft = LedgerDraft(
            at: Control.milliseconds(), actor: request.actor, argv: request.argv, change: change,
            verdicts: verdicts,
            outcome: block == nil ? .applied : .refused, because: request.because, undoes: undoes)
        let entry = try commit(draft, next)
        if draft.outcome == .applied, let next { campaign = next }
        publish(entry)
        if let block { throw Failure(.refused, block.reason, hint: block.wayPast) }
        let effect = await announce(change)
        return Result(change: change, verdicts: verdicts, entry: entry, effect: effect)
    }

    package func require(_ role: Role, _ actor: Actor) throws {
        guard actor.role < role else { return }
        let who = Role.allCases.filter { $0 >= role }.map(\.rawValue).joined(separator: ", ")
        throw Failure(
            .forbidden, "\(actor.name) is a \(actor.role.rawValue) and may not do that",
            hint: "it takes one of: \(who)")
    }

    /// What the campaign will be after a change of its files, nil for other changes. Nothing goes live that does not compile.
    private func campaignAfter(_ change: Change) throws -> Campaign? {
        guard change.edits.contains(where: { $0.kind == CampaignFiles.kind }) else { return nil }
        var files = try store.read { try CampaignFiles.active(in: $0) }
        for edit in change.edits where edit.kind == CampaignFiles.kind { files[edit.path[0]] = edit.after }
        let checked = CampaignFiles.check(files, folder: folder, origin: originAddress)
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
        try store.write { transaction in
            if draft.outcome == .applied {
                for edit in draft.change.edits {
                    guard try Owners.current(edit, in: transaction) == edit.before else {
                        throw Failure(
                            .conflict, "\(edit.path.joined(separator: " ")) was changed meanwhile",
                            hint: "look again and repeat the command")
                    }
                    try Owners.apply(edit, in: transaction)
                }
                if let next { try Control.declare(next, in: transaction) }
            }
            return try Ledger.append(draft, in: transaction)
        }
    }

    private func judge(_ change: Change, at time: Date) -> [Verdict] {
        [CalendarGuard.judge(change, campaign: campaign, at: time)].compactMap(\.self)
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
        let needed: Role =
            entry.change.edits.allSatisfy { $0.kind == Dictionaries.kind } ? .editor : .operator
        return try await carryOut(request, needs: needed, undoes: number) { transaction in
            for edit in entry.change.edits {
                guard try Owners.current(edit, in: transaction) != edit.after else { continue }
                let later = try Ledger.laterEntry(touching: edit.resource, after: number, in: transaction)
                let what = edit.path.joined(separator: " ")
                throw Failure(
                    .conflict,
                    "\(what) was changed again by entry \(later ?? number), which stands on entry \(number)",
                    hint: later.map { "hq undo \($0) first, or set it anew" })
            }
            return Change(summary: "undo of \(number): \(entry.change.summary)", edits: entry.change.inverse)
        }
    }

    // MARK: the ledger, live

    private func publish(_ entry: LedgerEntry) { for follower in followers.values { follower.yield(entry) } }

    /// Every entry from now on. A reader that falls more than 1,000 behind loses the oldest.
    package func follow() -> AsyncStream<LedgerEntry> {
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(
            of: LedgerEntry.self, bufferingPolicy: .bufferingNewest(1000))
        followers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.unfollow(id) } }
        return stream
    }

    private func unfollow(_ id: UUID) { followers[id] = nil }
}

/// Which capability owns the things of a kind. One line for each kind: all of the journey's reach can be read here.
enum Owners {
    static func current(_ edit: Edit, in transaction: StoreTransaction) throws -> String? {
        switch edit.kind {
        case Dictionaries.kind: try Dictionaries.current(edit.path, in: transaction)
        case People.personKind: try People.current(edit.path, in: transaction)
        case CampaignFiles.kind: try CampaignFiles.current(edit.path, in: transaction)
        default: throw Failure(.internal, "nobody owns '\(edit.kind)'")
        }
    }

    static func apply(_ edit: Edit, in transaction: StoreTransaction) throws {
        switch edit.kind {
        case Dictionaries.kind: try Dictionaries.apply(edit, in: transaction)
        case People.personKind: try People.apply(edit, in: transaction)
        case CampaignFiles.kind: try CampaignFiles.apply(edit, in: transaction)
        default: throw Failure(.internal, "nobody owns '\(edit.kind)'")
        }
    }
}

/// No change to what the public sees while the calendar says freeze.
enum CalendarGuard {
    static func judge(_ change: Change, campaign: Campaign, at time: Date) -> Verdict? {
        guard change.edits.contains(where: { $0.kind == Dictionaries.kind || $0.kind == CampaignFiles.kind })
        else { return nil }
        guard let freeze = campaign.freeze(at: time) else { return Verdict("calendar", .pass, "no freeze") }
        let until = LocalTime.text(freeze.to, campaign.timeZone)
        return Verdict(
            "calendar", .block, "the calendar is frozen for \(freeze.name) until \(until)",
            wayPast: "an operator may add --override calendar --because \"...\"")
    }
}

enum LocalTime {
    /// `21:00 EDT` today, `Mon 26 Sep 21:00 EDT` on another day.
    static func text(_ date: Date, _ zone: TimeZone) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = zone
        formatter.dateFormat = "EEE d MMM yyyy HH:mm zzz"
        return formatter.string(from: date)
    }
}
