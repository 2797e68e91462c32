package import EdgeRecords
package import Foundation
package import Kernel

// From a loop to a file: the loop copies a request's facts into its chunk; a few times a second, and when the chunk is
// full, the chunk goes to the hub's queue; the pump, a task of its own, formats what is in it for each destination and puts the
// lines into the destination's queue; the destination's own task writes. Each queue is bounded, and each place that drops
// counts.

/// What the loops write down, and who gets it.
package final class RecordHub: Sendable {
    private struct State {
        var waiting: [RecordChunk] = []
        var followers: [Int: LogFollower] = [:]
        var nextFollower = 0
        var records = 0
        var lost = 0
        var isEnded = false
    }

    private let state = Guarded(State())
    private let signal: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    package let destinations: [LogDestination]
    private let task = Guarded<Task<Void, Never>?>(nil)
    /// Called when somebody begins or ceases to want records.
    private let changed = Guarded<(@Sendable () -> Void)?>(nil)

    package init(destinations: [LogDestination] = []) {
        self.destinations = destinations
        (signal, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether loops have to write records down.
    var isWanted: Bool { !destinations.isEmpty || state.withLock { !$0.followers.isEmpty } }

    /// Records that came, and those that were dropped because the pump did not keep up.
    package var counts: (records: Int, lost: Int) { state.withLock { ($0.records, $0.lost) } }

    /// `changed` is called whenever `isWanted` may have another value.
    func start(_ changed: @escaping @Sendable () -> Void) {
        self.changed.withLock { $0 = changed }
        for destination in destinations { destination.start() }
        task.withLock { $0 = Task { [self] in await pump() } }
    }

    /// From a loop.
    func take(_ chunk: RecordChunk) {
        state.withLock { state in
            state.records += chunk.count
            if state.isEnded || state.waiting.count >= LogLimits.waitingChunks {
                state.lost += chunk.count
            } else {
                state.waiting.append(chunk)
            }
        }
        wake.yield()
    }

    private func pump() async {
        var formatters = destinations.map(LogLines.init)
        for await _ in signal {
            let (chunks, followers) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, Array(state.followers.values))
            }
            for chunk in chunks {
                for index in formatters.indices { formatters[index].take(chunk) }
                for follower in followers { follower.take(chunk) }
            }
            for index in formatters.indices { formatters[index].handOver() }
        }
    }

    /// What log rotation moved away is opened anew.
    package func reopen() async { for destination in destinations { await destination.reopen() } }

    /// Writes what is there, for a while, and ends.
    package func stop() async {
        // Whatever came before this is pumped before the stream ends.
        state.withLock { $0.isEnded = true }
        wake.yield()
        wake.finish()
        if let pumping = task.withLock({ $0 }) { await pumping.value }
        await withTaskGroup(of: Void.self) { tasks in
            for destination in destinations { tasks.addTask { await destination.stop() } }
        }
    }

    // MARK: followers

    /// Lines of JSON from now on, of the records that fit. Throws when too many follow already.
    package func follow(_ filter: RecordFilter, clients: ClientShown = .full) throws(Failure) -> AsyncStream<
        Data
    > {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Data.self, bufferingPolicy: .bufferingOldest(LogLimits.followerLines))
        let follower = LogFollower(filter, clients, continuation)
        let number = state.withLock { state -> Int? in
            guard state.followers.count < LogLimits.followers else { return nil }
            state.nextFollower += 1
            state.followers[state.nextFollower] = follower
            return state.nextFollower
        }
        guard let number else {
            throw Failure(.limit, "\(LogLimits.followers) follow this edge's log, which is the most")
        }
        let heartbeat = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: LogLimits.heartbeat)
                // An empty line says that the line is alive.
                continuation.yield(Data([0x0A]))
            }
        }
        continuation.onTermination = { [weak self] _ in
            heartbeat.cancel()
            self?.leave(number)
        }
        tell()
        return stream
    }

    private func leave(_ number: Int) {
        state.withLock { $0.followers[number] = nil }
        tell()
    }

    private func tell() { changed.withLock { $0 }?() }
}

/// Somebody who follows the live log. Only the pump uses it once it is made.
final class LogFollower: @unchecked Sendable {
    private let filter: RecordFilter
    private var formatter: RecordFormatter
    private let continuation: AsyncStream<Data>.Continuation
    private var line = LineWriter()
    private var lost = 0

    init(_ filter: RecordFilter, _ clients: ClientShown, _ continuation: AsyncStream<Data>.Continuation) {
        self.filter = filter
        formatter = RecordFormatter(.json, client: clients, includesLines: true)
        self.continuation = continuation
    }

    func take(_ chunk: RecordChunk) {
        chunk.forEach { record in
            guard filter.fits(record) else { return }
            if lost > 0, case .enqueued = continuation.yield(Data("{\"lost\":\(lost)}\n".utf8)) { lost = 0 }
            formatter.write(record, to: &line)
            if case .dropped = continuation.yield(Data(line.take())) { lost += 1 }
        }
    }
}
