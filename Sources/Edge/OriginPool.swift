import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// Connections of one event loop to the backends. Confined to its loop.
final class OriginPool: @unchecked Sendable {
    typealias Done = (Result<OriginConnection, OriginError>) -> Void

    /// What a fetch asks of its connection besides the backend's own terms.
    struct Terms {
        /// Nanoseconds; those of the backend when 0.
        var connectTimeout: Int64 = 0
        /// How long the connection may have been idle, in nanoseconds; 0 for as long as it is open.
        var longestIdle: Int64 = 0
        /// Only a connection that nobody used before.
        var fresh = false
    }

    /// What is known of one place. An object, as what a dictionary holds is copied when it is changed.
    private final class Host {
        var idle: [OriginConnection] = []
        /// Made here, open or in the making.
        var open = 0
        var waiting: [Wish] = []
        /// Calls of `acquire` under way. They may close its last connection before they make or await another one.
        var seekers = 0
        var isUnused: Bool { idle.isEmpty && open == 0 && waiting.isEmpty && seekers == 0 }
    }

    /// A fetch that waits for a connection. Confined to its loop.
    private final class Wish: @unchecked Sendable {
        let backend: Backend
        let timeout: Int64
        let done: Done
        var late: Scheduled<Void>?

        init(_ backend: Backend, _ timeout: Int64, _ done: @escaping Done) {
            self.backend = backend
            self.timeout = timeout
            self.done = done
        }
    }

    private let loop: any EventLoop
    private let origins: Origins
    let outbox: Outbox
    private var hosts: [OriginPlace: Host] = [:]
    /// How many places it knows anything of.
    var places: Int { hosts.count }

    init(loop: any EventLoop, origins: Origins, outbox: Outbox) {
        self.loop = loop
        self.origins = origins
        self.outbox = outbox
    }

    /// An idle connection or a new one. `done` may be called before this returns.
    func acquire(_ backend: Backend, _ terms: Terms, _ done: @escaping Done) {
        let place = OriginPlace(backend)
        let host = host(place)
        host.seekers += 1
        defer {
            host.seekers -= 1
            if host.isUnused { hosts[place] = nil }
        }
        let now = NIODeadline.now()
        while !terms.fresh, let connection = host.idle.popLast() {
            guard connection.isUsable else { continue }
            guard connection.serves(backend, longestIdle: terms.longestIdle, at: now) else {
                connection.close()
                continue
            }
            return done(.success(connection))
        }
        let timeout = terms.connectTimeout > 0 ? terms.connectTimeout : backend.connectTimeout
        let wish = Wish(backend, timeout, done)
        if origins.budget.take(place, limit: backend.maxConnections) {
            host.open += 1
            return connect(place, wish)
        }
        guard host.waiting.count < OriginLimits.waitingForBackend else {
            return done(.failure(.exhausted))
        }
        host.waiting.append(wish)
        wish.late = loop.scheduleTask(in: .nanoseconds(timeout)) { self.gaveUp(wish, place) }
        origins.budget.enlist(place, on: loop) { self.granted(place) }
        // Only who is enlisted hears that its place in the account is free.
        if terms.fresh, let idle = host.idle.popLast() { idle.close() }
    }

    private func host(_ place: OriginPlace) -> Host {
        if let host = hosts[place] { return host }
        let host = Host()
        hosts[place] = host
        return host
    }

    private func connect(_ place: OriginPlace, _ wish: Wish) {
        OriginDial.begin(wish.backend, origins, on: loop, timeout: wish.timeout) { [self] result in
            switch result {
            case .success(let channel):
                let connection = OriginConnection(pool: self, place: place, loop: loop)
                // Once it is in the pipeline, the connection itself says when it has closed.
                guard channel.isActive,
                    (try? channel.pipeline.syncOperations.addHandler(connection)) != nil
                else {
                    channel.close(promise: nil)
                    closed(place)
                    return wish.done(.failure(.refused))
                }
                wish.done(.success(connection))
            case .failure(let error):
                closed(place)
                wish.done(.failure(error))
            }
        }
    }

    // MARK: waiting

    /// The wishes are met in their order.
    private func nextWish(_ place: OriginPlace) -> Wish? {
        guard let host = hosts[place], !host.waiting.isEmpty else { return nil }
        let wish = host.waiting.removeFirst()
        wish.late?.cancel()
        return wish
    }

    private func gaveUp(_ wish: Wish, _ place: OriginPlace) {
        guard let host = hosts[place], let index = host.waiting.firstIndex(where: { $0 === wish }) else {
            return
        }
        host.waiting.remove(at: index)
        origins.budget.withdraw(place, on: loop)
        if host.isUnused { hosts[place] = nil }
        wish.done(.failure(.exhausted))
    }

    /// A connection may be made, of which the account knows already.
    private func granted(_ place: OriginPlace) {
        guard let wish = nextWish(place) else { return origins.budget.give(place) }
        host(place).open += 1
        connect(place, wish)
    }

    // MARK: what comes back

    /// Takes back a connection that can serve another request.
    func release(_ connection: OriginConnection) {
        let place = connection.place
        guard let host = hosts[place], !origins.budget.isDueElsewhere(place, than: loop) else {
            return connection.close()
        }
        if let backend = host.waiting.first?.backend,
            connection.serves(backend, longestIdle: 0, at: .now())
        {
            guard let wish = nextWish(place) else { return connection.close() }
            origins.budget.withdraw(place, on: loop)
            return wish.done(.success(connection))
        }
        guard host.waiting.isEmpty, host.idle.count < OriginLimits.idleConnections else {
            return connection.close()
        }
        host.idle.append(connection)
        connection.idle()
    }

    /// A connection is gone, or was never made.
    func closed(_ place: OriginPlace) {
        if let host = hosts[place] {
            host.open -= 1
            host.idle.removeAll { !$0.isUsable }
            if host.isUnused { hosts[place] = nil }
        }
        origins.budget.give(place)
    }
}
