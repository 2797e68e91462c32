import Kernel
import NIOCore
import NIOPosix
import VCLRuntime

/// Connections of one event loop to the backends. Confined to its loop.
final class OriginPool: @unchecked Sendable {
    private let loop: any EventLoop
    private var hosts: [String: Host] = [:]

    private struct Host {
        var idle: [OriginConnection] = []
        var open = 0
        var waiting: [Wish] = []
    }

    private struct Wish {
        let backend: Backend
        let done: (Result<OriginConnection, OriginError>) -> Void
    }

    init(loop: any EventLoop) { self.loop = loop }

    /// An idle connection or a new one. `done` may be called before this returns.
    func acquire(
        _ backend: Backend, fresh: Bool = false,
        _ done: @escaping (Result<OriginConnection, OriginError>) -> Void
    ) {
        let address = backend.address
        var host = hosts[address] ?? Host()
        while !fresh, let connection = host.idle.popLast() {
            guard connection.isUsable else { continue }
            hosts[address] = host
            return done(.success(connection))
        }
        if host.open >= backend.maxConnections {
            guard host.waiting.count < EdgeLimits.waitingForBackend else {
                return done(.failure(.tooManyWaiting))
            }
            host.waiting.append(Wish(backend: backend, done: done))
            hosts[address] = host
            return
        }
        host.open += 1
        hosts[address] = host
        connect(backend, done)
    }

    private func connect(
        _ backend: Backend, _ done: @escaping (Result<OriginConnection, OriginError>) -> Void
    ) {
        let connection = OriginConnection(pool: self, address: backend.address, loop: loop)
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.nanoseconds(backend.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        let future: EventLoopFuture<any Channel>
        if let address = try? SocketAddress(ipAddress: backend.host, port: backend.port) {
            future = bootstrap.connect(to: address)
        } else {
            future = bootstrap.connect(host: backend.host, port: backend.port)
        }
        future.assumeIsolated().whenComplete { result in
            switch result {
            case .success: done(.success(connection))
            case .failure:
                self.closed(backend.address)
                done(.failure(.connect))
            }
        }
    }

    /// Takes back a connection that can serve another request.
    func release(_ connection: OriginConnection) {
        guard var host = hosts[connection.address] else { return connection.close() }
        if !host.waiting.isEmpty {
            let wish = host.waiting.removeFirst()
            hosts[connection.address] = host
            return wish.done(.success(connection))
        }
        guard host.idle.count < EdgeLimits.idleBackendConnections else { return connection.close() }
        host.idle.append(connection)
        hosts[connection.address] = host
        connection.idle()
    }

    /// A connection is gone, or was never made.
    func closed(_ address: String) {
        guard var host = hosts[address] else { return }
        host.open -= 1
        host.idle.removeAll { !$0.isUsable }
        let wish = host.waiting.isEmpty ? nil : host.waiting.removeFirst()
        if wish != nil { host.open += 1 }
        hosts[address] = host
        if let wish { connect(wish.backend, wish.done) }
    }
}

enum OriginError: Error {
    case connect, firstByteTimeout, betweenBytesTimeout, closed, malformed, tooManyWaiting, noBackend
    case unhealthy
    /// The edge itself has no time for more.
    case overloaded

    /// What vcl_error reads as `obj.response`; Fastly's words where it has some.
    var response: StaticString {
        switch self {
        case .connect: "Backend unavailable, connection refused or timed out"
        case .firstByteTimeout: "first byte timeout"
        case .betweenBytesTimeout: "between bytes timeout"
        case .closed: "backend read error"
        case .malformed: "backend response malformed"
        case .tooManyWaiting: "backend connections exhausted"
        case .noBackend: "no backend"
        case .unhealthy: "Backend is unhealthy"
        case .overloaded: "edge overloaded"
        }
    }
}
