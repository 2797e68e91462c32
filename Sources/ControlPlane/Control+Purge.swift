package import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import Services
import Store

/// Purges as the store keeps them, so that an edge that was away gets those that it missed.
enum Purges {
    /// Purges kept; an edge that missed more drops everything.
    static let kept: Int64 = 1000

    static let migrations: [Migration] = [
        Migration("purge/1", "CREATE TABLE purge_order (number BIGINT PRIMARY KEY, text TEXT NOT NULL);")
    ]

    static func insert(_ order: PurgeOrder, in transaction: StoreTransaction) throws {
        try transaction.execute(
            "INSERT INTO purge_order VALUES (?, ?)",
            [.integer(order.number), .text(try JSON.string(of: order))])
        try transaction.execute(
            """
            DELETE FROM purge_order WHERE number NOT IN
            (SELECT number FROM purge_order ORDER BY number DESC LIMIT \(kept))
            """)
    }

    /// What an edge that has seen everything up to `number` lacks.
    static func missed(since number: Int64, in transaction: StoreTransaction) throws -> [PurgeOrder] {
        let rows = try transaction.rows(
            "SELECT text FROM purge_order WHERE number > ? ORDER BY number", [.integer(number)])
        guard rows.count < kept else { return [PurgeOrder(number: number, scope: .all, soft: true)] }
        return try rows.map { try JSONDecoder().decode(PurgeOrder.self, from: Data($0.text("text").utf8)) }
    }
}

extension Control {
    /// Makes every edge forget what `scope` names; soft: it may still be served stale while it is fetched again.
    /// `service`: only what its program stored; nil for all.
    package func purge(
        _ scope: PurgeOrder.Scope, soft: Bool, service: String? = nil, _ request: Request
    ) async throws -> Result {
        try await purge([scope], soft: soft, service: service, request)
    }

    /// The same of several, as one entry.
    package func purge(
        _ scopes: [PurgeOrder.Scope], soft: Bool, service: String? = nil, _ request: Request
    ) async throws -> Result {
        // Everything at once sends the whole country to the origins; that is not an editor's decision.
        try require(scopes.contains(.all) ? .operator : .editor, request.actor)
        let more = scopes.count > 3 ? " and \(scopes.count - 3) more" : ""
        let named = try service.map { id in
            try store.read { " of the service '\((try? Services.service(id, in: $0).name) ?? id)'" }
        }
        let change = Change(
            summary: "\(soft ? "soft purge" : "purge") of "
                + scopes.prefix(3).map(\.words).joined(separator: ", ") + more + (named ?? ""), edits: [],
            noUndo: "what was purged is fetched again when somebody asks for it")
        guard !request.dryRun else { return Result(change: change, verdicts: [], entry: nil, effect: nil) }
        let last = revision
        let (orders, entry) = try record(request.actor, request.argv, because: request.because) {
            transaction in
            var number = last
            let orders = try scopes.map { scope in
                number = try Revision.next(after: number, in: transaction)
                let order = PurgeOrder(number: number, scope: scope, soft: soft, service: service)
                try Purges.insert(order, in: transaction)
                return order
            }
            return (orders, change)
        }
        for order in orders {
            revision = order.number
            broadcast(.purge(order))
        }
        let effect = await effect(of: revision)
        return Result(change: change, verdicts: [], entry: entry, effect: effect)
    }
}

extension PurgeOrder.Scope {
    /// As people say it.
    package var words: String {
        switch self {
        case .all: "everything"
        case .key(let key): "the surrogate key '\(key)'"
        case .url(let host, let target): "\(host)\(target)"
        }
    }
}
