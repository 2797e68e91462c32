import HTTP1
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// What a fetch hears from its connection; all calls come on the connection's loop.
protocol OriginExchange: AnyObject {
    /// A head before the final one, such as 103 (Early Hints). Its views live until this returns.
    func received(interim head: ResponseHead)
    /// The final head has arrived. Its views live until this returns.
    func received(head: ResponseHead, hasBody: Bool)
    /// False when the connection shall stop reading until `resumeReading`.
    func received(body: ByteBuffer) -> Bool
    /// 101: from here on the connection is the exchange's. `rest` came behind the head. False when nobody asked for it.
    func switched(_ head: ResponseHead, rest: ByteBuffer) -> Bool
    /// What came behind a body of chunks, before `finished`.
    func received(trailers: Trailers)
    func finished()
    /// `beforeHead`: nothing of the answer has arrived, so that a repeatable request may be tried elsewhere.
    func failed(_ error: OriginError, beforeHead: Bool)
    /// The backend takes more of the request's body.
    func mayWrite()
    var requestMethod: Bytes { get }
}

/// How long the steps of an exchange may take, in nanoseconds; 0 for no bound.
struct ExchangeTimes {
    var firstByte: Int64
    var betweenBytes: Int64
}

/// One HTTP/1.1 connection to a backend; one exchange at a time. Confined to its loop.
final class OriginConnection: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State { case idle, head, body(BodyFraming), tunnel, closed }

    let place: OriginPlace
    private let pool: OriginPool
    /// There once it has a place in its channel.
    private var output: SocketOutput?
    var channel: (any Channel)? { output?.channel }
    private var state = State.idle
    private var pending = ByteBuffer()
    /// Bytes of `pending` in which no head ends.
    private var searched = 0
    private var decoder = ChunkedDecoder()
    private var left = 0
    private var keepAlive = true
    private var exchange: (any OriginExchange)?
    /// A step's time; when it runs out that is the error, or just the end of an idle connection.
    private var clock: StepClock<OriginError?>?
    /// Not read from, because the reader of its answer is slow.
    private var isPaused = false
    private var times = ExchangeTimes(firstByte: 0, betweenBytes: 0)
    private var keepAliveTime: Int64 = 0
    private var requestEnded = true
    private(set) var served = 0
    private var interims = 0
    private let made = NIODeadline.now()
    private var idleSince = NIODeadline.now()

    init(pool: OriginPool, place: OriginPlace, loop: any EventLoop) {
        self.pool = pool
        self.place = place
        clock = StepClock(on: loop) { [unowned self] in if let error = $0 { fail(error) } else { close() } }
    }

    var isUsable: Bool {
        guard case .idle = state, let channel else { return false }
        return channel.isActive
    }

    /// Whether it may serve a request more, by the backend's terms and by the request's.
    func serves(_ backend: Backend, longestIdle: Int64, at now: NIODeadline) -> Bool {
        if backend.maxUse > 0, served >= backend.maxUse { return false }
        if backend.maxLifetime > 0, (now - made).nanoseconds > backend.maxLifetime { return false }
        return longestIdle <= 0 || (now - idleSince).nanoseconds <= longestIdle
    }

    // MARK: the fetch's side

    func send(
        _ head: ByteBuffer, endsHere: Bool, _ times: ExchangeTimes, to backend: Backend,
        for exchange: any OriginExchange
    ) {
        self.exchange = exchange
        self.times = times
        keepAliveTime = backend.keepAliveTime
        state = .head
        keepAlive = true
        requestEnded = endsHere
        served += 1
        interims = 0
        searched = 0
        arm(times.firstByte, .firstByteTimeout)
        output?.writeAndFlush(head)
    }

    /// A slow upload is not the backend's fault: its time begins anew with each piece.
    func send(body: ByteBuffer) {
        if case .head = state { arm(times.firstByte, .firstByteTimeout) }
        output?.writeAndFlush(body)
    }

    func endRequest() {
        requestEnded = true
        if case .head = state { arm(times.firstByte, .firstByteTimeout) }
    }

    var isWritable: Bool { channel?.isWritable ?? false }

    func resumeReading() {
        guard let channel, isPaused, case .body = state else { return }
        arm(times.betweenBytes, .betweenBytesTimeout)
        unpause()
        channel.read()
    }

    private func unpause() {
        guard isPaused else { return }
        isPaused = false
        channel?.setOption(.autoRead, value: true).whenFailure { _ in }
    }

    func close() {
        clock?.stop()
        exchange = nil
        channel?.close(promise: nil)
    }

    func idle() {
        idleSince = .now()
        arm(keepAliveTime > 0 ? keepAliveTime : OriginLimits.idleSeconds * 1_000_000_000, nil)
    }

    // MARK: the channel's side

    func handlerAdded(context: ChannelHandlerContext) {
        output = SocketOutput(context.channel, pool.outbox, encrypted: place.tls != nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch state {
        case .closed, .tunnel: return
        // Bytes that nobody asked for: the next answer would be read from them.
        case .idle: return close()
        case .head:
            if pending.readableBytes == 0 { pending = buffer } else { pending.writeBuffer(&buffer) }
            readHead()
        case .body(let framing):
            arm(times.betweenBytes, .betweenBytesTimeout)
            readBody(buffer, framing)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { exchange?.mayWrite() }
    }

    private enum HeadStep { case interim, final, switched, malformed }

    private func readHead() {
        while true {
            let end = pending.withUnsafeReadableBytes { HeadParser.endOfHead(Bytes($0), from: searched) }
            guard let end else {
                searched = pending.readableBytes
                if searched > HTTP1Limits.headBytes { fail(.malformed) }
                return
            }
            searched = 0
            switch take(pending.withUnsafeReadableBytes { read(Bytes($0).slice(0, end)) }, end) {
            case .interim: continue
            case .final: return afterHead()
            case .switched: return
            case .malformed: return fail(.malformed)
            }
        }
    }

    private func take(_ step: HeadStep, _ end: Int) -> HeadStep {
        if step != .switched { pending.moveReaderIndex(forwardBy: end) }
        return step
    }

    private func read(_ bytes: Bytes) -> HeadStep {
        var head = ResponseHead()
        guard (try? HeadParser.response(bytes, into: &head)) != nil, let exchange else { return .malformed }
        if head.status == 101 { return switchOver(head, bytes.count, exchange) }
        if head.status < 200 {
            interims += 1
            guard interims <= OriginLimits.interimResponses else { return .malformed }
            // We ask for no 100; one that comes all the same is for us.
            if head.status > 100 { exchange.received(interim: head) }
            return .interim
        }
        guard let framing = try? HeadParser.responseFraming(head, method: exchange.requestMethod) else {
            return .malformed
        }
        keepAlive =
            head.minor == 1 && !head.headers.lists(.connection, token: "close") && framing != .untilClose
        begin(framing)
        exchange.received(head: head, hasBody: framing != .none && framing != .length(0))
        return .final
    }

    private func switchOver(_ head: ResponseHead, _ end: Int, _ exchange: any OriginExchange) -> HeadStep {
        clock?.stop()
        var rest = pending
        rest.moveReaderIndex(forwardBy: end)
        state = .tunnel
        guard exchange.switched(head, rest: rest) else {
            state = .head
            return .malformed
        }
        self.exchange = nil
        pending = ByteBuffer()
        return .switched
    }

    private func begin(_ framing: BodyFraming) {
        state = .body(framing)
        arm(times.betweenBytes, .betweenBytesTimeout)
        switch framing {
        case .length(let count): left = count
        case .chunked: decoder = ChunkedDecoder()
        case .none, .untilClose: left = 0
        }
    }

    private func afterHead() {
        let rest = pending
        pending = ByteBuffer()
        guard case .body(let framing) = state else { return }
        if framing == .none || framing == .length(0) { return finish(extra: rest.readableBytes) }
        if rest.readableBytes > 0 { readBody(rest, framing) }
    }

    private func readBody(_ buffer: ByteBuffer, _ framing: BodyFraming) {
        switch framing {
        case .none: fail(.malformed)
        case .untilClose: deliver(buffer)
        case .length:
            var buffer = buffer
            let part = min(left, buffer.readableBytes)
            guard let piece = buffer.readSlice(length: part) else { return }
            left -= part
            deliver(piece)
            if left == 0 { finish(extra: buffer.readableBytes) }
        case .chunked: readChunks(buffer)
        }
    }

    private func readChunks(_ buffer: ByteBuffer) {
        var at = 0
        while true {
            switch buffer.withUnsafeReadableBytes({ decoder.next(Bytes($0), from: at) }) {
            case .body(let lower, let upper):
                if let piece = buffer.getSlice(at: buffer.readerIndex + lower, length: upper - lower) {
                    deliver(piece)
                }
                at = upper
                if case .closed = state { return }
            case .needMore: return
            case .end(let next):
                if let trailers = decoder.trailers { exchange?.received(trailers: trailers) }
                return finish(extra: buffer.readableBytes - next)
            case .malformed: return fail(.malformed)
            }
        }
    }

    private func deliver(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0, let exchange else { return }
        if !exchange.received(body: piece) {
            // The reader is slow, not the backend.
            clock?.stop()
            isPaused = true
            channel?.setOption(.autoRead, value: false).whenFailure { _ in }
        }
    }

    private func finish(extra: Int) {
        clock?.stop()
        let done = exchange
        exchange = nil
        state = .idle
        if keepAlive, requestEnded, extra == 0, channel?.isActive == true {
            unpause()
            pool.release(self)
        } else {
            channel?.close(promise: nil)
        }
        done?.finished()
    }

    private func fail(_ error: OriginError) {
        clock?.stop()
        let beforeHead: Bool
        if case .head = state { beforeHead = pending.readableBytes == 0 } else { beforeHead = false }
        let done = exchange
        exchange = nil
        state = .closed
        channel?.close(promise: nil)
        done?.failed(error, beforeHead: beforeHead)
    }

    func channelInactive(context: ChannelHandlerContext) {
        switch state {
        case .body(.untilClose): finish(extra: 0)
        case .head, .body: fail(.closed)
        case .idle, .tunnel, .closed: break
        }
        clock?.stop()
        state = .closed
        pool.closed(place)
    }

    /// A body that only the connection's end ends is not whole when the end is an error: one over TLS that comes without a word
    /// (RFC 8446, section 6.1) may be anybody's doing.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .head, .body: fail(.closed)
        case .idle, .tunnel, .closed: context.close(promise: nil)
        }
    }

    private func arm(_ nanoseconds: Int64, _ error: OriginError?) {
        clock?.start(nanoseconds, error)
    }

    // MARK: tunnels

    /// The channel is somebody else's from here on, who says `tunnelEnded` when it has closed.
    func hand(over pipeline: ChannelPipeline.SynchronousOperations) {
        pipeline.removeHandler(self, promise: nil)
    }

    func tunnelEnded() { pool.closed(place) }
}
