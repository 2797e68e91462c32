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
    /// Milliseconds since 1970.
    let started = wallClock() / 1_000_000
    let loops = Guarded<[EdgeLoop]>([])
    let history: Guarded<SnapshotHistory>

    /// What the control plane's own visits carry in HQ-Check; nobody else knows it.
    private let checkWord: LiteralBytes?
    let health = HealthChecks()
    /// Who may connect, and ask.
    let admission: Admission
    /// What programs may know besides the request.
    let facts: EdgeFacts

    package init(
        snapshot: Snapshot, cacheSize: ByteCount, identity: String, checkWord: String? = nil,
        geo: GeoDatabase? = nil, admission: AdmissionLimits = AdmissionLimits()
    ) {
        self.admission = Admission(admission)
        facts = EdgeFacts(geo: geo, health: health)
        self.checkWord = checkWord.map { LiteralBytes($0) }
        cache = ResponseCache(capacity: cacheSize)
        history = Guarded(SnapshotHistory(snapshot))
        self.identity = identity
    }

    /// Whether the control plane itself asks. The word goes no further: neither VCL nor a backend sees it.
    func isOwnVisit(_ headers: inout HeaderList) -> Bool {
        let word = headers[.hqCheck]
        guard word.isSet else { return false }
        headers.remove(.hqCheck)
        return checkWord.map { $0.bytes == word } ?? false
    }

    package var snapshot: Snapshot { history.withLock { $0.latest } }

    /// Update `number` left the snapshot as it is.
    package func note(_ number: Int64) { history.withLock { $0.note(number) } }

    /// From here on new requests run against `snapshot`; those under way end with theirs.
    package func install(_ snapshot: Snapshot) {
        history.withLock { $0.install(snapshot) }
        for loop in loops.withLock({ $0 }) { loop.loop.execute { loop.snapshot = snapshot } }
        followHealth()
    }

    func attach(_ loop: any EventLoop) -> EdgeLoop {
        let made = EdgeLoop(core: self, loop: loop, snapshot: snapshot)
        let isFirst = loops.withLock { loops in
            loops.append(made)
            return loops.count == 1
        }
        if isFirst { followHealth() }
        return made
    }

    /// The first loop asks for all.
    private func followHealth() {
        guard let first = loops.withLock({ $0.first }) else { return }
        health.follow(snapshot.program, on: first.loop)
    }
}
