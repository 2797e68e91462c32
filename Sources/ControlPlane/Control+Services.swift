import CampaignFile
import Diagnostics
import Dictionaries
import EdgeLink
import Foundation
package import Journey
import Kernel
import Ledger
package import Services
package import Store
import VCLPipeline
import VCLRuntime

/// Services of the Fastly API. Drafts reach nobody, so that making them is no change of the journey: what is done with services and
/// versions is written down, what is done in a draft shows in its difference from the version before.
extension Control {
    /// Does it, and writes it down when `summary` is given, in one transaction.
    package func draft<T: Sendable>(
        service: String?, _ actor: Actor, argv: [String], summary: String?,
        _ body: @escaping @Sendable (StoreTransaction) throws -> T
    ) throws -> T {
        try require(.operator, actor)
        let work: @Sendable (StoreTransaction) throws -> T = { transaction in
            let value = try body(transaction)
            if let service { try ServicesToDictionaries.declare(service, in: transaction) }
            return value
        }
        guard let summary else { return try store.write(work) }
        return try record(actor, argv) { transaction in
            (
                try work(transaction),
                Change(summary: summary, edits: [], noUndo: "nobody is served by a draft")
            )
        }.value
    }

    /// Host names of the campaign's own sites.
    package var siteDomains: Set<String> {
        Set(campaign.sites.flatMap(\.domains).map { $0.lowercased() })
    }

    /// A domain leads to one program: whoever comes later, a site or a version of a service, finds it taken.
    func requireFreeDomains(_ change: Change, _ next: Campaign?) throws {
        let known = siteDomains
        let new = (next?.sites ?? []).flatMap(\.domains).filter { !known.contains($0.lowercased()) }
        let taken = known.union(new.map { $0.lowercased() })
        try store.read { transaction in
            for domain in new {
                try Services.requireFree(domain: domain, for: "", taken: [], in: transaction)
            }
            for edit in change.edits where edit.kind == Services.activeKind {
                guard let number = edit.after.flatMap({ Int($0) }) else { continue }
                for domain in try Services.objects(
                    "domain", version: number, of: edit.path[0], in: transaction)
                {
                    try Services.requireFree(
                        domain: domain.name, for: edit.path[0], taken: taken, in: transaction)
                }
            }
        }
    }

    // MARK: the campaign's own service

    /// The campaign's service, in line with the files that are active.
    @discardableResult
    package func followedCampaignService() throws -> ServiceRecord {
        let (name, main) = (campaign.name, campaign.vcl)
        let found = try store.read { transaction -> ServiceRecord? in
            let files = try Control.programFiles(in: transaction)
            guard try Services.isFollowing(campaign: name, files: files, main: main, in: transaction) else {
                return nil
            }
            return try Services.campaign(in: transaction)
        }
        if let found { return found }
        return try store.write { transaction in
            try Services.follow(
                campaign: name, files: try Control.programFiles(in: transaction), main: main,
                now: Control.milliseconds(), in: transaction)
        }
    }

    /// The files of the program without those that test it, which the API does not know.
    static func programFiles(in transaction: StoreTransaction) throws -> [String: String] {
        try CampaignFiles.active(in: transaction).filter {
            $0.key.hasSuffix(".vcl") && !$0.key.hasSuffix(".test.vcl")
        }
    }

    /// The active files with those of a draft in the place of the program's; tests stay.
    private func files(of draft: Int, _ record: ServiceRecord) throws -> [String: String] {
        try store.read { transaction in
            let active = try CampaignFiles.active(in: transaction)
            let own = Set(try Control.programFiles(in: transaction).keys)
            let drafted = try Services.objects("vcl", version: draft, of: record.id, in: transaction)
            return active.filter { !own.contains($0.key) }.merging(
                drafted.map { ($0.name, $0.body["content"]?.string ?? "") }
            ) { $1 }
        }
    }

    /// What is wrong with a version of the campaign's program, and what is noted of it.
    package func campaignFindings(_ version: Int) throws -> (errors: [String], warnings: [String]) {
        let files = try files(of: version, try followedCampaignService())
        let checked = CampaignFiles.check(files, folder: folder, origin: originAddress)
        func lines(_ severity: (Diagnostic.Severity) -> Bool) -> [String] {
            checked.diagnostics.filter { severity($0.severity) }.map {
                "\($0.file):\($0.line):\($0.column): \($0.message) [\($0.rule)]"
            }
        }
        return (lines { $0 == .error }, lines { $0 != .error })
    }

    // MARK: activation

    /// Makes a version the active one: of the campaign's own program by deploying its files, of any other by its number.
    package func activate(_ version: Int, of id: String, _ request: Request) async throws {
        let record = try followedCampaignService()
        guard id == record.id else {
            let taken = siteDomains
            _ = try await carryOut(request, needs: .operator) { transaction in
                try Services.planActivate(version, of: id, taken: taken, in: transaction)
            }
            return
        }
        _ = try store.read { try Services.version(version, of: id, in: $0) }
        let files = try files(of: version, record).filter { $0.key != CampaignReading.fileName }
        _ = try await deploy(files, request)
        try followedCampaignService()
    }

    package func deactivate(_ version: Int, of id: String, _ request: Request) async throws {
        guard try followedCampaignService().id != id else {
            throw Failure(
                .forbidden, "the campaign's own program is always active",
                hint: "activate another version of it")
        }
        _ = try await carryOut(request, needs: .operator) { transaction in
            try Services.planDeactivate(version, of: id, in: transaction)
        }
    }

    /// What the pipeline says of a service's program as it would be.
    func servicePipelineReport(_ change: Change) throws -> PipelineReport? {
        for edit in change.edits where edit.kind == Services.activeKind {
            guard let number = edit.after.flatMap({ Int($0) }) else { continue }
            let contents = try store.read { transaction in
                try ServiceContents(
                    number, of: try Services.service(edit.path[0], in: transaction), in: transaction)
            }
            let candidate = Candidate(main: contents.main, model: contents.model, dictionaries: [:])
            return Pipeline(candidate, clock: { Int64(Date().timeIntervalSince1970 * 1e9) }).run()
        }
        return nil
    }
}
