package import EdgeRecords
import Kernel

/// What lines are made of for one destination.
package enum LogContent: Sendable, Hashable {
    /// One line for each request.
    case requests
    /// What programs log to the endpoint of this name.
    case endpoint(String)
}

/// Whole lines, each with its end.
struct LogBatch: Sendable {
    var bytes: [UInt8]
    var lines: Int
}

/// Where a destination's lines end up. One task calls it, one call at a time.
package protocol LogSink: Sendable {
    /// Writes all of it, or throws; what was written in part may be written again.
    func write(_ lines: [UInt8]) async throws
    func reopen() async
    func close() async
    /// How long to wait for more before a batch is sent.
    var linger: Duration? { get }
}

extension LogSink {
    package func reopen() async {}
    package func close() async {}
    package var linger: Duration? { nil }
}

/// A place that gets lines of a log, with the lines that wait for it.
package final class LogDestination: Sendable {
    private struct State {
        var waiting: [LogBatch] = []
        var bytes = 0
        var counts = Counts()
        var isFailing = false
        var isEnded = false
    }

    /// Lines.
    package struct Counts: Sendable, Equatable {
        package var written = 0
        /// For lack of room, or because the destination did not take them.
        package var lost = 0
        package var failures = 0
    }

    package let place: LogPlace
    package let content: LogContent
    private let sink: any LogSink
    private let retries: [Duration]
    private let report: @Sendable (String) -> Void
    private let state = Guarded(State())
    private let signal: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let task = Guarded<Task<Void, Never>?>(nil)

    /// `report` gets a sentence when writing begins to fail, and when it works again.
    package init(
        _ place: LogPlace, _ content: LogContent, sink: any LogSink, retries: [Duration] = LogLimits.retries,
        report: @escaping @Sendable (String) -> Void
    ) {
        self.place = place
        self.content = content
        self.sink = sink
        self.retries = retries
        self.report = report
        (signal, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    package var counts: Counts { state.withLock { $0.counts } }

    func start() { task.withLock { $0 = Task { [self] in await run() } } }

    func offer(_ batch: LogBatch) {
        state.withLock { state in
            guard !state.isEnded, state.bytes + batch.bytes.count <= LogLimits.waitingBytes else {
                state.counts.lost += batch.lines
                return
            }
            state.waiting.append(batch)
            state.bytes += batch.bytes.count
        }
        wake.yield()
    }

    func reopen() async { await sink.reopen() }

    /// Writes what waits, for at most `LogLimits.drain`, and lets the rest go.
    func stop() async {
        state.withLock { $0.isEnded = true }
        wake.yield()
        wake.finish()
        let running = task.withLock { $0 }
        let late = Task {
            try? await Task.sleep(for: LogLimits.drain)
            running?.cancel()
        }
        await running?.value
        late.cancel()
        state.withLock { state in
            state.counts.lost += state.waiting.reduce(0) { $0 + $1.lines }
            state.waiting = []
        }
        await sink.close()
    }

    private func run() async {
        for await _ in signal {
            if let linger = sink.linger, !state.withLock({ $0.isEnded }) {
                try? await Task.sleep(for: linger)
            }
            while let batch = next() { await write(batch) }
        }
    }

    /// Up to `LogLimits.batchBytes` of what waits.
    private func next() -> LogBatch? {
        state.withLock { state in
            guard var batch = state.waiting.first else { return nil }
            var count = 1
            while count < state.waiting.count,
                batch.bytes.count + state.waiting[count].bytes.count <= LogLimits.batchBytes
            {
                batch.bytes += state.waiting[count].bytes
                batch.lines += state.waiting[count].lines
                count += 1
            }
            state.waiting.removeFirst(count)
            return batch
        }
    }

    /// What is being written counts as waiting until it is.
    private func write(_ batch: LogBatch) async {
        var isWritten = false
        for pause in [Duration.zero] + retries {
            if pause > .zero {
                guard (try? await Task.sleep(for: pause)) != nil else { break }
            }
            do {
                try await sink.write(batch.bytes)
                isWritten = true
                break
            } catch let refusal as LogRefusal {
                failed("\(refusal.reason)")
                break
            } catch {
                failed(LogDestination.reason(error))
                if Task.isCancelled { break }
            }
        }
        let recovers = state.withLock { state in
            state.bytes -= batch.bytes.count
            if isWritten { state.counts.written += batch.lines } else { state.counts.lost += batch.lines }
            defer { if isWritten { state.isFailing = false } }
            return isWritten && state.isFailing
        }
        if recovers { report("the log at \(place) is written again") }
    }

    private func failed(_ reason: String) {
        let isNew = state.withLock { state in
            state.counts.failures += 1
            defer { state.isFailing = true }
            return !state.isFailing
        }
        if isNew { report("the log at \(place) cannot be written: \(reason)") }
    }

    private static func reason(_ error: any Error) -> String { (error as? Failure)?.message ?? "\(error)" }
}

/// A destination that will not take these lines however often they come.
struct LogRefusal: Error { let reason: String }

/// Makes a destination's lines. The pump's.
struct LogLines {
    private let destination: LogDestination
    private var formatter: RecordFormatter
    private let endpoint: [UInt8]?
    private var out = LineWriter()
    private var lines = 0

    init(_ destination: LogDestination) {
        self.destination = destination
        formatter = RecordFormatter(destination.place.format, client: destination.place.clients)
        if case .endpoint(let name) = destination.content {
            endpoint = Array(name.utf8)
        } else {
            endpoint = nil
        }
    }

    mutating func take(_ chunk: RecordChunk) {
        chunk.forEach { record in
            if endpoint == nil {
                formatter.write(record, to: &out)
                lines += 1
            } else {
                record.forEachLine { takeLine($0) }
            }
        }
        if out.count >= LogLimits.batchBytes / 2 { handOver() }
    }

    private mutating func takeLine(_ text: Bytes) {
        let line = ProgramLine(text)
        guard let endpoint, endpoint.withUnsafeBytes({ line.goes(to: Bytes($0)) }) else { return }
        out.put(line: line.message)
        out.put(byte: 0x0A)
        lines += 1
    }

    mutating func handOver() {
        guard lines > 0 else { return }
        destination.offer(LogBatch(bytes: out.take(), lines: lines))
        lines = 0
    }
}
