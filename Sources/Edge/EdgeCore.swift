package import EdgeLink
import HTTP1
package import HTTPCache
package import Kernel
import NIOCore
package import VCLRuntime

#if canImport(Glibc)
    import Glibc
#endif

/// Nanoseconds since 1970.
package func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// What the loops of one edge share: the cache and the table of addresses that are being fetched.
package final class EdgeCore: Sendable {
    package let cache: ResponseCache
    let busy = BusyTable()
    package let identity: String
    private let loops = Guarded<[EdgeLoop]>([])
    private let latest: Guarded<Snapshot>

    package init(snapshot: Snapshot, cacheSize: ByteCount, identity: String) {
        cache = ResponseCache(capacity: cacheSize)
        latest = Guarded(snapshot)
        self.identity = identity
    }

    package var snapshot: Snapshot { latest.withLock { $0 } }

    /// From here on new requests run against `snapshot`; those under way end with theirs.
    package func install(_ snapshot: Snapshot) {
        latest.withLock { $0 = snapshot }
        for loop in loops.withLock({ $0 }) { loop.loop.execute { loop.snapshot = snapshot } }
    }

    func attach(_ loop: any EventLoop) -> EdgeLoop {
        let made = EdgeLoop(core: self, loop: loop, snapshot: snapshot)
        loops.withLock { $0.append(made) }
        return made
    }

    /// The sum over all loops. Read without stopping them, so that it may be a few requests behind.
    package func statistics() -> EdgeStatistics {
        loops.withLock { $0 }.reduce(into: EdgeStatistics()) { $0.add($1.published.withLock { $0 }) }
    }
}

/// What belongs to one event loop alone. Confined to it, `published` excepted.
final class EdgeLoop: @unchecked Sendable {
    let core: EdgeCore
    let loop: any EventLoop
    var snapshot: Snapshot
    let origins: OriginPool
    var statistics = EdgeStatistics()
    /// A copy of `statistics` for readers on other threads, made a few times a second.
    let published = Guarded(EdgeStatistics())
    private var contexts: [Context] = []
    private let identity: LiteralBytes
    private var requestID = UInt64.random(in: .min ... .max)

    init(core: EdgeCore, loop: any EventLoop, snapshot: Snapshot) {
        self.core = core
        self.loop = loop
        self.snapshot = snapshot
        origins = OriginPool(loop: loop)
        identity = LiteralBytes(core.identity)
        loop.scheduleRepeatedTask(initialDelay: .milliseconds(200), delay: .milliseconds(200)) {
            [weak self] _ in
            guard let self else { return }
            let now = statistics
            published.withLock { $0 = now }
        }
    }

    func context() -> Context {
        let context = contexts.popLast() ?? Context(snapshot: snapshot)
        context.reset(snapshot: snapshot)
        context.serverIdentity = identity.bytes
        requestID &+= 0x9E37_79B9_7F4A_7C15
        context.requestID = requestID
        return context
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

/// Which addresses are being fetched, so that a thousand who ask for one wait for one fetch.
final class BusyTable: Sendable {
    enum Outcome: Sendable { case stored, notStored, failed }

    private typealias Waiter = (loop: any EventLoop, wake: @Sendable (Outcome) -> Void)
    private let shards: [Guarded<[[UInt8]: [Waiter]]>] = (0..<CacheLimits.shards).map { _ in Guarded([:]) }

    private func shard(_ key: Bytes) -> Guarded<[[UInt8]: [Waiter]]> {
        shards[Int(truncatingIfNeeded: ByteHash.process(key) >> 58)]
    }

    /// True for the caller that shall fetch. Others are woken on their loop when that fetch has its head, or has failed;
    /// nil when too many wait already.
    func begin(_ key: Bytes, on loop: any EventLoop, wake: @escaping @Sendable (Outcome) -> Void) -> Bool? {
        shard(key).withLock { table in
            guard var waiters = table[key.array] else {
                table[key.array] = []
                return true
            }
            guard waiters.count < CacheLimits.waiters else { return nil }
            waiters.append((loop, wake))
            table[key.array] = waiters
            return false
        }
    }

    func end(_ key: Bytes, _ outcome: Outcome) {
        let waiters = shard(key).withLock { $0.removeValue(forKey: key.array) ?? [] }
        for waiter in waiters { waiter.loop.execute { waiter.wake(outcome) } }
    }
}
