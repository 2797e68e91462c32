import CampaignFile
import Diagnostics
import Dictionaries
import Foundation
import Journey
import Kernel
package import Ledger
import Store
import VCLPipeline
import VCLSimulator

extension Control {
    /// What the pipeline says of the program as it would be after a change of the campaign's files.
    func pipelineReport(of next: Campaign, after change: Change) throws -> PipelineReport? {
        guard change.edits.contains(where: { $0.kind == CampaignFiles.kind && $0.path[0] != "" }) else {
            return nil
        }
        let program = CampaignProgram(next, try filesAfter(change), origin: originAddress)
        var pipeline = Pipeline(program.candidate, clock: { Int64(Date().timeIntervalSince1970 * 1e9) })
        pipeline.floor = program.floor
        return pipeline.run()
    }

    /// The program that is active, with what its dictionaries hold now.
    package func activeProgram() throws -> CampaignProgram {
        let (files, entries) = try store.read { transaction in
            var all: [String: [String: String]] = [:]
            for one in try Dictionaries.list(in: transaction) {
                let entries = try Dictionaries.entries(of: one.name, in: transaction)
                all[one.name] = Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
            }
            return (try CampaignFiles.active(in: transaction), all)
        }
        var program = CampaignProgram(campaign, files, origin: originAddress)
        program.dictionaries = entries
        return program
    }

    // MARK: versions

    /// A state of the program: what an entry of the ledger made it.
    package struct ProgramVersion: Sendable {
        package let entry: LedgerEntry
        package let files: [String]
        package let isActive: Bool
    }

    /// Newest first; each entry that changed the program's files.
    package func programVersions(limit: Int) throws -> [ProgramVersion] {
        var filter = Ledger.Filter()
        filter.limit = 10_000
        let entries = try store.read { [filter] in try Ledger.list(filter, in: $0) }
        let touching = entries.filter { $0.outcome == .applied && !Control.programFiles($0).isEmpty }
        return touching.prefix(limit).enumerated().map { index, entry in
            ProgramVersion(entry: entry, files: Control.programFiles(entry), isActive: index == 0)
        }
    }

    /// The program itself and its tests.
    private static func isOfProgram(_ name: String) -> Bool {
        name.hasSuffix(".vcl") || name.hasSuffix(".test.yaml")
    }

    private static func programFiles(_ entry: LedgerEntry) -> [String] {
        entry.change.edits.filter { $0.kind == CampaignFiles.kind && isOfProgram($0.path[0]) }.map {
            $0.path[0]
        }
    }

    /// The campaign's files as they were after this entry; nil means now.
    package func programFiles(version: Int64?) throws -> [String: String] {
        var filter = Ledger.Filter()
        filter.limit = 10_000
        filter.after = version ?? .max
        let (active, later, known) = try store.read { [filter] transaction in
            (
                try CampaignFiles.active(in: transaction),
                version == nil ? [] : try Ledger.list(filter, in: transaction),
                try version.map { try Ledger.entry($0, in: transaction) != nil } ?? true
            )
        }
        guard known else {
            throw Failure(.notFound, "there is no entry \(version ?? 0)", hint: "hq vcl versions shows them")
        }
        var files = active
        for entry in later where entry.outcome == .applied {
            for edit in entry.change.edits where edit.kind == CampaignFiles.kind {
                files[edit.path[0]] = edit.before
            }
        }
        return files.filter { Control.isOfProgram($0.key) }
    }

    /// Makes these files the active program: those of the program's kind that are not among them go.
    package func deploy(_ given: [String: String], _ request: Request) async throws -> Result {
        let active = try store.read { try CampaignFiles.active(in: $0) }
        // Who may deploy a program may not change who is who: that stands in the campaign file.
        if let other = given.keys.sorted().first(where: { !Control.isOfProgram($0) }) {
            throw Failure(
                .invalid, "'\(other)' is no part of a program",
                hint: "a program is .vcl files and their tests, .test.yaml")
        }
        let kept = active.filter { !Control.isOfProgram($0.key) }
        let files = kept.merging(given) { $1 }
        guard files != active else {
            throw Failure(.conflict, "the program is active as it is", hint: "hq vcl versions shows which")
        }
        let names = CampaignFiles.differing(files, active).joined(separator: ", ")
        let change = CampaignFiles.change(from: active, to: files, summary: "VCL deployed: \(names)")
        let result = try await carryOut(request, needs: .operator) { _ in change }
        let onDisk = CampaignFiles.read(folder: folder)
        if !request.dryRun, onDisk == files { try store.write { try CampaignFiles.markSeen(onDisk, in: $0) } }
        return result
    }
}
