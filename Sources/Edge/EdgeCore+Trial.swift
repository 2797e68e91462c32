package import EdgeLink
import Kernel
import NIOCore
import VCLRuntime

// A trial repeats requests that failed and compares how they end under several snapshots. All tries of one request run
// at the same time, so that whatever else slows or breaks an answer (a backend that hangs, the deadline) meets each
// snapshot alike and accuses none; a request whose turn does not come in time is not counted at all.

extension EdgeCore {
    /// Tries what failed since `order.since` again, under each of the snapshots that are still there. Nothing of it is
    /// stored, counted or logged.
    package func trial(_ order: TrialOrder) async -> TrialResult {
        await trial(order, within: .seconds(EdgeLimits.trialSeconds))
    }

    func trial(_ order: TrialOrder, within time: TimeAmount) async -> TrialResult {
        var result = TrialResult(edge: identity, id: order.id)
        var seen: Set<Int64> = []
        let numbers = order.snapshots.filter { seen.insert($0).inserted }
        let snapshots = history.withLock { history in numbers.compactMap { history[$0] } }
        guard let newest = snapshots.last?.number else { return result }
        for snapshot in snapshots { result.failures[snapshot.number] = 0 }
        let deadline = NIODeadline.now() + time
        let candidates = await candidates(since: order.since)
        let atOnce = max(1, EdgeLimits.triesAtOnce / snapshots.count)
        await withTaskGroup(of: Tried.self) { group in
            for candidate in candidates.prefix(atOnce) {
                group.addTask { await candidate.tried(under: snapshots, until: deadline) }
            }
            var waiting = candidates.dropFirst(atOnce)
            for await tried in group {
                result.add(tried, newest: newest)
                guard NIODeadline.now() < deadline, let candidate = waiting.popFirst() else { continue }
                group.addTask { await candidate.tried(under: snapshots, until: deadline) }
            }
        }
        return result
    }

    /// The latest failures of all loops, oldest first; of each path no more than a loop keeps.
    private func candidates(since time: Int64) async -> [Candidate] {
        var found: [Candidate] = []
        for loop in loops.withLock({ $0 }) {
            // A loop that has shut down has nothing to say.
            let own = try? await loop.loop.submit { loop.failed.since(time) }.get()
            found += (own ?? []).map { Candidate(loop: loop, request: $0) }
        }
        var ofPath: [UInt64: Int] = [:]
        let latest = found.sorted { $0.request.at > $1.request.at }.filter { candidate in
            ofPath[candidate.request.path, default: 0] += 1
            return ofPath[candidate.request.path, default: 0] <= EdgeLimits.failedPerPath
        }
        return latest.prefix(EdgeLimits.trialRequests).reversed()
    }
}

/// A request to try, on the loop that saw it fail.
private struct Candidate: Sendable {
    let loop: EdgeLoop
    let request: FailedRequest

    func tried(under snapshots: [Snapshot], until deadline: NIODeadline) async -> Tried {
        let answers = snapshots.map { snapshot in
            (snapshot.number, Attempt.begin(request, under: snapshot, on: loop, until: deadline))
        }
        var failed: [Int64] = []
        for (number, answer) in answers {
            let status = try? await answer.get()
            if (status ?? 503) >= 500 { failed.append(number) }
        }
        return Tried(hostAndPath: request.hostAndPath, failed: failed)
    }
}

/// The snapshots under which one request failed again.
private struct Tried: Sendable {
    let hostAndPath: String
    let failed: [Int64]
}

extension TrialResult {
    fileprivate mutating func add(_ one: Tried, newest: Int64) {
        tried += 1
        for number in one.failed { failures[number, default: 0] += 1 }
        guard one.failed.contains(newest), !examples.contains(one.hostAndPath),
            examples.count < EdgeLimits.trialExamples
        else { return }
        examples.append(one.hostAndPath)
    }
}
