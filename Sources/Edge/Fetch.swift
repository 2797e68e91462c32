import EdgeLink
import HTTP1
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// One request to a backend and its answer: finds a connection, sends, and lets the body grow for whoever reads it.
/// Confined to its loop.
final class Fetch: OriginExchange, @unchecked Sendable {
    private let transaction: Transaction
    private let edge: EdgeLoop
    private var context: Context { transaction.context }
    let cacheable: Bool
    private(set) var body = FetchedBody(isKept: true)
    private var connection: OriginConnection?
    private var backend: Backend?
    private var kept: (response: StoredResponse, key: [UInt8])?
    private var adopted = false
    private var over = false
    private var headArrived = false
    private var retried = false
    /// Whether it counts among its loop's fetches.
    private var holdsPlace = false
    /// Where the backend is counted.
    private var place: Int?
    private let asked = NIODeadline.now()

    init(transaction: Transaction, cacheable: Bool) {
        self.transaction = transaction
        edge = transaction.edge
        self.cacheable = cacheable
    }

    var requestMethod: Bytes { context.bereq.method }
    /// Whether it goes on when its client has left.
    var isForCache: Bool { cacheable && (!headArrived || kept != nil) }

    // MARK: sending

    func begin() {
        holdsPlace = edge.shedding.begin()
        guard holdsPlace else {
            edge.statistics.shedFetches += 1
            return end(.overloaded)
        }
        if !transaction.isTrial { edge.statistics.fetches += 1 }
        guard let backend = pickBackend() else { return end(.noBackend) }
        guard edge.core.health.isHealthy(backend) else { return end(.unhealthy) }
        self.backend = backend
        if !transaction.isTrial { place = edge.backends.beginFetch(from: backend) }
        acquire(backend, fresh: false)
    }

    private func pickBackend() -> Backend? {
        let program = context.snapshot.program
        var index = context.backend
        let directors = index - program.backends.count
        if directors >= 0, directors < program.directors.count {
            let key = ByteHash(seed: 0x51)(context.hashKey)
            guard
                let picked = program.directors[directors].pick(
                    key: key, random: UInt64.random(in: .min ... .max),
                    healthy: { edge.core.health.isHealthy(program.backends[$0]) })
            else { return nil }
            index = picked
        }
        return index >= 0 && index < program.backends.count ? program.backends[index] : nil
    }

    private func acquire(_ backend: Backend, fresh: Bool) {
        edge.origins.acquire(backend, fresh: fresh) { [self] result in
            switch result {
            case .success(let connection):
                guard !over else { return edge.origins.release(connection) }
                self.connection = connection
                send(on: connection, backend)
            case .failure(let error):
                if !over { end(error) }
            }
        }
    }

    private func send(on connection: OriginConnection, _ backend: Backend) {
        let framing = transaction.requestBody?.framing ?? .none
        func time(_ own: Int64, _ usual: Int64) -> Int64 { own > 0 ? own : usual }
        connection.send(
            head(backend, framing), endsHere: framing == .none,
            firstByte: time(context.firstByteTimeout, backend.firstByteTimeout),
            betweenBytes: time(context.betweenBytesTimeout, backend.betweenBytesTimeout), for: self)
        transaction.requestBody?.flow(to: connection)
    }

    private func head(_ backend: Backend, _ framing: BodyFraming) -> ByteBuffer {
        let arena = context.arena
        var list = context.bereq.headers
        list.remove(.contentLength)
        if let host = backend.hostHeader { list.set(.host, arena.copy(host)) }
        if !list.contains(.host) { list.set(.host, arena.copy(backend.host)) }
        switch framing {
        case .length(let count):
            list.append(HeaderField(.contentLength, value: Format.integer(Int64(count), in: arena)))
        case .chunked: list.append(HeaderField(.transferEncoding, value: Bytes("chunked")))
        case .none, .untilClose: break
        }
        let client = Format.address(context.clientAddress, in: arena)
        let forwarded = list[.xForwardedFor]
        list.set(
            .xForwardedFor, forwarded.isSet ? arena.concatenate([forwarded, Bytes(", "), client]) : client)
        let size = context.bereq.method.count + context.bereq.target.count + 14 + HeadWriter.size(of: list)
        var buffer = ByteBufferAllocator().buffer(capacity: size)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { raw in
            let start = raw.baseAddress!.assumingMemoryBound(to: UInt8.self)
            var at = HeadWriter.write(context.bereq.method, to: start)
            at[0] = 0x20
            at = HeadWriter.write(context.bereq.target, to: at + 1)
            at = HeadWriter.write(Bytes(" HTTP/1.1\r\n"), to: at)
            at = HeadWriter.write(list, to: at)
            at = HeadWriter.write(Bytes("\r\n"), to: at)
            precondition(at - start == size, "a head is exactly as long as was reckoned")
            return size
        }
        return buffer
    }

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

