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
        let files = CampaignFiles.read(folder: folder)
        guard !files.isEmpty, files != refusedFiles,
            let state = try? store.read({ (try CampaignFiles.active(in: $0), try CampaignFiles.seen(in: $0)) }
            ),
            files != state.1
        else { return nil }
        let (active, seen) = state
        refusedFiles = [:]
        if files == active {
            try? store.write { try CampaignFiles.markSeen(files, in: $0) }
            return nil
        }
        let changed = Set(files.keys).union(seen.keys).filter { files[$0] != seen[$0] }.sorted()
        let names = changed.joined(separator: ", ")
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
            return Report(
                "\(names) was refused", outcome: .refused, notes: [failure?.message ?? "\(error)"],
                hint: failure?.hint ?? "correct it and save it again")
        }
    }

    /// Writes what is active back to the campaign's folder. Returns the names of the files that differed.
    package func exportFiles() throws -> [String] {
        let active = try store.read { try CampaignFiles.active(in: $0) }
        let disk = CampaignFiles.read(folder: folder)
        let names = active.keys.filter { active[$0] != disk[$0] }.sorted()
        for name in names {
            try Data((active[name] ?? "").utf8).write(
                to: folder.appendingPathComponent(name), options: .atomic)
        }
        try store.write { try CampaignFiles.markSeen(active, in: $0) }
        refusedFiles = [:]
        return names
    }
}
