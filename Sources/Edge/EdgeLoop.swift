import EdgeLink
import HTTP1
import Kernel
import NIOCore
import VCLRuntime

/// What belongs to one event loop alone. Confined to it, `published` excepted.
final class EdgeLoop: @unchecked Sendable {
    let core: EdgeCore
    let loop: any EventLoop
    var snapshot: Snapshot
    let origins: OriginPool
    let outbox = Outbox()
    /// Upgraded connections that are open.
    var tunnels = 0
    var statistics = EdgeStatistics()
    var openConnections = 0
    /// Answers that are sent slowly because the program wants that.
    var tarpits = 0
    /// Everybody is asked for a proof of work.
    private(set) var isFlooded = false
    private var requestsTold = 0
    /// The edge ends: connections are told so with their next answer.
    var isDraining = false
    var backends = BackendCounts()
    let topPaths = TopPaths()
    var failed = FailedRequests()
    let observer: LoopObserver
    var shedding = LoadShedding()
    private var lastTick = NIODeadline.now()
    /// A copy of what is counted for readers on other threads, made a few times a second.
    let published: Guarded<EdgeSample>
    private var ticks = 0
    private var contexts: [Context] = []
    private let identity: LiteralBytes
    /// For choices that nobody gains from foreseeing, such as a director's: the system's own costs a system call.
    var random: SeededRandom
    private var requestID = UInt64.random(in: .min ... .max)

    init(core: EdgeCore, loop: any EventLoop, snapshot: Snapshot) {
        self.core = core
        self.loop = loop
        self.snapshot = snapshot
        origins = OriginPool(loop: loop, origins: core.origins, outbox: outbox)
        observer = LoopObserver(core.observation)
        identity = LiteralBytes(core.identity)
        random = SeededRandom(drawingFrom: SystemRandomNumberGenerator())
        published = Guarded(core.emptySample())
        let tick = TimeAmount.milliseconds(EdgeLimits.publishMilliseconds)
        // Not weak, for the same reason as in `Transaction`; it goes with its loop.
        loop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { [self] _ in self.tick() }
    }

    private func tick() {
        ticks += 1
        observer.tick()
        let now = NIODeadline.now()
        shedding.tick(late: (now - lastTick).nanoseconds - EdgeLimits.publishMilliseconds * 1_000_000)
        lastTick = now
        if let challenge = core.challenge {
            isFlooded = challenge.isFlooded(
                statistics.requests - requestsTold, now: Int64(now.uptimeNanoseconds))
            requestsTold = statistics.requests
        }
        if ticks % EdgeLimits.topPathWindowTicks == 0 { topPaths.rotate() }
        publish(withPaths: ticks % EdgeLimits.topPathTicks == 0)
    }

    func publish(withPaths: Bool) {
        let paths = withPaths ? topPaths.most(EdgeLimits.topPathsOfLoop) : nil
        published.withLock { sample in
            sample.statistics = statistics
            sample.openConnections = openConnections
            sample.backends = backends.all
            if let paths { sample.topPaths = paths }
        }
        if withPaths { observer.publish() }
    }

    func context() -> Context { context(under: snapshot) }

    func context(under snapshot: Snapshot) -> Context {
        let context = contexts.popLast() ?? newContext(snapshot)
        context.reset(snapshot: snapshot)
        context.serverIdentity = identity.bytes
        context.facts = core.facts
        context.isTLS = false
        requestID &+= 0x9E37_79B9_7F4A_7C15
        context.requestID = requestID
        return context
    }

    /// A request that no program has seen, or `wasUnderWay` and is written down already: `head` is what there is of it.
    func count(
        refused error: HeadError, _ head: Bytes, from peer: Peer, isHTTP2: Bool = false, wasUnderWay: Bool
    ) {
        statistics.count(status: error.status)
        guard !wasUnderWay else { return }
        statistics.requests += 1
        statistics.synthetics += 1
        observer.refused(head, from: peer, status: error.status, isHTTP2: isHTTP2)
    }

    private func newContext(_ snapshot: Snapshot) -> Context {
        Context(snapshot: snapshot, random: SeededRandom(drawingFrom: SystemRandomNumberGenerator()))
    }

    func recycle(_ context: Context) {
        if contexts.count < EdgeLimits.keptContexts { contexts.append(context) }
    }
}

/// Bytes of a string that live as long as this does.
final class LiteralBytes: Sendable {
    let bytes: Bytes

    init(_ text: String) {
        bytes = text.withBytes { view in
            let start = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, view.count))
            if let from = view.start { start.update(from: from, count: view.count) }
            return Bytes(start: start, count: view.count)
        }
    }

    deinit { bytes.start?.deallocate() }
}
