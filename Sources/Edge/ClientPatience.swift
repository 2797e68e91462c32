import EdgeLink
import Kernel
import NIOCore

/// What the edge bears from one client of HTTP/1.1: how slowly its head may come, and how slowly it may take answers. Without
/// slow clients it holds nothing. Confined to its loop.
struct ClientPatience {
    private var timer: Scheduled<Void>?
    private var slowness: SlowClientWatch?

    /// A head has begun and is not complete; it has so long from here on, however its bytes come.
    mutating func headBegan(on edge: EdgeLoop, tooSlow: @escaping @Sendable () -> Void) {
        guard timer == nil else { return }
        let time = TimeAmount.nanoseconds(edge.core.admission.limits.headTime.nanoseconds)
        timer = edge.loop.scheduleTask(in: time) {
            edge.statistics.slowClients += 1
            tooSlow()
        }
    }

    /// A head is complete.
    mutating func headCame() {
        guard let timer else { return }
        timer.cancel()
        self.timer = nil
    }

    /// Who asks too often waits until `tell`.
    mutating func holdBack(on edge: EdgeLoop, tell: @escaping @Sendable () -> Void) {
        edge.statistics.limitedRequests += 1
        timer?.cancel()
        timer = edge.loop.scheduleTask(
            in: .nanoseconds(edge.core.admission.limits.tarpit.nanoseconds), tell)
    }

    /// Whether something waits for the client to take it.
    mutating func note(
        waiting: Bool, on channel: any Channel, of edge: EdgeLoop, tooSlow: @escaping () -> Void
    ) {
        if slowness == nil {
            slowness = SlowClientWatch(on: channel, edge.core.admission.limits) {
                edge.statistics.slowClients += 1
                tooSlow()
            }
        }
        slowness?.note(waiting: waiting)
    }

    mutating func end() {
        headCame()
        slowness?.end()
    }
}
