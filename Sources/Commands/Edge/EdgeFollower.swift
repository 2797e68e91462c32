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
    private let path: URL
    private let folder: URL
    private var document: EdgeSnapshot
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
        let path = folder.appendingPathComponent(".hq/\(name).snapshot.json")
        while true {
            if let data = FileManager.default.contents(atPath: path.path),
                let found = try? JSONDecoder().decode(EdgeSnapshot.self, from: data),
                let snapshot = try? found.compiled()
            {
                return EdgeFollower(
                    snapshot, found, path, folder, name, cacheSize, geo, shielding, observation,
                    admission, challenge, certificates)
            }
            if let found = await first(folder: folder, name: name) {
                let follower = EdgeFollower(
                    try found.compiled(), found, path, folder, name, cacheSize, geo, shielding, observation,
                    admission, challenge, certificates)
                await follower.keep()
                return follower
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func first(folder: URL, name: String) async -> EdgeSnapshot? {
        guard let access = LocalAccess.read(LocalAccess.edgePath(in: folder)) else { return nil }
        let client = HTTPClientKit(base: access.url, token: access.token)
        struct Got: Error { let snapshot: EdgeSnapshot }
        do {
            try await client.lines("/v1/edges/feed?edge=\(name)") { line in
                if case .snapshot(let found) = try JSONDecoder().decode(EdgeUpdate.self, from: line) {
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
        _ snapshot: Snapshot, _ document: EdgeSnapshot, _ path: URL, _ folder: URL, _ name: String,
        _ cacheSize: ByteCount, _ geo: GeoDatabase?, _ shielding: Shielding?, _ observation: Observation,
        _ admission: AdmissionLimits, _ challenge: Challenge?, _ certificates: EdgeCertificates
    ) {
        let access = LocalAccess.read(LocalAccess.edgePath(in: folder))
        core = EdgeCore(
            snapshot: snapshot, cacheSize: cacheSize, identity: name, checkWord: access?.token, geo: geo,
            shielding: shielding, observation: observation, admission: admission,
            challenge: challenge, certificates: certificates)
        self.document = document
        self.path = path
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
        do {
            try await client.lines("/v1/edges/feed?edge=\(name)\(have)") { line in
                await self.hear()
                let update = try JSONDecoder().decode(EdgeUpdate.self, from: line)
                if case .trial(let order) = update { return await self.begin(order, client) }
                if let report = try await self.take(update) {
                    _ = try await client.send("POST", "/v1/edges/report", body: JSON.text(of: report))
                }
            }
        } catch let failure as Failure where failure.kind == .unauthenticated {
            Terminal.complain("edge \(name): the control plane does not know this edge's token\n")
        } catch {}
    }

    private func hear() { heard = .now }

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
        case .tick, .trial: return nil
        case .snapshot(let next):
            // The same content under another number needs no new program.
            guard !next.isSame(as: document) || core.snapshot.number == 0 else {
                document = next
                refusal = nil
                core.install(Snapshot(number: next.number, like: core.snapshot))
                return EdgeReport(edge: name, number: next.number)
            }
            do {
                let snapshot = try next.compiled(rateLimits: core.snapshot.rateLimits)
                document = next
                refusal = nil
                core.install(snapshot)
                keep()
                return EdgeReport(edge: name, number: next.number)
            } catch {
                refusal = "\(error)"
                return EdgeReport(edge: name, number: document.number, refusal: refusal)
            }
        case .dictionary(let delta):
            document.apply(delta)
            let entries = (document.dictionaries[delta.dictionary] ?? [:]).map {
                (key: $0.key, value: $0.value)
            }
            let table = Table(name: delta.dictionary, entries: entries)
            core.install(Snapshot(number: delta.number, replacing: table, in: core.snapshot))
            keep()
            return EdgeReport(edge: name, number: delta.number)
        case .shed(let order):
            document.apply(order)
            core.install(Snapshot(number: order.number, shedding: order.rule, in: core.snapshot))
            keep()
            return EdgeReport(edge: name, number: order.number)
        case .purge(let order):
            purge(order)
            core.note(order.number)
            return EdgeReport(edge: name, number: order.number)
        }
    }

    private func purge(_ order: PurgeOrder) {
        let now = wallClock()
        switch order.scope {
        case .all: core.cache.purgeAll(soft: order.soft, now: now)
        case .key(let key):
            key.withBytes { _ = core.cache.purge(surrogateKey: $0, soft: order.soft, now: now) }
        case .url(let host, let target):
            "\(target)\u{0}\(host)\u{0}".withBytes { core.purge($0, soft: order.soft, now: now) }
        }
    }

    /// On disk before anybody is told, so that a crash a moment later comes back with it.
    private func keep() {
        guard let data = try? JSON.text(of: document) else { return }
        try? data.write(to: path, options: .atomic)
    }
}
