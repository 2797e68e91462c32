package import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
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
        // Everything at once sends the whole country to the origins; that is not an editor's decision.
        try require(scope == .all ? .operator : .editor, request.actor)
        let change = Change(
            summary:
                "\(soft ? "soft purge" : "purge") of \(scope.words)\(service.map { " of the service \($0)" } ?? "")",
            edits: [],
            noUndo: "what was purged is fetched again when somebody asks for it")
        guard !request.dryRun else { return Result(change: change, verdicts: [], entry: nil, effect: nil) }
        let last = revision
        let (order, entry) = try record(request.actor, request.argv, because: request.because) {
            transaction in
            let order = PurgeOrder(
                number: try Revision.next(after: last, in: transaction), scope: scope, soft: soft,
                service: service)
            try Purges.insert(order, in: transaction)
            return (order, change)
        }
        revision = order.number
        broadcast(.purge(order))
        let effect = await effect(of: order.number)
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
