import CampaignFile
import Dictionaries
import EdgeLink
import Foundation
import HTTP1
import Journey
import Kernel
import Store
import VCLRuntime

extension Control {
    /// Only what differs; empty when nothing does, or when the change does not reach edges.
    func preview(_ change: Change, _ next: Campaign? = nil) -> [Preview.Line] {
        guard let (before, after) = snapshots(around: change, next) else { return [] }
        let own = Preview.visits(change.edits, campaign)
        let lines = (own + visitsAnyway().filter { !own.contains($0) }).compactMap {
            Preview.line($0, before: before, after: after)
        }
        return Array(Preview.grouped(lines).prefix(Preview.lines))
    }

    /// Watched pages that would be none any more: answered by the program itself, with an error or another address.
    func brokenPages(after change: Change, _ next: Campaign?) -> [Preview.Line] {
        guard !campaign.watch.pages.isEmpty, let (before, after) = snapshots(around: change, next) else {
            return []
        }
        return campaign.watch.pages.map { Preview.visit($0, in: campaign) }.compactMap { visit in
            guard Preview.outcome(of: visit, under: before).isPage,
                !Preview.outcome(of: visit, under: after).isPage
            else { return nil }
            return Preview.line(visit, before: before, after: after)
        }
    }

    /// What is tried with every change: the campaign file's requests, and what visitors asked for most in the last hour.
    private func visitsAnyway() -> [Preview.Visit] {
        let given = (campaign.watch.pages + campaign.watch.requests).map { Preview.visit($0, in: campaign) }
        // What is no site's, such as an address in place of a name, is nobody's page.
        let hosts = Set(campaign.sites.flatMap(\.domains))
        let asked = traffic.hour.most(Preview.topPaths).filter { hosts.contains($0.host) }.map {
            Preview.Visit(method: "GET", host: $0.host, target: $0.path)
        }
        var seen: Set<Preview.Visit> = []
        return (given + asked).filter { seen.insert($0).inserted }
    }

    /// What edges serve now and what they would; nil when the change does not reach them, or does not compile.
    func snapshots(around change: Change, _ next: Campaign?) -> (before: Snapshot, after: Snapshot)? {
        guard change.reachesEdges, let before = compiledSnapshot() else { return nil }
        let dictionary = change.edits.filter { $0.kind == Dictionaries.kind }
        if dictionary.count
            == change.edits.filter({ $0.kind != Schedules.kind && $0.kind != Approvals.kind }).count
        {
            return (before, after(dictionary, before, tables.mapValues(\.table)))
        }
        guard let (tables, declared) = try? currentTables(), var document = try? document(declared),
            let files = try? filesAfter(change)
        else { return nil }
        let campaign = next ?? campaign
        document.main = campaign.vcl
        document.files = files.filter { $0.key.hasSuffix(".vcl") }
        document.prelude = CampaignFiles.prelude(campaign, origin: originAddress)
        var after = tables
        for one in campaign.dictionaries where after[one.name] == nil {
            after[one.name] = Table(name: one.name, EntryBlock(one.first))
        }
        document.accessLists += campaign.dictionaries.filter { $0.kind == .addresses }.map(\.name)
        guard let compiled = try? document.compiled(tables: after, after: nil) else { return nil }
        return (before, self.after(dictionary, compiled, after))
    }

    private func after(_ edits: [Edit], _ snapshot: Snapshot, _ tables: [String: Table]) -> Snapshot {
        Dictionary(grouping: edits) { $0.path[0] }.reduce(snapshot) { snapshot, own in
            let old = tables[own.key] ?? Table(name: own.key, .empty)
            return snapshot.replacing(changed(old, by: own.value), number: snapshot.number)
        }
    }

    /// The campaign's files as a change would leave them.
    func filesAfter(_ change: Change) throws -> [String: String] {
        var files = try store.read { try CampaignFiles.active(in: $0) }
        for edit in change.edits where edit.kind == CampaignFiles.kind { files[edit.path[0]] = edit.after }
        return files
    }

    /// What edges run, compiled here as they do; programs are kept until their text changes.
    private func compiledSnapshot() -> Snapshot? {
        guard let (tables, declared) = try? currentTables(), let document = try? document(declared),
            let made = try? document.compiled(tables: tables, after: compiled)
        else { return nil }
        compiled = (document, made)
        return made
    }
}
