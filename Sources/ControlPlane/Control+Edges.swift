import CampaignFile
package import Dictionaries
package import EdgeLink
import Foundation
import Journey
import Kernel
import Ledger
import Services
import Store
import VCLRuntime

/// An edge that holds a line open.
struct EdgeSession {
    let continuation: AsyncStream<EdgeUpdate>.Continuation
    let session: UUID
    var number: Int64 = 0
    var refusal: String?
    var waiters: [(number: Int64, done: CheckedContinuation<Void, Never>)] = []
}

/// How far a change has come when its command returns.
package struct Effect: Sendable, Codable {
    /// Edges on which it is in effect, of those that are connected.
    package let inEffect: Int
    package let connected: Int
    package let milliseconds: Double
    package let refusals: [String]
}

extension Control {
    /// How long a command waits for the edges; after that it says so and the edges follow when they can.
    static let patience: Duration = .seconds(2)

    package func snapshot() throws -> EdgeSnapshot {
        let (tables, declared) = try currentTables()
        var document = try document(declared)
        document.entries = tables.mapValues(\.block)
        return document
    }

    /// The snapshot without its entries.
    func document(_ declared: [DictionaryDeclaration]) throws -> EdgeSnapshot {
        let open = opened
        let (files, services) = try store.read {
            (try CampaignFiles.active(in: $0), try Services.live(open: open, in: $0))
        }
        return EdgeSnapshot(
            number: revision, main: campaign.vcl, files: files.filter { $0.key.hasSuffix(".vcl") },
            prelude: CampaignFiles.prelude(campaign, origin: originAddress), dictionaries: [:],
            accessLists: declared.filter { $0.kind == .addresses }.map(\.name),
            secrets: declared.filter { $0.kind == .secrets }.map(\.name), services: services.programs,
            serviceID: services.campaign, shedding: try shedRule())
    }

    /// Makes of a secret what the store and the ledger keep of it.
    package nonisolated var seal: Dictionaries.Seal { { [secrets] in try secrets.seal($0) } }

    /// What a program reads of a value. A secret that was sealed with another key, as on a machine to which a backup was brought
    /// without it, is empty.
    nonisolated var opened: @Sendable (String) -> String {
        { [secrets] value in
            guard value.hasPrefix(Sealed.mark) else { return value }
            return secrets.open(String(value.dropFirst(Sealed.mark.count))) ?? ""
        }
    }

    /// The line of updates of one edge: first everything, then what changes. A new line replaces an old one.
    /// `have` is the latest update that it has seen, nil when it has just been started and holds nothing.
    /// `held` is what it holds of the large dictionaries.
    package func connect(edge: String, have: Int64? = nil, held: HeldTables? = nil) async throws
        -> AsyncStream<EdgeUpdate>
    {
        let known = await tables(as: held)
        let (stream, continuation) = AsyncStream.makeStream(
            of: EdgeUpdate.self, bufferingPolicy: .bufferingOldest(EdgeFeedLimits.updates))
        guard edges[edge] != nil || edges.count < EdgeFeedLimits.edges else {
            throw Failure(.limit, "\(EdgeFeedLimits.edges) edges are connected, which is the most")
        }
        let id = UUID()
        let old = edges[edge]
        // Whoever waits for this edge goes on waiting: its first report on the new line answers them.
        edges[edge] = EdgeSession(continuation: continuation, session: id, waiters: old?.waiters ?? [])
        old?.continuation.finish()
        continuation.onTermination = { [weak self] _ in Task { await self?.disconnect(edge, id) } }
        var first = try snapshot()
        for (name, known) in known where tables[name]?.table === known {
            first.entries[name] = nil
            first.held.append(name)
        }
        continuation.yield(.snapshot(first))
        if let have {
            for order in try store.read({ try Purges.missed(since: have, in: $0) }) {
                continuation.yield(.purge(order))
            }
        }
        return stream
    }

