import Kernel
import NIOCore
import NIOExtras
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// The edge's listeners: one socket for each event loop on one port (SO_REUSEPORT), so that the kernel spreads the
/// connections and no loop hands work to another.
package final class EdgeServer: Sendable {
    package let core: EdgeCore
    private let group: MultiThreadedEventLoopGroup
    private let listeners = Guarded<[Listener]>([])

    private struct Listener: Sendable {
        let quiescing: ServerQuiescingHelper
    }

    package init(core: EdgeCore, loops: Int? = nil) {
        self.core = core
        group = MultiThreadedEventLoopGroup(numberOfThreads: loops ?? System.coreCount)
    }

    /// Listens on `host` and `port` (0: any free one); returns the port.
    package func start(host: String, port: Int) async throws -> Int {
        var bound = port
        for loop in group.makeIterator() {
            let edge = core.attach(loop)
            // It speaks once more when it is let go of, after these loops have ended.
            let quiescing = ServerQuiescingHelper(group: MultiThreadedEventLoopGroup.singleton)
            let channel: any Channel
            do {
                channel = try await bootstrap(edge, loop, quiescing).bind(host: host, port: bound).get()
            } catch let error as IOError {
                throw Failure(
                    .unavailable,
                    "cannot listen on \(host):\(bound): \(String(cString: strerror(error.errnoCode)))",
                    hint: "choose another address with --listen, or stop what uses this one")
            }
            bound = channel.localAddress?.port ?? bound
            listeners.withLock { $0.append(Listener(quiescing: quiescing)) }
        }
        return bound
    }

    private func bootstrap(
        _ edge: EdgeLoop, _ loop: any EventLoop, _ quiescing: ServerQuiescingHelper
    ) -> ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientConnection(edge: edge))
                }
            }
    }

    /// Accepts nobody new, lets requests under way end, and closes what is still open after `drainSeconds`.
    package func stop() async {
        await withTaskGroup(of: Void.self) { tasks in
            for listener in listeners.withLock({ $0 }) {
                // Not on the listener's own loop, which ends before its clock would.
                let clock = MultiThreadedEventLoopGroup.singleton.any()
                let ended = clock.makePromise(of: Void.self)
                listener.quiescing.initiateShutdown(promise: ended)
                let late = clock.scheduleTask(in: .seconds(EdgeLimits.drainSeconds)) {
                    ended.succeed()
                }
                tasks.addTask {
                    try? await ended.futureResult.get()
                    late.cancel()
                }
            }
        }
        try? await group.shutdownGracefully()
    }
}
