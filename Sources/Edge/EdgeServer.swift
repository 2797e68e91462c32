import Kernel
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// The edge's listeners: one socket for each event loop on one port (SO_REUSEPORT), so that the kernel spreads the
/// connections and no loop hands work to another.
package final class EdgeServer: Sendable {
    package let core: EdgeCore
    private let group: MultiThreadedEventLoopGroup
    private let channels = Guarded<[any Channel]>([])

    package init(core: EdgeCore, loops: Int? = nil) {
        self.core = core
        group = MultiThreadedEventLoopGroup(numberOfThreads: loops ?? System.coreCount)
    }

    /// Listens on `host` and `port` (0: any free one); returns the port.
    package func start(host: String, port: Int) async throws -> Int {
        var bound = port
        for loop in group.makeIterator() {
            let edge = core.attach(loop)
            let channel: any Channel
            do {
                channel = try await bootstrap(edge, loop).bind(host: host, port: bound).get()
            } catch let error as IOError {
                throw Failure(
                    .unavailable,
                    "cannot listen on \(host):\(bound): \(String(cString: strerror(error.errnoCode)))",
                    hint: "choose another address with --listen, or stop what uses this one")
            }
            bound = channel.localAddress?.port ?? bound
            channels.withLock { $0.append(channel) }
        }
        return bound
    }

    private func bootstrap(_ edge: EdgeLoop, _ loop: any EventLoop) -> ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ClientConnection(edge: edge))
                }
            }
    }

    package func stop() async {
        for channel in channels.withLock({ $0 }) { try? await channel.close().get() }
        try? await group.shutdownGracefully()
    }
}
