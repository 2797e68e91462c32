import Kernel
import NIOCore
import NIOExtras
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// The edge's listeners: one socket for each event loop on one port (SO_REUSEPORT), so that the kernel
/// spreads the connections and no loop hands work to another. A Unix socket has one acceptor, which deals out
/// its connections.
package final class EdgeServer: Sendable {
    package let core: EdgeCore
    private let group: MultiThreadedEventLoopGroup
    private let edges: [EdgeLoop]
    private let listeners = Guarded<[Listener]>([])

    private struct Listener: Sendable {
        let quiescing: ServerQuiescingHelper
    }

    package init(core: EdgeCore, loops: Int? = nil) {
        self.core = core
        group = MultiThreadedEventLoopGroup(numberOfThreads: loops ?? System.coreCount)
        edges = group.makeIterator().map { core.attach($0) }
        core.beginObservation()
    }

    /// Listens on `host` and `port` (0: any free one); returns the port.
    package func start(host: String, port: Int) async throws -> Int {
        let place = try await start(EdgeListener(.port(HostPort(host: host, port: port))))
        guard case .port(let bound) = place else { return port }
        return bound.port
    }

    /// Returns the place with the port that it got.
    @discardableResult
    package func start(_ listener: EdgeListener) async throws -> EdgeListener.Place {
        switch listener.place {
        case .port(let address): return .port(try await start(listener, at: address))
        case .socket(let path): return try await start(listener, at: path)
        }
    }

    private func start(_ listener: EdgeListener, at address: HostPort) async throws -> HostPort {
        var bound = address
        for edge in edges {
            let doorways = [Doorway(edge: edge, listener: listener)]
            let quiescing = quiescing()
            let channel: any Channel
            do {
                channel = try await bootstrap(doorways, edge.loop, quiescing)
                    .serverChannelOption(.socketOption(NIOBSDSocket.Option(rawValue: SO_REUSEPORT)), value: 1)
                    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .bind(host: bound.host, port: bound.port).get()
            } catch {
                throw EdgeServer.refusal(bound.description, error)
            }
            bound = HostPort(host: address.host, port: channel.localAddress?.port ?? bound.port)
            listeners.withLock { $0.append(Listener(quiescing: quiescing)) }
        }
        return bound
    }

    private func start(_ listener: EdgeListener, at path: String) async throws -> EdgeListener.Place {
        guard await !isServed(path) else {
            throw EdgeServer.refusal("unix:\(path)", IOError(errnoCode: EADDRINUSE, reason: "bind"))
        }
        let doorways = edges.map { Doorway(edge: $0, listener: listener) }
        let quiescing = quiescing()
        do {
            _ = try await bootstrap(doorways, group, quiescing)
                .bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
        } catch {
            throw EdgeServer.refusal("unix:\(path)", error)
        }
        listeners.withLock { $0.append(Listener(quiescing: quiescing)) }
        return listener.place
    }

    /// A socket's file outlives whoever made it; only when nobody answers there may it be replaced.
    private func isServed(_ path: String) async -> Bool {
        guard let channel = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
        else { return false }
        try? await channel.close().get()
        return true
    }

    private static func refusal(_ place: String, _ error: any Error) -> Failure {
        let reason =
            (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "there is no such address"
        return Failure(
            .unavailable, "cannot listen on \(place): \(reason)",
            hint: "choose another address with --listen, or stop what uses this one")
    }

    /// It speaks once more when it is let go of, after these loops have ended.
    private func quiescing() -> ServerQuiescingHelper {
        ServerQuiescingHelper(group: MultiThreadedEventLoopGroup.singleton)
    }

    private func bootstrap(
        _ doorways: [Doorway], _ group: any EventLoopGroup, _ quiescing: ServerQuiescingHelper
    ) -> ServerBootstrap {
        ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try doorways.first { $0.edge.loop === channel.eventLoop }?.open(channel)
                }
            }
    }

    /// Accepts nobody new, lets requests under way end, and closes what is still open after `drainSeconds`.
    package func stop() async {
        let ending = listeners.withLock { open in
            defer { open = [] }
            return open
        }
        await withTaskGroup(of: Void.self) { tasks in
            for listener in ending {
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
        await core.endObservation()
        try? await group.shutdownGracefully()
    }
}
