import EdgeLink
import EdgeRecords
import HTTP1
import Kernel
import VCLRuntime

/// What one loop notes of the requests that end on it. Confined to the loop, `published` excepted. When nobody wants to know
/// more, a request costs a look at the clock and a count.
final class LoopObserver {
    private let observation: Observation
    private let slow: Int64
    private let large: Int64
    private var latencies = LatencyCounts()
    let published = Guarded(LatencyCounts())
    private var recorder: LoopRecorder?
    private(set) var flight: FlightRecorder?
    private var topClients: TopPaths?
    private var clientTicks = 0
    private var samplesLeft = LogLimits.samplesPerTick

    init(_ observation: Observation) {
        self.observation = observation
        slow = observation.settings.slow.nanoseconds
        large = Int64(observation.settings.large.bytes)
    }

    // MARK: time

    func tick() {
        samplesLeft = LogLimits.samplesPerTick
        recorder?.handOver()
        guard topClients != nil else { return }
        clientTicks -= 1
        if clientTicks <= 0 {
            topClients = nil
        } else if clientTicks % EdgeLimits.topPathWindowTicks == 0 {
            topClients?.rotate()
        }
    }

    func publish() {
        let latencies = latencies
        published.withLock { $0 = latencies }
    }

    func handOver() { recorder?.handOver() }

    func lookWhetherWanted() {
        if observation.hub.isWanted {
            if recorder == nil { recorder = LoopRecorder(hub: observation.hub) }
        } else {
            recorder?.handOver()
            recorder = nil
        }
    }

    func beginFlight(bytes: Int) { flight = FlightRecorder(bytes: bytes) }

    /// The clients with most requests since somebody first looked, for at most a minute. Looking makes the loop count on.
    func mostClients(_ limit: Int) -> [(client: String, count: Int)] {
        clientTicks = max(clientTicks, LogLimits.topClientTicks)
        guard let topClients else {
            topClients = TopPaths()
            return []
        }
        return topClients.most(limit).map { ($0.host, $0.count) }
    }

    // MARK: requests

    func ended(_ transaction: Transaction) {
        let context = transaction.context
        let now = wallClock()
        // The clock may be set back meanwhile.
        let elapsed = max(0, now - context.startTime)
        let result = transaction.result
        latencies.count(elapsed, result)
        let isOdd = elapsed > slow || context.bodyBytesWritten > large
        guard isOdd || recorder != nil || flight != nil || topClients != nil else { return }
        note(transaction, elapsed, result, isOdd: isOdd)
    }

    private func note(_ transaction: Transaction, _ elapsed: Int64, _ result: CacheResult, isOdd: Bool) {
        let draft = RecordDraft(transaction, elapsed, result)
        recorder?.record(draft)
        flight?.record(draft)
        if let topClients {
            let arena = transaction.context.arena
            let text =
                draft.identity.isSet ? draft.identity : Format.address(draft.client, in: arena)
            topClients.count(host: text, target: .empty)
        }
        guard isOdd, samplesLeft > 0 else { return }
        samplesLeft -= 1
        if elapsed > slow { observation.samples.keep(draft, .slow) }
        if draft.bodyBytes > large { observation.samples.keep(draft, .large) }
    }

    /// A request whose head was refused; `start` is what came of it.
    func refused(_ start: Bytes, from peer: Peer, status: Int, isHTTP2: Bool = false) {
        latencies.count(0, .synth)
        guard recorder != nil || flight != nil else { return }
        var draft = RecordDraft()
        draft.began = wallClock()
        draft.status = status
        draft.cache = .synth
        draft.flags = peer.isTLS ? [.refused, .tls] : .refused
        if isHTTP2 { draft.flags.insert(.http2) }
        (draft.client, draft.clientPort) = (peer.address, peer.port)
        let line = start.slice(0, start.firstIndex(of: 0x0A) ?? start.count)
        draft.head = line.slice(0, min(line.count, RecordLimits.headBytes))
        recorder?.record(draft)
        flight?.record(draft)
    }
}

extension Transaction {
    /// What became of it.
    var result: CacheResult {
        switch context.state {
        case .hit: .hit
        case .hitStale: .stale
        case .miss: .miss
        case .pass, .hitPass: .pass
        case .none, .error, .synthetic: context.resp.status >= 500 ? .error : .synth
        }
    }
}

extension RecordDraft {
    /// The facts of a request that has ended.
    init(_ transaction: Transaction, _ elapsed: Int64, _ result: CacheResult) {
        let context = transaction.context
        self.init()
        began = context.startTime
        self.elapsed = elapsed
        firstByte = transaction.firstByte > 0 ? max(0, transaction.firstByte - began) : elapsed
        bodyBytes = context.bodyBytesWritten
        status = transaction.isAnswered ? context.resp.status : 0
        cache = result
        if context.isTLS { flags.insert(.tls) }
        if context.traffic.isCut { flags.insert(.cut) }
        if let facts = context.facts as? EdgeFacts, facts.http != nil { flags.insert(.http2) }
        (client, clientPort) = (context.clientAddress, context.clientPort)
        requestID = context.requestID
        restarts = context.restarts
        snapshot = context.snapshot.number
        head = transaction.head
        identity = context.clientIdentity
        // A name lives in the program, which outlives the request; its bytes do not: they are copied.
        if let name = transaction.fetch?.backend?.name { backend = context.arena.copy(name) }
        lines = context.logs
    }
}