    /// The origin said 304: the body is the one we have, under the merged head in `context.beresp`.
    func adopt(_ old: FetchedBody, judging context: Context) {
        adopted = true
        body = old
        context.judgeResponse(now: wallClock())
    }

    /// vcl_fetch has decided; from here on the body flows.
    func deliver(keeping kept: (StoredResponse, [UInt8])?) {
        self.kept = kept.map { (response: $0.0, key: $0.1) }
        if kept == nil, !adopted { body.stopKeeping() }
    }

    func received(body piece: ByteBuffer) -> Bool {
        guard !over, !adopted else { return true }
        if kept != nil, body.byteCount + piece.readableBytes > CacheLimits.objectBytes {
            forget()
            body.stopKeeping()
        }
        return body.append(piece) { [self] in edge.loop.execute { self.connection?.resumeReading() } }
    }

    func finished() {
        guard !over else { return }
        over = true
        connection = nil
        if !adopted { body.finish(.complete) }
        // Once more, with the body's size known.
        if let kept { kept.key.withUnsafeBytes { edge.core.cache.recount(kept.response, key: Bytes($0)) } }
        done()
    }

    func failed(_ error: OriginError, beforeHead: Bool) {
        let reused = (connection?.served ?? 0) > 1
        connection = nil
        guard !over else { return }
        // A connection kept alive may die just as we use it; nothing was answered, so that asking again is safe.
        if beforeHead, reused, !retried, error == .closed, transaction.requestBody == nil, let backend {
            retried = true
            return acquire(backend, fresh: true)
        }
        end(error)
    }

    private func end(_ error: OriginError) {
        over = true
        if let place { edge.backends.failed(at: place) }
        if headArrived {
            forget()
            body.finish(.failed)
        } else if !transaction.ended || cacheable {
            transaction.fetchFailed(error)
        }
        done()
    }

    /// Half a response is no response for anybody else.
    private func forget() {
        guard let kept else { return }
        _ = kept.key.withUnsafeBytes { edge.core.cache.purge(Bytes($0), soft: false, now: wallClock()) }
        self.kept = nil
    }

    /// Nobody wants the rest.
    func cancel() {
        guard !over else { return }
        over = true
        connection?.close()
        connection = nil
        forget()
        if !adopted { body.finish(.failed) }
        done()
    }

    private func done() {
        if holdsPlace { edge.shedding.end() }
        holdsPlace = false
        if transaction.fetch === self { transaction.fetch = nil }
    }
}

/// What a client sends behind its head, on its way to a backend. Confined to its loop.
final class RequestBody {
    let framing: BodyFraming
    private var waiting: [ByteBuffer] = []
    private var waitingBytes = 0
    /// Whether all of it has come.
    private(set) var ended = false
    private var sink: OriginConnection?
    /// Called when the client may send on.
    var resume: (() -> Void)?

    init(framing: BodyFraming) { self.framing = framing }

    /// False when the client shall pause.
    func append(_ piece: ByteBuffer) -> Bool {
        guard let sink else {
            waiting.append(piece)
            waitingBytes += piece.readableBytes
            return waitingBytes < EdgeLimits.streamWindow
        }
        write(piece, to: sink)
        return true
    }

    /// Once: the connection may have another request by the time that the client leaves.
    func end() {
        guard !ended else { return }
        ended = true
        if let sink { finish(sink) }
    }

    func flow(to connection: OriginConnection) {
        sink = connection
        for piece in waiting { write(piece, to: connection) }
        waiting = []
        waitingBytes = 0
        if ended { finish(connection) }
        resume?()
    }

    private func write(_ piece: ByteBuffer, to connection: OriginConnection) {
        guard framing == .chunked else { return connection.send(body: piece) }
        guard piece.readableBytes > 0 else { return }
        var buffer = ByteBufferAllocator().buffer(capacity: piece.readableBytes + 20)
        buffer.writeString(String(piece.readableBytes, radix: 16) + "\r\n")
        buffer.writeImmutableBuffer(piece)
        buffer.writeString("\r\n")
        connection.send(body: buffer)
    }

    private func finish(_ connection: OriginConnection) {
        if framing == .chunked { connection.send(body: ByteBuffer(string: "0\r\n\r\n")) }
        connection.endRequest()
    }
}
