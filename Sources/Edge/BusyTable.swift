import HTTPCache
import Kernel
import NIOCore
import RequestFlow

/// Which addresses are being fetched, so that a thousand who ask for one wait for one fetch.
final class BusyTable: Sendable {
    enum Outcome: Sendable { case stored, notStored, failed(OriginError) }

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
