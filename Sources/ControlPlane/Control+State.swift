import CampaignFile
package import Diagnostics
import EdgeLink
package import Foundation
package import Journey
import Kernel
import Ledger
package import People
import Store

/// What `hq status` says.
package struct ControlStatus: Sendable, Codable {
    package struct Edge: Sendable, Codable {
        package let name: String
        package let number: Int64
        package let refusal: String?
    }
    package let campaign: String
    package let timeZone: String
    package let revision: Int64
    package let entries: Int64
    package let freeze: String?
    package let edges: [Edge]
    /// What the watch found and could not mend.
    package let watchNotes: [String]
    package let scheduled: Int
    /// That only the cache is served, by whom, why, and what ends it; nil while edges fetch what they lack.
    package let shedding: String?

    /// What everybody should know, the most urgent first.
    package var notes: [String] { (shedding.map { [$0] } ?? []) + watchNotes }
}

/// A campaign's folder checked as the control plane would.
package enum CampaignCheck {
    package static func run(folder: URL) -> (isValid: Bool, diagnostics: [PlacedDiagnostic]) {
        let checked = CampaignFiles.check(
            CampaignFiles.read(folder: folder), folder: folder,
            origin: HostPort(host: "127.0.0.1", port: 8092))
        return (checked.campaign != nil, checked.diagnostics)
    }
}

extension Control {
    package func status() throws -> ControlStatus {
        ControlStatus(
            campaign: campaign.name, timeZone: campaign.timeZone.identifier, revision: revision,
            entries: try store.read { try Ledger.head(in: $0).number },
            freeze: campaign.freeze(at: Date())?.name,
            edges: edges.map {
                ControlStatus.Edge(name: $0.key, number: $0.value.number, refusal: $0.value.refusal)
            }.sorted { $0.name < $1.name },
            watchNotes: watchNotes + [fileNote, remoteNote].compactMap(\.self),
            scheduled: try schedules().count, shedding: try shedNote())
    }

    // MARK: tokens

    package func createToken(
        for person: String, role: Role?, label: String, life: Duration, by actor: Actor, argv: [String]
    ) throws -> (token: String, row: People.Token) {
        if person != actor.name { try require(.admin, actor) }
        guard life > .zero, life <= .seconds(People.tokenDays * 86_400) else {
            throw Failure(.limit, "a token lives \(People.tokenDays) days at most, and more than no time")
        }
        guard label != Control.localLabel else { throw Failure(.invalid, "'\(label)' is HQ's own label") }
        let token = People.newToken()
        let now = Control.milliseconds()
        let (row, _) = try record(actor, argv) { transaction in
            guard let own = try People.role(of: person, in: transaction) else {
                throw Failure(.notFound, "nobody is named '\(person)'", hint: "hq people list")
            }
            let row = People.Token(
                id: try People.nextTokenID(in: transaction), person: person,
                role: min(role ?? own, min(own, actor.role)), label: label,
                expires: now + life.nanoseconds / 1_000_000)
            try People.insert(token, row, now: now, in: transaction)
            return (
                row,
                Change(
                    summary: "token \(row.id) for \(person) made", edits: [],
                    noUndo: "end it with hq token revoke \(row.id)")
            )
        }
        return (token, row)
    }

    package func revokeToken(_ id: Int64, by actor: Actor, argv: [String]) throws {
        try record(actor, argv) { transaction in
            guard let token = try People.tokens(in: transaction).first(where: { $0.id == id }) else {
                throw Failure(.notFound, "there is no token \(id)", hint: "hq token list")
            }
            guard token.person == actor.name || actor.role == .admin else {
                throw Failure(.forbidden, "only \(token.person) or an admin may end token \(id)")
            }
            try People.revoke(id, in: transaction)
            let summary = "token \(id) of \(token.person) ended"
            return (
                (), Change(summary: summary, edits: [], noUndo: "what has ended stays so; make a new one")
            )
        }
    }

    /// Does what has no undo, and its entry, in one transaction.
    @discardableResult
    func record<T: Sendable>(
        _ actor: Actor, _ argv: [String], because: String? = nil,
        _ body: @Sendable (StoreTransaction) throws -> (T, Change)
    ) throws -> (value: T, entry: LedgerEntry) {
        let (value, entry) = try store.write { transaction in
            let (value, change) = try body(transaction)
            let draft = LedgerDraft(
                at: Control.milliseconds(), actor: actor, argv: argv, change: change, verdicts: [],
                outcome: .applied, because: because)
            return (value, try Ledger.append(draft, in: transaction))
        }
        publish(entry)
        return (value, entry)
    }
}
