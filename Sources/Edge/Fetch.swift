import EdgeLink
import HTTP1
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// One request to a backend and its answer: chooses a backend, finds a connection, sends, and lets the body grow for whoever
/// reads it. Confined to its loop.
final class Fetch: OriginExchange, @unchecked Sendable {
    private let transaction: Transaction
    private let edge: EdgeLoop
    private var context: Context { transaction.context }
    let cacheable: Bool
    /// Asks the backend to speak another protocol (`return(upgrade)`).
    private let upgrades: Bool
    private(set) var body = FetchedBody(isKept: true)
    private var connection: OriginConnection?
    private var backend: Backend?
    /// Backends to which no connection could be made.
    private var avoided: [Int] = []
    private var asksShield = false
    private var shieldIsAway = false
    private var kept: (response: StoredResponse, key: [UInt8])?
    /// The body is one that was there before.
    private(set) var isAdopted = false
    private var over = false
    private var headArrived = false
    private var retried = false
    /// Whether it counts among its loop's fetches.
    private var holdsPlace = false
    private var deadline: Scheduled<Void>?
    /// What is made of its body goes into the cache in its place.
    var feedsCache = false
    /// Where the backend is counted.
    private var place: Int?
    private let asked = NIODeadline.now()

    init(transaction: Transaction, cacheable: Bool, upgrades: Bool = false) {
        self.transaction = transaction
        edge = transaction.edge
        self.cacheable = cacheable
        self.upgrades = upgrades
    }

    var requestMethod: Bytes { context.bereq.method }
    /// Whether it goes on when its client has left.
    var isForCache: Bool { cacheable && (!headArrived || kept != nil || feedsCache) }
    /// What is sent behind the head. What everybody may have later must not depend on what one sends now.
    private var upload: RequestBody? { cacheable || upgrades ? nil : transaction.requestBody }

    // MARK: sending

    func begin() {
        if context.snapshot.shedding != nil, context.isShed(asked: transaction.askedTarget) {
            if !transaction.isTrial { edge.statistics.cacheOnlyFetches += 1 }
            return end(.cacheOnly)
        }
        holdsPlace = edge.shedding.begin()
        guard holdsPlace else {
            edge.statistics.shedFetches += 1
            return end(.overloaded)
        }
        if !transaction.isTrial { edge.statistics.fetches += 1 }
        guard !context.hasLooped(through: edge.core.loopName.bytes) else { return end(.loop) }
        guard upload?.canFlow != false else { return end(.bodyIsGone) }
        if cacheable || upgrades { transaction.requestBody?.detach(discarding: true) }
        ask()
    }

    private func ask() {
        if !shieldIsAway, let shield = edge.core.shielding?.shield(before: context) {
            asksShield = true
            return ask(shield)
        }
        asksShield = false
        let chosen = context.chooseBackend(random: edge.random.next(), avoided: avoided) { place in
            edge.core.mayAsk(context.snapshot.program.backends[place], for: context.hashKey)
        }
        switch chosen {
        case .success(let backend): ask(backend)
        case .failure(let error): end(error)
        }
    }

    private func ask(_ backend: Backend) {
        self.backend = backend
        if !transaction.isTrial { place = edge.backends.beginFetch(from: backend) }
        armDeadline(backend)
        acquire(backend, fresh: upgrades)
    }

    private func armDeadline(_ backend: Backend) {
        let own = context.usedExtras?.pass.fetchTimeout ?? 0
        let time = own > 0 ? own : backend.fetchTimeout
        guard time > 0, deadline == nil, !upgrades else { return }
        deadline = edge.loop.scheduleTask(in: .nanoseconds(time)) { [weak self] in self?.ranOut() }
    }

    private func ranOut() {
        guard !over else { return }
        connection?.close()
        connection = nil
        end(.fetchTimeout)
    }

    private func acquire(_ backend: Backend, fresh: Bool) {
        let terms = OriginPool.Terms(
            connectTimeout: context.connectTimeout,
            longestIdle: context.usedExtras?.pass.maxReuseIdleTime ?? 0, fresh: fresh)
        edge.origins.acquire(backend, terms) { [self] result in
            switch result {
            case .success(let connection):
                guard !over else { return edge.origins.release(connection) }
                self.connection = connection
                send(on: connection, backend)
            case .failure(let error):
                if !over { notConnected(error) }
            }
        }
    }

    /// A director has others. Nothing was sent, so that it matters neither what the method is nor what the body.
    private func notConnected(_ error: OriginError) {
        if asksShield {
            // Without it the origins are asked by more edges than they should be, which is better than not at all.
            shieldIsAway = true
            return another()
        }
        guard let director = context.snapshot.program.director(at: context.backend), context.servedBy >= 0,
            avoided.count < (director.retries ?? director.members.count)
        else { return end(error) }
        avoided.append(context.servedBy)
        let others = context.chooseBackend(random: 0, avoided: avoided) { place in
            edge.core.mayAsk(context.snapshot.program.backends[place], for: context.hashKey)
        }
        guard case .success = others else { return end(error) }
        another()
    }

    private func another() {
        if let place { edge.backends.failed(at: place) }
        place = nil
        ask()
    }

