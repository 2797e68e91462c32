import Kernel
import NIOCore
import NIOExtras
import NIOPosix
package import SocketHandover

/// The edge's listeners: one socket for each event loop on one port (SO_REUSEPORT), so that the kernel
/// spreads the connections and no loop hands work to another. A Unix socket has one acceptor, which deals out
/// its connections.
package final class EdgeServer: Sendable {
    package let core: EdgeCore
    private let group: MultiThreadedEventLoopGroup
    private let edges: [EdgeLoop]
    private let state = Guarded(State())

    private struct State: Sendable {
        /// Bound, and not accepted from yet.
        var bound: [Bound] = []
        var acceptors: [Acceptor] = []
        /// All that are or shall be accepted from.
        var sockets: [ListeningSocket] = []
        /// Of the edge before this one, for listeners that are not bound yet.
        var inherited: [ListeningSocket] = []
        /// Each ends when the connections that one acceptor took have ended.
        var endings: [EventLoopFuture<Void>] = []
    }

    private struct Bound: Sendable {
        let socket: ListeningSocket
        let doorways: [Doorway]
        /// One loop, or all of them in turn.
        let group: any EventLoopGroup
    }

    private struct Acceptor: Sendable {
        let channel: any Channel
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
        let place = try await bind(listener)
        try await accept()
        return place
    }

    /// Has the place, and accepts nobody yet. Returns the place with the port that it got.
    @discardableResult
    package func bind(_ listener: EdgeListener) async throws -> EdgeListener.Place {
        switch listener.place {
        case .port(let address): return .port(try bind(listener, at: address))
        case .socket(let path): return try await bind(listener, at: path)
        }
    }

    // MARK: taking over

    /// Sockets of an edge that hands over: who listens at their place gets them in place of new ones.
    package func inherit(_ sockets: [ListeningSocket]) { state.withLock { $0.inherited += sockets } }

    package func inherits(_ place: EdgeListener.Place) -> Bool {
        state.withLock { $0.inherited.contains { $0.place == place.description } }
    }

    /// Closes those at whose place nobody listens any more.
    package func dropUnclaimed() {
        let left = state.withLock { state in
            defer { state.inherited = [] }
            return state.inherited
        }
        for socket in left { socket.close() }
    }

    /// What a successor needs.
    package var sockets: [ListeningSocket] { state.withLock(\.sockets) }

    private func claim(_ place: String) -> [ListeningSocket] {
        state.withLock { state in
            let mine = state.inherited.filter { $0.place == place }
            state.inherited.removeAll { $0.place == place }
            return mine
        }
    }

    // MARK: listening

    private func bind(_ listener: EdgeListener, at address: HostPort) throws -> HostPort {
        var sockets = claim("\(address)")
        var bound = address
        do {
            while sockets.count < edges.count {
                let socket = try ListeningSocket.bound(to: bound)
                sockets.append(socket)
                bound = HostPort(socket.place) ?? bound
            }
        } catch {
            for socket in sockets { socket.close() }
            throw EdgeServer.refusal("\(bound)", error)
        }
        // An edge before this one on a machine with more cores had more: each must be accepted from.
        keep(
            sockets.enumerated().map { index, socket in
                let edge = edges[index % edges.count]
                return Bound(
                    socket: socket, doorways: [Doorway(edge: edge, listener: listener)], group: edge.loop)
            })
        return bound
    }

    private func keep(_ bound: [Bound]) {
        state.withLock {
            $0.bound += bound
            $0.sockets += bound.map(\.socket)
        }
    }

    private func bind(_ listener: EdgeListener, at path: String) async throws -> EdgeListener.Place {
        var sockets = claim("\(listener.place)")
        if sockets.isEmpty {
            guard await !isServed(path) else { throw EdgeServer.refusal("unix:\(path)", SocketError.isUsed) }
            do { sockets = [try ListeningSocket.bound(to: path)] } catch {
                throw EdgeServer.refusal("unix:\(path)", error)
            }
        }
        let doorways = edges.map { Doorway(edge: $0, listener: listener) }
        keep(sockets.map { Bound(socket: $0, doorways: doorways, group: group) })
        return listener.place
    }

    /// Accepts from all that is bound.
    package func accept() async throws {
        let waiting = state.withLock { state in
            defer { state.bound = [] }
            return state.bound
        }
        for one in waiting {
            let quiescing = quiescing()
            let channel = try await bootstrap(one, quiescing).withBoundSocket(one.socket.duplicated()).get()
            state.withLock { $0.acceptors.append(Acceptor(channel: channel, quiescing: quiescing)) }
        }
    }

    /// A socket's file outlives whoever made it; only when nobody answers there may it be replaced.
    private func isServed(_ path: String) async -> Bool {
        guard let channel = try? await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
        else { return false }
        try? await channel.close().get()
        return true
    }

    private static func refusal(_ place: String, _ error: any Error) -> Failure {
        Failure(
            .unavailable, "cannot listen on \(place): \(error)",
            hint: "choose another address with --listen, or stop what uses this one")
    }

    /// It speaks once more when it is let go of, after these loops have ended.
    private func quiescing() -> ServerQuiescingHelper {
        ServerQuiescingHelper(group: MultiThreadedEventLoopGroup.singleton)
    }

    private func bootstrap(_ bound: Bound, _ quiescing: ServerQuiescingHelper) -> ServerBootstrap {
        let doorways = bound.doorways
        let bootstrap = ServerBootstrap(group: bound.group)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        quiescing.makeServerChannelHandler(channel: channel))
                }
            }
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelOption(.recvAllocator, value: EdgeLimits.readBuffer)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try doorways.first { $0.edge.loop === channel.eventLoop }?.open(channel)
                }
            }
        guard !bound.socket.place.hasPrefix("unix:") else { return bootstrap }
        return bootstrap.childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    }

    // MARK: stopping

    /// Accepts nobody any more, and tells clients that their next answer is the last. Blocks the thread, which must be no
    /// loop's, until a successor may accept: NIO does not expect that another process takes what it was woken for.
    package func stopAccepting() { for closed in beginStopping(isHandedOn: true) { try? closed.wait() } }

    /// Ends when nobody is accepted any more.
    private func beginStopping(isHandedOn: Bool) -> [EventLoopFuture<Void>] {
        for edge in edges { edge.loop.execute { edge.isDraining = true } }
        let (ending, sockets) = state.withLock { state in
            defer { (state.acceptors, state.sockets, state.bound) = ([], [], []) }
            return (state.acceptors, state.sockets)
        }
        let ended = ending.map { acceptor in
            // Not on the acceptor's own loop, which ends before its clock would.
            let ended = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            acceptor.quiescing.initiateShutdown(promise: ended)
            return ended.futureResult
        }
        state.withLock { $0.endings += ended }
        for socket in sockets {
            if !isHandedOn { socket.removeFile() }
            socket.close()
        }
        dropUnclaimed()
        return ending.map(\.channel.closeFuture)
    }

    /// Accepts nobody new, lets requests under way end, and closes what is still open after `seconds`.
    package func stop(within seconds: Int64 = EdgeLimits.drainSeconds) async {
        _ = beginStopping(isHandedOn: false)
        let endings = state.withLock(\.endings)
        let clock = MultiThreadedEventLoopGroup.singleton.any()
        let all = EventLoopFuture.andAllComplete(endings, on: clock)
        let ended = clock.makePromise(of: Void.self)
        all.cascade(to: ended)
        let late = clock.scheduleTask(in: .seconds(seconds)) { ended.succeed() }
        try? await ended.futureResult.get()
        late.cancel()
        await core.endObservation()
        try? await group.shutdownGracefully()
    }
}
