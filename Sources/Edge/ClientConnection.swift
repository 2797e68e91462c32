import EdgeLink
import HTTP1
import Kernel
import NIOCore
import VCLRuntime

/// One client's HTTP/1.1 connection: cuts requests out of what arrives, one at a time and in order (pipelining), and
/// writes their answers. A hit is parsed, answered and written inside one `channelRead`. Confined to its loop.
final class ClientConnection: ChannelInboundHandler, RemovableChannelHandler, TransactionClient,
    @unchecked Sendable
{
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let doorway: Doorway
    private let peer: Peer
    private var edge: EdgeLoop { doorway.edge }
    private var channel: (any Channel)?
    private var pending = ByteBuffer()
    private var searched = 0
    private var transaction: Transaction?
    private var served = 0
    private var keepAlive = true
    private var minor = 1
    private var writing: ResponseWriter?
    private var timer: Scheduled<Void>?
    private var reading = true
    /// No request after the present one.
    private var isEnding = false
    private var insideRead = false
    /// While answers wait for the client to take them no request is begun: each would add to what waits.
    private var isWritable = true
    private var slowness: SlowClientWatch?
    private var headBegan = false
    /// The last answer is on its way; nothing is read any more.
    private var closing = false

    // The body of the request under way.
    private var bodyFraming = BodyFraming.none
    private var bodyLeft = 0
    private var decoder = ChunkedDecoder()
    private var bodyEnded = true

    init(doorway: Doorway, peer: Peer) {
        self.doorway = doorway
        self.peer = peer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        edge.statistics.connections += 1
        edge.openConnections += 1
        armIdle()
    }

    func handlerRemoved(context: ChannelHandlerContext) { edge.openConnections -= 1 }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !closing else { return }
        var buffer = unwrapInboundIn(data)
        if pending.readableBytes == 0 { pending = buffer } else { pending.writeBuffer(&buffer) }
        insideRead = true
        process()
        insideRead = false
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        noteSlowness(context.channel)
        if isWritable {
            writing?.go()
            if writing == nil, !insideRead { edge.loop.execute { self.process() } }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        slowness?.end()
        writing = nil
        if let transaction {
            self.transaction = nil
            transaction.clientLeft()
        }
        channel = nil
    }

    /// The edge shall stop: the request under way is the last one.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        keepAlive = false
        isEnding = true
        if transaction == nil { close() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: requests

    private func process() {
        while channel != nil {
            if !bodyEnded {
                readBody()
                if !bodyEnded { break }
            }
            guard transaction == nil, isWritable else { break }
            guard readHead() else { break }
        }
        throttle()
    }

    /// Reads no more while what has arrived waits for the request before it.
    private func throttle() {
        let shall =
            transaction == nil && isWritable || !bodyEnded || pending.readableBytes < EdgeLimits.pendingBytes
        guard !closing, shall != reading, let channel else { return }
        reading = shall
        channel.setOption(.autoRead, value: shall).whenFailure { _ in }
        if shall { channel.read() }
    }

    /// Starts the next request; false when its head is not complete.
    private func readHead() -> Bool {
        guard pending.readableBytes > 0 else { return false }
        skipBlankLine()
        guard let end = pending.withUnsafeReadableBytes({ HeadParser.endOfHead(Bytes($0), from: searched) })
        else {
            if !headBegan { armHead() }
            searched = pending.readableBytes
            if searched > HTTP1Limits.headBytes { refuse(.tooLarge) }
            return false
        }
        if served == 0, beginHTTP2(end) { return false }
        searched = 0
        guard end <= HTTP1Limits.headBytes else {
            refuse(.tooLarge)
            return false
        }
        if let ticket = peer.ticket, ticket.countsRequests, !ticket.mayAsk(now: Doorway.now) {
            holdBack()
            return false
        }
        let context = edge.context()
        let bytes = pending.withUnsafeReadableBytes { context.arena.copy(Bytes($0).slice(0, end)) }
        pending.moveReaderIndex(forwardBy: end)
        if pending.readableBytes == 0 { pending = ByteBuffer() }
        do {
            bodyFraming = try HeadParser.request(bytes, into: &context.req, overTLS: peer.isTLS)
        } catch {
            edge.recycle(context)
            refuse(error)
            return false
        }
        begin(context, head: bytes)
        return true
    }

    /// A first "request" that is the beginning of HTTP/2's preface comes from a client that knows (RFC 9113, section 3.3).
    private func beginHTTP2(_ end: Int) -> Bool {
        guard end == 18, let channel, !isEnding,
            pending.withUnsafeReadableBytes({ Bytes($0).hasPrefix("PRI * HTTP/2.0\r\n\r\n") })
        else { return false }
        let bytes = pending
        stopReading()
        timer?.cancel()
        do {
            let pipeline = channel.pipeline.syncOperations
            let mine = try pipeline.context(handler: self)
            // It comes once more in the new handlers.
            edge.statistics.connections -= 1
            try doorway.serve(channel, peer, "h2")
            mine.fireChannelRead(NIOAny(bytes))
            mine.fireChannelReadComplete()
            pipeline.removeHandler(self, promise: nil)
        } catch {
            channel.close(promise: nil)
        }
        return true
    }

    /// One empty line before a request is a leftover of old clients (RFC 9112, section 2.2).
    private func skipBlankLine() {
        // Its two bytes may come in two pieces.
        guard searched < 2, pending.readableBytes >= 2,
            pending.getInteger(at: pending.readerIndex, as: UInt16.self) == 0x0D0A
        else { return }
        pending.moveReaderIndex(forwardBy: 2)
        searched = 0
    }

    private func begin(_ context: Context, head: Bytes) {
        served += 1
        headBegan = false
        timer?.cancel()
        minor = context.req.minor
        let headers = context.req.headers
        // `close` wins over whatever else is listed (RFC 9112, section 9.3).
        let wantsMore =
            !headers.lists(.connection, token: "close")
            && (minor == 1 || headers.lists(.connection, token: "keep-alive"))
        keepAlive = wantsMore && !isEnding
        context.arrive(from: peer, number: served)
        let transaction = Transaction(edge: edge, context: context, client: self)
        self.transaction = transaction
        if bodyFraming == .none {
            bodyEnded = true
        } else {
            let body = RequestBody(framing: bodyFraming)
            body.resume = { [weak self] in self?.resumeBody() }
            transaction.requestBody = body
            bodyEnded = false
            if case .length(let count) = bodyFraming { bodyLeft = count }
            decoder = ChunkedDecoder()
            // HTTP/1.0 knows no interim answer (RFC 9110, section 10.1.1).
            if minor == 1, headers.lists(.expect, token: "100-continue") { writeContinue() }
            context.req.headers.remove(.expect)
        }
        transaction.isUncounted = edge.core.isOwnVisit(&context.req.headers)
        transaction.head = head
        if !transaction.isUncounted {
            edge.statistics.requests += 1
            transaction.path = edge.topPaths.count(
                host: context.req.headers[.host], target: context.req.target)
        }
        doorway.start(transaction)
    }

    private func writeContinue() {
        channel?.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"), promise: nil)
    }

    private func readBody() {
        let body = transaction?.requestBody
        switch bodyFraming {
        case .length:
            guard let piece = pending.readSlice(length: min(bodyLeft, pending.readableBytes)) else { return }
            bodyLeft -= piece.readableBytes
            take(piece, body)
            if bodyLeft == 0 { endBody(body) }
        case .chunked: readChunks(body)
        case .none, .untilClose: bodyEnded = true
        }
        if pending.readableBytes == 0 { pending = ByteBuffer() }
    }

    private func readChunks(_ body: RequestBody?) {
        var at = 0
        while true {
            switch pending.withUnsafeReadableBytes({ decoder.next(Bytes($0), from: at) }) {
            case .body(let lower, let upper):
                if let piece = pending.getSlice(at: pending.readerIndex + lower, length: upper - lower) {
                    take(piece, body)
                }
                at = upper
            case .needMore: return pending.moveReaderIndex(forwardBy: pending.readableBytes)
            case .end(let next):
                pending.moveReaderIndex(forwardBy: next)
                return endBody(body)
            case .malformed: return close()
            }
        }
    }

    private func take(_ piece: ByteBuffer, _ body: RequestBody?) {
        guard piece.readableBytes > 0, let body else { return }
        if !body.append(piece), reading {
            reading = false
            channel?.setOption(.autoRead, value: false).whenFailure { _ in }
        }
    }

    private func endBody(_ body: RequestBody?) {
        bodyEnded = true
        body?.end()
        if transaction == nil { edge.loop.execute { self.process() } }
    }

    private func resumeBody() {
        guard !reading else { return }
        reading = true
        channel?.setOption(.autoRead, value: true).whenFailure { _ in }
        channel?.read()
    }

    // MARK: answers

    /// HTTP/1.0 knows no such heads; nor may one come inside of an answer.
    func interim(_ head: ResponseHead) {
        guard minor == 1, writing == nil, let channel else { return }
        var head = head
        HeadWriter.removeHopByHop(&head.headers)
        channel.writeAndFlush(head.buffer(with: channel.allocator), promise: nil)
    }

    func answer(_ transaction: Transaction) {
        guard let channel, transaction === self.transaction else { return }
        // An answer before the request's body has ended: the rest of the body is not worth reading.
        if !bodyEnded { keepAlive = false }
        doorway.dress(transaction.context)
        let writer = ResponseWriter(
            channel: channel, edge: edge, transaction: transaction, minor: minor, keepAlive: keepAlive
        ) {
            [weak self] end in self?.answered(transaction, end)
        }
        writing = writer
        writer.start(flush: !insideRead)
    }

    private func answered(_ transaction: Transaction, _ end: AnswerEnd) {
        writing = nil
        self.transaction = nil
        transaction.end()
        transaction.recycle()
        guard end != .broken else { return close() }
        guard end == .complete, keepAlive else { return closeBehindAnswer() }
        armIdle()
        // From inside `process` its own loop goes on; otherwise this starts it again.
        if !insideRead { edge.loop.execute { self.process() } }
    }

    private func refuse(_ error: HeadError) { refuse(error.status) }

    private func refuse(_ status: Int, _ lines: String = "") {
        keepAlive = false
        let text = "\(status) \(HeadWriter.reason(status).string)"
        let head =
            "Content-Type: text/plain\r\nContent-Length: \(text.utf8.count + 1)\r\n\(lines)Connection: close"
        edge.statistics.requests += 1
        edge.statistics.synthetics += 1
        edge.statistics.count(status: status)
        channel?.write(ByteBuffer(string: "HTTP/1.1 \(text)\r\n\(head)\r\n\r\n\(text)\n"), promise: nil)
        closeBehindAnswer()
    }

    private func close() {
        guard let channel else { return }
        stopReading()
        channel.close(promise: nil)
    }

    /// Closes once what was written has left; closing at once would throw it away. A client that takes nothing gets the
    /// time of an idle one.
    private func closeBehindAnswer() {
        guard let channel else { return }
        stopReading()
        armIdle()
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    }

    private func stopReading() {
        closing = true
        pending = ByteBuffer()
        bodyEnded = true
    }

    private func armIdle() {
        // Who still takes the last answer is not idle; how slowly he may is for `SlowClientWatch`.
        arm(.seconds(EdgeLimits.clientIdleSeconds)) { $0.isWritable ? $0.close() : $0.armIdle() }
    }

    /// Does `action` unless a request is begun, or something else armed, before.
    private func arm(_ time: Duration, _ action: @escaping @Sendable (ClientConnection) -> Void) {
        timer?.cancel()
        timer = edge.loop.scheduleTask(in: .nanoseconds(time.nanoseconds)) { [weak self] in
            if let self, transaction == nil, channel != nil { action(self) }
        }
    }

    // MARK: slow and greedy clients

    /// A head has so long from its first byte on, however its bytes come.
    private func armHead() {
        headBegan = true
        arm(edge.core.admission.limits.headTime) {
            $0.edge.statistics.slowClients += 1
            $0.refuse(408)
        }
    }

    private func noteSlowness(_ channel: any Channel) {
        if slowness == nil {
            slowness = SlowClientWatch(on: channel, edge.core.admission.limits) { [weak self] in
                self?.edge.statistics.slowClients += 1
                self?.close()
            }
        }
        slowness?.note(waiting: !isWritable)
    }

    /// Who asks too often waits, unread, and is told then.
    private func holdBack() {
        edge.statistics.limitedRequests += 1
        stopReading()
        reading = false
        channel?.setOption(.autoRead, value: false).whenFailure { _ in }
        arm(edge.core.admission.limits.tarpit) { $0.refuse(429, "Retry-After: 1\r\n") }
    }
}