    private func send(on connection: OriginConnection, _ backend: Backend) {
        let framing = upload?.framing ?? .none
        func time(_ own: Int64, _ usual: Int64) -> Int64 { own > 0 ? own : usual }
        let times = ExchangeTimes(
            firstByte: time(context.firstByteTimeout, backend.firstByteTimeout),
            betweenBytes: time(context.betweenBytesTimeout, backend.betweenBytesTimeout))
        connection.send(
            context.backendHead(
                backend, framing, upgrades: upgrades, from: edge.core, toShield: asksShield,
                // What is kept does not depend on what one client takes.
                wantsTrailers: !cacheable && !upgrades && transaction.wantsTrailers),
            endsHere: framing == .none, times, to: backend, for: self)
        upload?.flow(to: connection)
    }

    func mayWrite() { upload?.goOn() }

    // MARK: receiving

    /// What comes before the answer is for the client that waits for it, and for nobody else.
    func received(interim head: ResponseHead) {
        guard !transaction.ended, !context.isBackgroundFetch else { return }
        transaction.client?.interim(head)
    }

    func received(head: ResponseHead, hasBody: Bool) {
        headArrived = true
        if let place {
            let time = (NIODeadline.now() - asked).nanoseconds
            edge.backends.headArrived(at: place, status: head.status, afterNanoseconds: time)
        }
        let arena = context.arena
        context.beresp.reset()
        context.beresp.status = head.status
        context.beresp.reason = head.reason.isEmpty ? HeadWriter.reason(head.status) : arena.copy(head.reason)
        context.beresp.minor = head.minor
        for field in head.headers.fields {
            context.beresp.headers.append(
                HeaderField(name: arena.copy(field.name), value: arena.copy(field.value)))
        }
        HeadWriter.removeHopByHop(&context.beresp.headers)
        if !context.beresp.headers.contains(.date) {
            context.beresp.headers.append(
                HeaderField(.date, value: HTTPDate.bytes(wallClock() / 1_000_000_000, in: arena)))
        }
        context.judgeResponse(now: wallClock())
        transaction.fetched(self)
    }

    func switched(_ head: ResponseHead, rest: ByteBuffer) -> Bool {
        guard upgrades, !over, !transaction.ended, let connection else { return false }
        // The transaction ends on the way, and must not take the connection with it.
        (over, self.connection) = (true, nil)
        guard transaction.client?.switchOver(head, rest, to: connection) == true else {
            (over, self.connection) = (false, connection)
            return false
        }
        done()
        return true
    }

    /// The origin said 304: the body is the one we have, under the merged head in `context.beresp`.
    func adopt(_ old: FetchedBody, judging context: Context) {
        isAdopted = true
        body = old
        context.judgeResponse(now: wallClock())
    }

    /// vcl_fetch has decided; from here on the body flows.
    func deliver(keeping kept: (StoredResponse, [UInt8])?) {
        self.kept = kept.map { (response: $0.0, key: $0.1) }
        if kept == nil, !isAdopted { body.stopKeeping() }
    }

    func received(body piece: ByteBuffer) -> Bool {
        guard !over, !isAdopted else { return true }
        if kept != nil, body.byteCount + piece.readableBytes > CacheLimits.objectBytes {
            forget()
            body.stopKeeping()
        }
        return body.append(piece) { [self] in edge.loop.execute { self.connection?.resumeReading() } }
    }

    func received(trailers: Trailers) {
        if !over, !isAdopted { body.end(with: trailers) }
    }

    func finished() {
        guard !over else { return }
        over = true
        connection = nil
        upload?.detach(discarding: true)
        if !isAdopted { body.finish(.complete) }
        // Once more, with the body's size known.
        if let kept { kept.key.withUnsafeBytes { edge.core.cache.recount(kept.response, key: Bytes($0)) } }
        done()
    }

    func failed(_ error: OriginError, beforeHead: Bool) {
        let reused = (connection?.served ?? 0) > 1
        connection = nil
        guard !over else { return }
        // A connection kept alive may die just as we use it. Whether the backend has seen the request nobody knows, so that
        // only one that may be made twice is (RFC 9110, section 9.2.2).
        if beforeHead, reused, !retried, error == .closed, upload == nil, context.mayAskTwice, let backend {
            retried = true
            return acquire(backend, fresh: true)
        }
        end(error)
    }

    private func end(_ error: OriginError) {
        guard !over else { return }
        over = true
        if let place { edge.backends.failed(at: place) }
        if headArrived {
            forget(restoring: transaction.staleCandidate)
            upload?.detach(discarding: true)
            if !isAdopted { body.finish(.failed) }
        } else if !transaction.ended || cacheable {
            upload?.detach(discarding: false)
            transaction.fetchFailed(error)
        }
        done()
    }

    /// Half a response is no response for anybody else; what it took the place of is still as good as it was.
    private func forget(restoring old: StoredResponse? = nil) {
        guard let kept else { return }
        kept.key.withUnsafeBytes { key in
            edge.core.cache.replace(kept.response, by: old, key: Bytes(key))
        }
        self.kept = nil
    }

    /// Nobody wants the rest.
    func cancel() {
        guard !over else { return }
        over = true
        connection?.close()
        connection = nil
        // The program may restart, and send it to another backend.
        upload?.detach(discarding: false)
        forget(restoring: transaction.staleCandidate)
        if !isAdopted { body.finish(.failed) }
        done()
    }

    private func done() {
        if holdsPlace { edge.shedding.end() }
        holdsPlace = false
        deadline?.cancel()
        deadline = nil
        if transaction.fetch === self { transaction.fetch = nil }
    }
}
