import Kernel
import NIOCore

/// Looks now and then whether a client takes what was written to it, while something waits in the edge for that. What the
/// client has confirmed decides (TCP_INFO, tcp(7)): the kernel takes megabytes at once, and what it has taken says nothing
/// about the client. To say that something waits, or no longer, costs next to nothing. Confined to its loop.
final class SlowClientWatch {
    private let channel: any Channel
    private let pace: TimeAmount
    private let tooSlow: () -> Void
    private var isWaiting = false
    private var confirmed: UInt64?
    private var timer: Scheduled<Void>?

    /// `tooSlow` is called when fewer than `AdmissionLimits.paceBytes` were confirmed between two looks at both of which
    /// something waited. A Unix socket confirms nothing, and is never too slow: whoever may write to it is trusted.
    init(on channel: any Channel, _ limits: AdmissionLimits, tooSlow: @escaping () -> Void) {
        self.channel = channel
        pace = .nanoseconds(limits.pace.nanoseconds)
        self.tooSlow = tooSlow
    }

    /// Something waits for the client, or nothing does.
    func note(waiting: Bool) {
        isWaiting = waiting
        if waiting, timer == nil { arm() }
    }

    private func arm() {
        let timer = channel.eventLoop.assumeIsolated().scheduleTask(in: pace) { [weak self] in
            if let self { look() }
        }
        self.timer = timer
    }

    private func look() {
        timer = nil
        guard isWaiting else { return confirmed = nil }
        let now = SlowClientWatch.confirmedBytes(channel)
        if let now, let confirmed, now < confirmed + UInt64(AdmissionLimits.paceBytes) { return tooSlow() }
        confirmed = now
        arm()
    }

    func end() { timer?.cancel() }

    deinit { timer?.cancel() }

    /// The kernel's `struct tcp_info` up to what is wanted of it; older kernels fill in less.
    private struct TCPInfo: Sendable {
        var before:
            (
                UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
                UInt64, UInt64,
                UInt64, UInt64
            ) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        var bytesAcknowledged: UInt64 = 0
    }

    private static func confirmedBytes(_ channel: any Channel) -> UInt64? {
        guard let options = channel as? any SocketOptionProvider else { return nil }
        var found: UInt64?
        let asked: EventLoopFuture<TCPInfo> = options.unsafeGetSocketOption(level: .tcp, name: .tcp_info)
        // On the channel's own loop it is there at once.
        asked.assumeIsolated().whenSuccess { found = $0.bytesAcknowledged }
        return found
    }
}
