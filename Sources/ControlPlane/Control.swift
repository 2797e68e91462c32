import CampaignFile
import Diagnostics
import Dictionaries
package import EdgeLink
package import Foundation
import Journey
package import Kernel
package import Ledger
import People
import Rehearsals
import Remote
import Services
package import Store
import VCLRuntime

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
    /// What lies on disk and is not active, and why; for whoever looks at the status.
    var fileNote: String?
    /// What is not as it shall be at the service elsewhere.
    var remoteNote: String?
    var isReconciling = false
    /// It was the calendar that refused them.
    var refusedByFreeze = false
    var followers: [UUID: AsyncStream<LedgerEntry>.Continuation] = [:]
    var watch = Watch()
    /// What the watch found and could not mend, newest last.
    var watchNotes: [String] = []
    package internal(set) var traffic = EdgeLink.Traffic()
    /// What edges run, as it was last compiled here.
    var compiled: (document: EdgeSnapshot, snapshot: Snapshot)?
    /// Dictionaries as edges have them, by their names.
    var tables: [String: KeptTable] = [:]
    var runningRehearsals = RunningRehearsals()
    /// The hash of the token that edges show; nil before `openLocalAccess`.
    nonisolated let edgeToken = Guarded<String?>(nil)
    nonisolated let secrets: SecretBox

    package static let migrations =
        Ledger.migrations + Dictionaries.migrations + People.migrations + People.sessionMigrations
        + CampaignFiles.migrations
        + Schedules.migrations + Approvals.migrations + Revision.migrations + Purges.migrations
        + ShedSwitch.migrations
        + Rehearsals.migrations + Remote.migrations + Services.migrations

    /// Opens the campaign in `folder`; its state lives in `.hq/` there.
    package init(folder: URL, originAddress: HostPort) throws {
        self.folder = folder
        self.originAddress = originAddress
        let state = folder.appendingPathComponent(".hq")
        try FileManager.default.createDirectory(
            at: state, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        secrets = try SecretBox(keyFile: state.appendingPathComponent("secret.key"))
        store = try Store(
            path: state.appendingPathComponent("store.sqlite").path, migrations: Control.migrations)
        let active = try store.read { try CampaignFiles.active(in: $0) }
        if active.isEmpty {
            let files = CampaignFiles.read(folder: folder)
            let reading = CampaignFiles.check(files, folder: folder, origin: originAddress)
            guard let campaign = reading.campaign else { throw reading.failure(folder) }
            self.campaign = campaign
            let change = Change(
                summary: "campaign \(campaign.name) begun",
                edits: CampaignFiles.change(from: [:], to: files, summary: "").edits,
                noUndo: "it is the beginning")
            let draft = LedgerDraft(
                at: Control.milliseconds(), actor: .hq, argv: [], change: change, verdicts: [],
                outcome: .applied, because: nil)
            let box = secrets
            try store.write { transaction in
                for edit in change.edits { try CampaignFiles.apply(edit, in: transaction) }
                try Control.declare(campaign, after: nil, seal: { try box.seal($0) }, in: transaction)
                try CampaignFiles.markSeen(files, in: transaction)
                _ = try Ledger.append(draft, in: transaction)
            }
        } else {
            let reading = CampaignFiles.check(active, folder: folder, origin: originAddress)
            let text = active[CampaignReading.fileName] ?? ""
            // What was good once may be so no longer: a folder was renamed, the compiler became stricter. Edges go on with what
            // they have, and people can mend it only if this runs.
            guard
                let campaign = reading.campaign ?? CampaignReading(text: text, exists: { _ in true }).campaign
            else { throw reading.failure(folder) }
            self.campaign = campaign
            if reading.campaign == nil {
                watchNotes = ["what is active has mistakes now: " + reading.diagnostics.rendered()]
            }
        }
        revision = try store.write { try Revision.next(after: 0, in: $0) }
        try store.write { [campaign] transaction in
            _ = try Services.follow(
                campaign: campaign.name, files: try Control.programFiles(in: transaction), main: campaign.vcl,
                now: Control.milliseconds(), in: transaction)
        }
        publishSites()
    }

    static func milliseconds() -> Int64 { Date().milliseconds }

    /// Brings what the campaign file declares into the tables of its owners.
    static func declare(
        _ campaign: Campaign, after old: Campaign?, seal: Dictionaries.Seal, in transaction: StoreTransaction
    ) throws {
        try Dictionaries.declare(campaign.dictionaries, seal: seal, in: transaction)
        try People.declare(
            campaign.people.map { ($0.name, $0.role) },
            after: (old?.people ?? []).map { ($0.name, $0.role) }, in: transaction)
    }

    // MARK: the ledger, live

    func publish(_ entry: LedgerEntry) { for follower in followers.values { follower.yield(entry) } }

    /// Every entry from now on. A reader that falls more than 1,000 behind loses the oldest.
    package func follow() throws -> AsyncStream<LedgerEntry> {
        guard followers.count < EdgeFeedLimits.followers else {
            throw Failure(.limit, "\(EdgeFeedLimits.followers) follow the ledger already")
        }
        let id = UUID()
        let (stream, continuation) = AsyncStream.makeStream(
            of: LedgerEntry.self, bufferingPolicy: .bufferingNewest(1000))
        followers[id] = continuation
        continuation.onTermination = { [weak self] _ in Task { await self?.unfollow(id) } }
        return stream
    }

    private func unfollow(_ id: UUID) { followers[id] = nil }
}
