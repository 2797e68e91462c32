import EdgeLink
import Kernel
import NIOCore
import VCLRuntime

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
