import CampaignFile
import Foundation
package import Journey
import Kernel
import Ledger
import Store

extension Control {
    /// Takes over what changed on disk, when it is valid; says nothing when nothing changed. What was activated elsewhere
    /// meanwhile (an undo, for example) is not overwritten by it.
    package func takeOverFiles() async -> Report? {
        let report = await lookAtFiles()
        if let report {
            fileNote =
                report.outcome == .done ? nil : ([report.headline] + report.notes).joined(separator: ": ")
        }
        if refusedFiles.isEmpty { fileNote = nil }
        return report
    }

    private func lookAtFiles() async -> Report? {
        // What a freeze held back is looked at again when it is over.
        if refusedByFreeze, campaign.freeze(at: Date()) == nil { refusedFiles = [:] }
        let files = CampaignFiles.read(folder: folder)
        guard !files.isEmpty, files != refusedFiles,
            let state = try? store.read({ (try CampaignFiles.active(in: $0), try CampaignFiles.seen(in: $0)) }
            ),
            files != state.1
        else { return nil }
        let (active, seen) = state
        refusedFiles = [:]
        refusedByFreeze = false
        if files == active {
            try? store.write { try CampaignFiles.markSeen(files, in: $0) }
            return nil
        }
        let names = CampaignFiles.differing(files, seen).joined(separator: ", ")
        guard active == seen else {
            refusedFiles = files
            return Report(
                "\(names) changed on disk, but something else was activated since the files were last read",
                outcome: .refused,
                hint: "'hq export' writes what is active back to the files; then change them again")
        }
        let change = CampaignFiles.change(from: active, to: files, summary: "\(names) changed on disk")
        do {
            let result = try await carryOut(Request(actor: .hq, argv: []), needs: .operator) { _ in change }
            try store.write { try CampaignFiles.markSeen(files, in: $0) }
            return Report("\(names) taken over as entry \(result.entry?.number ?? 0)")
        } catch {
            refusedFiles = files
            let failure = error as? Failure
            refusedByFreeze = failure?.kind == .refused && campaign.freeze(at: Date()) != nil
            return Report(
                "\(names) was refused", outcome: .refused, notes: [failure?.message ?? "\(error)"],
                hint: refusedByFreeze
                    ? "it is looked at again when that is over; an operator may hq reload --override calendar --because \"...\""
                    : failure?.hint ?? "correct it and save it again")
        }
    }

    /// Takes over what lies on disk now because somebody says so, with their name, reason and overrides. Overwrites what was
    /// activated elsewhere meanwhile.
    package func reload(_ request: Request) async throws -> Result {
        let files = CampaignFiles.read(folder: folder)
        let active = try store.read { try CampaignFiles.active(in: $0) }
        guard files != active else { throw Failure(.conflict, "the files on disk are as they are active") }
        let names = CampaignFiles.differing(files, active).joined(separator: ", ")
        let change = CampaignFiles.change(from: active, to: files, summary: "\(names) taken over from disk")
        let needed = change.edits.map { Owners.role(toChange: $0) }.max() ?? .operator
        let result = try await carryOut(request, needs: needed) { _ in change }
        if !request.dryRun {
            try store.write { try CampaignFiles.markSeen(files, in: $0) }
            refusedFiles = [:]
        }
        return result
    }

    /// Writes what is active back to the campaign's folder. Returns the names of the files that differed. A program that is active
    /// no longer is moved aside, into `.hq/set-aside/`, lest it be taken over again.
    package func exportFiles() throws -> [String] {
        let active = try store.read { try CampaignFiles.active(in: $0) }
        let disk = CampaignFiles.read(folder: folder)
        let names = CampaignFiles.differing(active, disk)
        for name in names {
            let file = folder.appendingPathComponent(name)
            if let text = active[name] {
                try Data(text.utf8).write(to: file, options: .atomic)
                continue
            }
            let aside = folder.appendingPathComponent(".hq/set-aside/\(Control.milliseconds())/\(name)")
            try FileManager.default.createDirectory(
                at: aside.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.moveItem(at: file, to: aside)
        }
        try store.write { try CampaignFiles.markSeen(active, in: $0) }
        refusedFiles = [:]
        return names
    }
}
