import Atomics
import Kernel
import VCLRuntime

/// Saint mode: objects that a backend could not give are not asked of it again for a while (`beresp.saintmode`). When there
/// are too many such objects, the backend gets no requests at all.
final class SaintList: Sendable {
    private struct Sin: Hashable {
        let backend: Backend
        let object: UInt64
    }

    private let sins = Guarded<[Sin: Int64]>([:])
    /// So that nobody takes the lock while all is well.
    private let count = ManagedAtomic(0)

    /// `until` and `now` in nanoseconds since 1970.
    func avoid(_ backend: Backend, object: UInt64, until: Int64, now: Int64) {
        guard backend.saintModeThreshold > 0, until > now else { return }
        sins.withLock { sins in
            if sins.count >= OriginLimits.saintlyObjects {
                sins = sins.filter { $0.value > now }
                if sins.count >= OriginLimits.saintlyObjects,
                    let first = sins.min(by: { $0.value < $1.value })
                {
                    sins[first.key] = nil
                }
            }
            sins[Sin(backend: backend, object: object)] = until
            count.store(sins.count, ordering: .relaxed)
        }
    }

    /// Whether the backend may be asked for this object; with nil, for any.
    func allows(_ backend: Backend, object: UInt64?, now: @autoclosure () -> Int64) -> Bool {
        guard count.load(ordering: .relaxed) > 0 else { return true }
        let now = now()
        return sins.withLock { sins in
            if let object, let until = sins[Sin(backend: backend, object: object)], until > now {
                return false
            }
            let present = sins.count { $0.key.backend == backend && $0.value > now }
            if present == 0 {
                sins = sins.filter { $0.value > now }
                count.store(sins.count, ordering: .relaxed)
            }
            return present == 0 || present < backend.saintModeThreshold
        }
    }
}
