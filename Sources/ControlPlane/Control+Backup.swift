import CampaignFile
import Diagnostics
import EdgeLink
package import Foundation
package import Journey
import Kernel
import Ledger
import People
import Store

/// Backups lie in `.hq/backups/`, readable by their owner alone. Whoever asks through the API names one there and reaches no
/// other file; a terminal on the machine itself moves them with its own rights.
package enum Backups {
    package static func folder(in campaign: URL) -> URL { campaign.appendingPathComponent(".hq/backups") }

    /// The file of this name. Throws for a name that leads elsewhere.
    package static func file(_ name: String, in campaign: URL) throws -> URL {
        let allowed = name.utf8.allSatisfy {
            $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 || "._-".utf8.contains($0)
        }
        guard allowed, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 100 else {
            throw Failure(
                .usage, "'\(name)' is no backup's name", hint: "letters, digits, dots and dashes, no folder")
        }
        return folder(in: campaign).appendingPathComponent(name)
    }

    /// The name by which people know it: a copy that a terminal brought has its own in front.
    package static func spoken(_ name: String) -> String {
        guard name.hasPrefix("brought-") else { return name }
        return name.split(separator: "-", maxSplits: 2).last.map(String.init) ?? name
    }
}

extension Control {
    package func backup(named name: String, by actor: Actor, argv: [String]) throws -> URL {
        try require(.operator, actor)
        let file = try Backups.file(name, in: folder)
        guard !FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.conflict, "there is a backup '\(name)' already", hint: "choose another name")
        }
        try write(backup: file)
        try record(actor, argv) { _ in
            ((), Change(summary: "backup \(name) written", edits: [], noUndo: "remove the file"))
        }
        return file
    }

    private func write(backup file: URL) throws {
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: nil, attributes: [.posixPermissions: 0o600])
        else { throw Failure(.unavailable, "cannot write \(file.path)") }
        try store.backup(to: file.path)
    }

    /// Replaces the whole state. Numbers of updates go on from the highest that any edge has seen. What let people in then does
    /// not let them in again: sessions end, and so do tokens that were revoked since. Returns the entry's number.
    package func restore(from name: String, by actor: Actor, argv: [String], because: String?) throws -> Int64
    {
        try require(.admin, actor)
        let file = try Backups.file(name, in: folder)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.notFound, "there is no backup '\(name)'")
        }
        let now = Control.milliseconds()
        let scratch = folder.appendingPathComponent(".hq/restore-\(now).sqlite")
        defer {
            for end in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: scratch.path + end)
            }
        }
        let restored = try candidate(file, at: scratch)
        let safety = "before-restore-\(now).sqlite"
        try write(backup: try Backups.file(safety, in: folder))
        let known = try store.read { try People.tokenHashes(in: $0) }
        let number: Int64
        do {
            try store.restore(from: scratch.path)
            number = try settle(
                restored, known, now: now, actor, argv, because,
                summary: "state restored from the backup \(Backups.spoken(name))",
                wayBack: "hq restore \(safety)")
        } catch {
            // Half a restore would lock everybody out.
            try store.restore(from: try Backups.file(safety, in: folder).path)
            throw Failure(
                .internal, "the backup could not be brought up to date; everything is as it was",
                context: ["error": "\(error)"])
        }
        publishSites()
        if let snapshot = try? snapshot() { broadcast(.snapshot(snapshot)) }
        if let access = LocalAccess.read(LocalAccess.path(in: folder)) {
            try openLocalAccess(url: access.url)
        }
        return number
    }

    /// What holds after a restore besides what was restored, and the entry that says so.
    private func settle(
        _ restored: Campaign, _ known: Set<String>, now: Int64, _ actor: Actor, _ argv: [String],
        _ because: String?, summary: String, wayBack: String
    ) throws -> Int64 {
        let last = revision
        let next = try store.write { transaction in
            try People.endAllSessions(in: transaction)
            try People.endTokens(except: known, in: transaction)
            for item in try Schedules.due(now, in: transaction) {
                try Schedules.apply(try Schedules.removal(item), in: transaction)
            }
            return try Revision.next(after: last, in: transaction)
        }
        let (_, entry) = try record(actor, argv, because: because) { _ in
            ((), Change(summary: summary, edits: [], noUndo: wayBack))
        }
        (campaign, revision) = (restored, next)
        (tables, compiled) = ([:], nil)
        return entry.number
    }

    /// The campaign in a backup that is copied to `scratch`, brought up to date and checked there; nothing else is touched.
    private func candidate(_ file: URL, at scratch: URL) throws -> Campaign {
        try FileManager.default.copyItem(at: file, to: scratch)
        let bad = { (why: String) in
            Failure(
                .invalid, "'\(Backups.spoken(file.lastPathComponent))' is no backup that can be restored",
                hint: why)
        }
        guard let other = try? Store(path: scratch.path, migrations: Control.migrations) else {
            throw bad("it is no store of a campaign, or a newer hq wrote it")
        }
        defer { try? other.close() }
        let (head, problem, files) = try other.read {
            (
                try Ledger.head(in: $0).number, try Ledger.verify(in: $0),
                try CampaignFiles.active(in: $0)
            )
        }
        guard head > 0 else { throw bad("it holds nothing") }
        if let problem { throw bad("its ledger was tampered with: \(problem)") }
        guard try !other.read({ try People.admins(in: $0) }).isEmpty else {
            throw bad("nobody in it is an admin")
        }
        let checked = CampaignFiles.check(files, folder: folder, origin: originAddress)
        guard let campaign = checked.campaign else {
            throw bad("its campaign has mistakes here:\n" + checked.diagnostics.rendered())
        }
        return campaign
    }
}