    /// Our own tables that are what the edge holds. Made aside: nobody shall wait for it.
    private func tables(as held: HeldTables?) async -> [String: Table] {
        guard let held, let (tables, _) = try? currentTables() else { return [:] }
        return await Task.detached {
            tables.filter {
                held.digests[$0.key] != nil && held.digests[$0.key] == $0.value.digest(held.seeds)
            }
        }.value
    }

    /// Ends every line, so that the server can end in good order; edges take it up again elsewhere or later.
    package func closeFeeds() { for edge in edges.values { edge.continuation.finish() } }

    private func disconnect(_ edge: String, _ id: UUID) {
        guard edges[edge]?.session == id else { return }
        for waiter in edges[edge]?.waiters ?? [] { waiter.done.resume() }
        edges[edge] = nil
    }

    package func received(_ report: EdgeReport) {
        guard var session = edges[report.edge] else { return }
        session.number = max(session.number, report.number)
        session.refusal = report.refusal
        let ready = session.waiters.filter { $0.number <= session.number || report.refusal != nil }
        session.waiters.removeAll { $0.number <= session.number || report.refusal != nil }
        edges[report.edge] = session
        for waiter in ready { waiter.done.resume() }
    }

    /// Tells the edges of an applied change and waits until they have it, or `patience` has passed.
    func announce(_ change: Change) async -> Effect? {
        guard change.reachesEdges else { return nil }
        let begun = ContinuousClock.now
        let dictionary = change.edits.filter { $0.kind == Dictionaries.kind }
        let files = change.edits.contains { $0.kind == CampaignFiles.kind }
        if change.isShedding, let rule = try? shedRule() {
            broadcast(.shed(ShedOrder(number: revision, rule: rule)))
        } else if !files, !change.edits.contains(where: { $0.kind == ShedSwitch.kind }),
            let name = dictionary.first?.path[0], dictionary.allSatisfy({ $0.path[0] == name }),
            dictionary.count <= EdgeLinkLimits.deltaEntries
        {
            var set: [String: String] = [:]
            for edit in dictionary { set[edit.path[1]] = edit.after.map(opened) }
            let unset = dictionary.filter { $0.after == nil }.map { $0.path[1] }
            broadcast(
                .dictionary(DictionaryDelta(number: revision, dictionary: name, set: set, unset: unset)))
        } else if let snapshot = try? snapshot() {
            // What spans several dictionaries is one step for edges too.
            broadcast(.snapshot(snapshot))
        }
        return await effect(of: revision, since: begun)
    }

    /// Waits until the connected edges have update `target`, or patience ends.
    func effect(of target: Int64, since begun: ContinuousClock.Instant = .now) async -> Effect {
        let connected = Array(edges.keys)
        await withTaskGroup(of: Void.self) { group in
            for edge in connected { group.addTask { await self.wait(edge, for: target) } }
        }
        let reached = connected.filter { edges[$0].map { $0.number >= target && $0.refusal == nil } ?? false }
            .count
        let spent = (ContinuousClock.now - begun).inSeconds * 1000
        return Effect(
            inEffect: reached, connected: connected.count, milliseconds: spent,
            refusals: connected.compactMap { edges[$0]?.refusal })
    }

    /// Says to every edge that its line is alive.
    package func tick() { broadcast(.tick) }

    /// An edge that reads too slowly loses its line, and gets everything anew when it takes it up again.
    func broadcast(_ update: EdgeUpdate) {
        for edge in edges.values {
            if case .dropped = edge.continuation.yield(update) { edge.continuation.finish() }
        }
    }

    /// Until the edge reports `number`, is gone, or patience ends.
    private func wait(_ edge: String, for number: Int64) async {
        let timer = Task { [weak self] in
            try await Task.sleep(for: Control.patience)
            await self?.giveUp(edge, number)
        }
        await withCheckedContinuation { done in
            guard var session = edges[edge], session.number < number else { return done.resume() }
            session.waiters.append((number, done))
            edges[edge] = session
        }
        timer.cancel()
    }

    private func giveUp(_ edge: String, _ number: Int64) {
        let late = edges[edge]?.waiters.filter { $0.number == number } ?? []
        edges[edge]?.waiters.removeAll { $0.number == number }
        for waiter in late { waiter.done.resume() }
    }
}
