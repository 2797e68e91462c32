import ControlPlane
import Edge
import EdgeLink
import Foundation
import HTTPCache
import HTTPKit
import Journey
import Kernel
import VCLRuntime

/// Keeps an edge at the control plane's latest snapshot. What it has it keeps on disk, before it says so.
actor EdgeFollower {
    nonisolated let core: EdgeCore
    private let name: String
    private let folder: URL
    private let files: SnapshotFiles
    /// Without its entries, which are in `tables`.
    private var document: EdgeSnapshot
    /// Every dictionary, by its full name, whether a program reads it or not.
    private var tables: [String: Table] { didSet { held = nil } }
    /// What the feed's address says of them; made anew only after a change, however often the control plane does not answer.
    private var held: String??
    /// What secrets on the disk are sealed with.
    private var box: EntryBox?
    private var feed = EdgeFeedReader()
    /// The latest update that this process has taken; nil before the first.
    private var seen: Int64?
    /// Why the latest snapshot is not in effect. What comes after it is applied to what is, and does not mend that.
    private var refusal: String?
    /// When the line last said something; the control plane says at least that it is there.
    private var heard = ContinuousClock.now
    private var trials = 0
    /// Trials at once; what is ordered beyond them has no answer. Each change is watched by one order at a time.
    private static let mostTrials = 2

    /// From the snapshot on disk; without one it waits for the control plane's first.
    static func start(
        folder: URL, name: String, cacheSize: ByteCount, geo: GeoDatabase?, shielding: Shielding?,
        observation: Observation, admission: AdmissionLimits, challenge: Challenge?,
        certificates: EdgeCertificates
    ) async throws -> EdgeFollower {
        while true {
            let files = SnapshotFiles(folder: folder.appendingPathComponent(".hq"), name: name)
            let loaded = files.load(EdgeFollower.box(folder))
            if let loaded, let snapshot = try? loaded.document.compiled(tables: loaded.tables, after: nil) {
                for remark in loaded.remarks { Terminal.complain("edge \(name): \(remark)\n") }
                return EdgeFollower(
                    snapshot, loaded.document, loaded.tables, files, folder, name, cacheSize, geo, shielding,
                    observation, admission, challenge, certificates)
            }
            if var found = await first(folder: folder, name: name) {
                let tables = Dictionary(
                    uniqueKeysWithValues: found.entries.map { ($0, Table(name: $0, $1)) })
                found.entries = [:]
                let follower = EdgeFollower(
                    try found.compiled(tables: tables, after: nil), found, tables, files, folder, name,
                    cacheSize, geo, shielding, observation, admission, challenge, certificates)
                await follower.keep()
                return follower
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func box(_ folder: URL) -> EntryBox? {
        LocalAccess.read(LocalAccess.edgePath(in: folder)).map { EntryBox(token: $0.token) }
    }

    private static func first(folder: URL, name: String) async -> EdgeSnapshot? {
        guard let access = LocalAccess.read(LocalAccess.edgePath(in: folder)) else { return nil }
        let client = HTTPClientKit(base: access.url, token: access.token)
        let reader = Guarded(EdgeFeedReader())
        struct Got: Error { let snapshot: EdgeSnapshot }
        do {
            try await client.lines("/v1/edges/feed?edge=\(name)") { line in
                if case .snapshot(let found)? = try reader.withLock({ try $0.update(line) }) {
                    throw Got(snapshot: found)
                }
            }
        } catch let got as Got {
            return got.snapshot
        } catch {
            return nil
        }
        return nil
    }

    private init(
        _ snapshot: Snapshot, _ document: EdgeSnapshot, _ tables: [String: Table], _ files: SnapshotFiles,
        _ folder: URL, _ name: String, _ cacheSize: ByteCount, _ geo: GeoDatabase?, _ shielding: Shielding?,
        _ observation: Observation, _ admission: AdmissionLimits, _ challenge: Challenge?,
        _ certificates: EdgeCertificates
    ) {
        let access = LocalAccess.read(LocalAccess.edgePath(in: folder))
        core = EdgeCore(
            snapshot: snapshot, cacheSize: cacheSize, identity: name, checkWord: access?.token, geo: geo,
            shielding: shielding, observation: observation, admission: admission,
            challenge: challenge, certificates: certificates)
        box = access.map { EntryBox(token: $0.token) }
        self.document = document
        self.tables = tables
        self.files = files
        self.folder = folder
        self.name = name
    }

    /// Follows, and says how the edge fares, until cancelled.
    func follow() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.followFeed() }
            group.addTask { await self.sample() }
        }
    }

    /// A line that breaks, or falls silent, is taken up again after a moment.
    private func followFeed() async {
        while !Task.isCancelled {
            if let client = client() {
                heard = .now
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await self.read(client) }
                    group.addTask { await self.awaitSilence() }
                    await group.next()
                    group.cancelAll()
                }
            }
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// How long a line may be silent; the control plane ticks every five seconds.
    private static let silence: Duration = .seconds(16)

    private func awaitSilence() async {
        while !Task.isCancelled, ContinuousClock.now - heard < EdgeFollower.silence {
            try? await Task.sleep(for: .seconds(2))
        }
    }

    private func read(_ client: HTTPClientKit) async {
        // Purges since this number were missed; an edge that has just started holds nothing to purge.
        let have = seen.map { "&have=\($0)" } ?? ""
        feed = EdgeFeedReader()
        let held = await heldTables().map { "&held=\($0)" } ?? ""
        do {
            try await client.lines("/v1/edges/feed?edge=\(name)\(have)\(held)") { line in
                guard let update = try await self.hear(line) else { return }
                if case .trial(let order) = update { return await self.begin(order, client) }
                if let report = try await self.take(update) {
                    _ = try await client.send("POST", "/v1/edges/report", body: JSON.text(of: report))
                }
            }
        } catch let failure as Failure where failure.kind == .unauthenticated {
            Terminal.complain("edge \(name): the control plane does not know this edge's token\n")
        } catch {}
    }

    /// Aside: a million entries take a moment, in which samples and trials go on.
    private func heldTables() async -> String? {
        if let held { return held }
        let seeds = (0..<HeldTables.seedCount).map { _ in UInt64.random(in: .min ... .max) }
        let text = await Task.detached { [tables] in HeldTables(tables, seeds: seeds).text }.value
        held = .some(text)
        return text
    }

    private func hear(_ line: Data) throws -> EdgeUpdate? {
        heard = .now
        return try feed.update(line)
    }

    /// Every second. A sample that does not arrive is no loss: the next one holds all that it held.
    private func sample() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(1))
            guard let client = client(), let body = try? JSON.text(of: core.sample()) else { continue }
            _ = try? await client.send("POST", "/v1/edges/sample", body: body, timeout: .seconds(5))
        }
    }

    /// Beside the feed, which goes on meanwhile.
    private func begin(_ order: TrialOrder, _ client: HTTPClientKit) {
        guard trials < EdgeFollower.mostTrials else { return }
        trials += 1
        Task {
            let result = await core.trial(order)
            trials -= 1
            guard let body = try? JSON.text(of: result) else { return }
            _ = try? await client.send("POST", "/v1/edges/trial", body: body, timeout: .seconds(5))
        }
    }

    /// Read anew each time: a control plane that was started again has another address or token.
    private func client() -> HTTPClientKit? {
        LocalAccess.read(LocalAccess.edgePath(in: folder)).map {
            HTTPClientKit(base: $0.url, token: $0.token)
        }
    }

    /// Nil when there is nothing to report.
    private func take(_ update: EdgeUpdate) throws -> EdgeReport? {
        guard var report = try apply(update) else { return nil }
        // Purges that were missed come after the snapshot that holds everything since.
        if report.refusal == nil { report.refusal = refusal }
        report.number = max(report.number, report.refusal == nil ? seen ?? 0 : 0)
        if report.refusal == nil { seen = report.number }
        return report
    }

    private func apply(_ update: EdgeUpdate) throws -> EdgeReport? {
        switch update {
        case .tick, .trial, .entries: return nil
        case .snapshot(let next): return try take(next)
        case .dictionary(let delta):
            let table = (tables[delta.dictionary] ?? Table(name: delta.dictionary, .empty)).applying(delta)
            tables[delta.dictionary] = table
            document.number = delta.number
            core.install(core.snapshot.replacing(table, number: delta.number))
            let isSecret = document.secrets.contains(delta.dictionary)
            if !isSecret || box != nil { keep(update, sealedBy: isSecret ? box : nil) }
            return EdgeReport(edge: name, number: delta.number)
        case .shed(let order):
            document.shedding = order.rule
            document.number = order.number
            core.install(core.snapshot.shedding(order.rule, number: order.number))
            keep(update)
            return EdgeReport(edge: name, number: order.number)
        case .purge(let order):
            core.purge(order)
            core.note(order.number)
            return EdgeReport(edge: name, number: order.number)
        }
    }

    private func take(_ given: EdgeSnapshot) throws -> EdgeReport {
        var next = given
        (next.entries, next.held) = ([:], [])
        var tables: [String: Table] = [:]
        for dictionary in given.held {
            guard let table = self.tables[dictionary] else {
                throw Failure(.invalid, "the control plane takes '\(dictionary)' for held, and it is not")
            }
            tables[dictionary] = table
        }
        for (dictionary, block) in given.entries {
            let old = self.tables[dictionary].flatMap { $0.holds(block) ? $0 : nil }
            tables[dictionary] = old ?? Table(name: dictionary, block)
        }
        let token = EdgeFollower.box(folder)
        let isSame =
            next.isSame(as: document) && core.snapshot.number != 0 && tables.count == self.tables.count
            && tables.allSatisfy { self.tables[$0.key] === $0.value }
        do {
            let snapshot =
                try isSame
                ? core.snapshot.renumbered(next.number)
                : next.compiled(tables: tables, after: (document, core.snapshot))
            let isKept = isSame && (token == box || next.secrets.isEmpty)
            (document, self.tables, refusal, box) = (next, tables, nil, token ?? box)
            core.install(snapshot)
            if !isKept { keep() }
            return EdgeReport(edge: name, number: next.number)
        } catch {
            refusal = "\(error)"
            return EdgeReport(edge: name, number: document.number, refusal: refusal)
        }
    }

    /// On disk before anybody is told, so that a crash a moment later comes back with it.
    private func keep() {
        do { try files.write(document, tables, box) } catch {
            Terminal.complain("edge \(name): its snapshot cannot be kept on disk: \(error)\n")
        }
    }

    /// The same for one change.
    private func keep(_ update: EdgeUpdate, sealedBy box: EntryBox? = nil) {
        if (try? files.append(update, sealedBy: box)) ?? true { keep() }
    }
}
