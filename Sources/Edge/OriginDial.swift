import Kernel
import NIOCore
import NIOPosix
import RequestFlow
import VCLRuntime

#if canImport(Glibc)
    import Glibc
#endif

/// What the loops of an edge know of backends together.
final class Origins: Sendable {
    let addresses: AddressBook
    let budget = ConnectionBudget()
    let tls = OriginTLS()
    let saints = SaintList()

    init(addresses: AddressBook = AddressBook()) { self.addresses = addresses }
}

/// One connection to a backend in the making: the name's addresses in turn, each 250 ms after the one before or as soon as that
/// has failed (RFC 8305), then the TLS handshake. Ends once, by `deadline` at the latest. Confined to its loop.
final class OriginDial: @unchecked Sendable {
    typealias Done = (Result<any Channel, OriginError>) -> Void

    private let backend: Backend
    private let origins: Origins
    private let loop: any EventLoop
    private let timeout: TimeAmount
    private var done: Done?
    private var left: ArraySlice<SocketAddress> = []
    private var underWay = 0
    private var next: Scheduled<Void>?
    private var deadline: Scheduled<Void>?
    private var channel: (any Channel)?
    /// What the first address said: the others are there to help, not to explain.
    private var failure: OriginError?

    private init(
        _ backend: Backend, _ origins: Origins, _ loop: any EventLoop, _ timeout: TimeAmount,
        _ done: @escaping Done
    ) {
        self.backend = backend
        self.origins = origins
        self.loop = loop
        self.timeout = timeout
        self.done = done
    }

    /// Calls `done` on `loop`, within `timeout` nanoseconds, with a channel that has no handler of ours in it yet but TLS.
    static func begin(
        _ backend: Backend, _ origins: Origins, on loop: any EventLoop, timeout: Int64,
        _ done: @escaping Done
    ) {
        let dial = OriginDial(backend, origins, loop, .nanoseconds(max(1, timeout)), done)
        dial.deadline = loop.scheduleTask(in: dial.timeout) {
            dial.end(.failure(dial.failure ?? .connectTimeout))
        }
        origins.addresses.find(
            backend.host, port: backend.port, prefersIPv6: backend.prefersIPv6, on: loop
        ) { dial.found($0) }
    }

    private func found(_ addresses: [SocketAddress]) {
        guard done != nil else { return }
        guard !addresses.isEmpty else { return end(.failure(.unresolved)) }
        left = addresses[...]
        attempt()
    }

    private func attempt() {
        next?.cancel()
        next = nil
        guard done != nil, channel == nil, let address = left.popFirst() else { return }
        underWay += 1
        if !left.isEmpty {
            let delay = TimeAmount.milliseconds(OriginLimits.attemptDelayMilliseconds)
            next = loop.scheduleTask(in: delay) { self.attempt() }
        }
        ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(to: address)
            .assumeIsolated().whenComplete { self.attempted(address, $0) }
    }

    private func attempted(_ address: SocketAddress, _ result: Result<any Channel, any Error>) {
        underWay -= 1
        switch result {
        case .success(let made):
            // Another address was faster, or it is too late.
            guard done != nil, channel == nil else { return made.close(promise: nil) }
            origins.addresses.succeeded(address)
            next?.cancel()
            channel = made
            secure(made)
        case .failure(let error):
            origins.addresses.failed(address)
            failure = failure ?? OriginDial.reason(error)
            if left.isEmpty {
                if underWay == 0, channel == nil { end(.failure(failure ?? .connectTimeout)) }
            } else {
                attempt()
            }
        }
    }

    private static func reason(_ error: any Error) -> OriginError {
        switch (error as? IOError)?.errnoCode {
        case ECONNREFUSED: .refused
        case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, EAFNOSUPPORT, ENETDOWN, EHOSTDOWN: .unreachable
        case ECONNRESET: .refused
        default: .connectTimeout
        }
    }

    private func secure(_ channel: any Channel) {
        guard let tls = backend.tls else { return end(.success(channel)) }
        do {
            let handshake = OriginHandshake(tls, host: backend.host) { [self] error in
                end(error.map { .failure($0) } ?? .success(channel))
            }
            try channel.pipeline.syncOperations.addHandlers([
                origins.tls.handler(tls, host: backend.host), handshake,
            ])
        } catch {
            end(.failure(.handshake))
        }
    }

    private func end(_ result: Result<any Channel, OriginError>) {
        guard let done else { return }
        self.done = nil
        deadline?.cancel()
        next?.cancel()
        if case .failure = result { channel?.close(promise: nil) }
        channel = nil
        done(result)
    }
}
