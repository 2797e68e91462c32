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
    private var channel: (any Channel)? { output?.channel }
    /// There as long as the connection is.
    private var output: SocketOutput?
    private var pending = ByteBuffer()
    private var searched = 0
    private var transaction: Transaction?
    private var served = 0
    private var keepAlive = true
    private var minor = 1
    private var writing: ResponseWriter?
    /// Looks at `idleSince` when it fires: one for every request would be a fifth of NIO's work for a hit.
    private var timer: Scheduled<Void>?
    private var idleSince = NIODeadline.uptimeNanoseconds(0)
    private var reading = true
    /// No request after the present one.
    private var isEnding = false
    private var insideRead = false
    /// The last answer is on its way; nothing is read any more.
    private var closing = false

    // The body of the request under way.
    private var cutter = BodyCutter(.none)
    private var bodyEnded = true
    /// The backend takes no more for now.
    private var bodyPaused = false
    /// Bytes read behind the last answer, which nobody wants.
    private var lingered = 0
    private var patience = ClientPatience()
    /// While answers wait for the client to take them no request is begun: each would add to what waits.
    private var isWritable = true

    init(doorway: Doorway, peer: Peer) {
        self.doorway = doorway
        self.peer = peer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        output = SocketOutput(context.channel, edge.outbox, encrypted: doorway.listener.certificates != nil)
        edge.statistics.connections += 1
        edge.openConnections += 1
        armIdle()
    }

    func handlerRemoved(context: ChannelHandlerContext) { edge.openConnections -= 1 }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard !closing else { return linger(buffer.readableBytes) }
        if pending.readableBytes == 0 { pending = buffer } else { pending.writeBuffer(&buffer) }
        insideRead = true
        process()
        insideRead = false
    }

    func channelReadComplete(context: ChannelHandlerContext) { output?.flush() }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        patience.note(waiting: !isWritable, on: context.channel, of: edge) { [weak self] in self?.close() }
        if isWritable {
            writing?.go()
            if writing == nil, !insideRead { edge.loop.execute { self.process() } }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        patience.end()
        writing = nil
        if let transaction {
            self.transaction = nil
            transaction.clientLeft()
        }
        output = nil
    }

    /// The edge shall stop: the request under way is the last one.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        keepAlive = false
        isEnding = true
        edge.loop.scheduleTask(in: .seconds(EdgeLimits.quietSeconds)) { [self] in
            if transaction == nil { closeBehindAnswer(lingers: true) }
        }
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
            if !bodyEnded { !bodyPaused } else {
                transaction == nil && isWritable || pending.readableBytes < EdgeLimits.pendingBytes
            }
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
            patience.headBegan(on: edge) { [weak self] in self?.giveUpHead(.headTooSlow) }
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
        patience.headCame()
        if let ticket = peer.ticket, ticket.countsRequests, !ticket.mayAsk(now: Doorway.now) {
            holdBack()
            return false
        }
        let context = edge.context()
        let bytes = pending.withUnsafeReadableBytes { context.arena.copy(Bytes($0).slice(0, end)) }
        pending.moveReaderIndex(forwardBy: end)
        if pending.readableBytes == 0 { pending = ByteBuffer() }
        let framing: BodyFraming
        do {
            framing = try HeadParser.request(bytes, into: &context.req, overTLS: peer.isTLS)
        } catch {
            refuse(error, bytes)
            edge.recycle(context)
            return false
        }
        begin(context, head: bytes, framing)
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
        // It comes once more in the new handlers.
        edge.statistics.connections -= 1
        doorway.changeToHTTP2(channel, peer, from: self, bytes)
        return true
    }

    /// One empty line before a request is a leftover of old clients (RFC 9112, section 2.2).
    private func skipBlankLine() {
        // Its two bytes may come in two pieces.
        if searched < 2, pending.dropEmptyLine() { searched = 0 }
    }

    private func begin(_ context: Context, head: Bytes, _ framing: BodyFraming) {
        served += 1
        minor = context.req.minor
        keepAlive = context.req.keepsAlive && !isEnding && !edge.isDraining
        context.arrive(from: peer, number: served)
        let transaction = Transaction(edge: edge, context: context, client: self)
        self.transaction = transaction
        bodyEnded = framing == .none
        bodyPaused = false
        if !bodyEnded { transaction.requestBody = expectBody(framing, context) }
        transaction.countArrival(head)
        doorway.start(transaction)
    }

    private func expectBody(_ framing: BodyFraming, _ context: Context) -> RequestBody {
        let body = RequestBody(framing: framing, on: edge.loop)
        cutter = BodyCutter(framing)
        body.resume = { [weak self] in self?.resumeBody() }
        body.late = { [weak self] in self?.giveUp(.bodyTooSlow) }
        // HTTP/1.0 knows no interim answer (RFC 9110, section 10.1.1).
        let waits = minor == 1
        body.expect(of: context, invite: waits ? { [weak self] in self?.inviteBody() } : nil)
        return body
    }

    private func inviteBody() {
        output?.writeAndFlush(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))
    }

    private func readBody() {
        let body = transaction?.requestBody
        var wantsMore = true
        let step = cutter.cut(&pending) { piece in
            if piece.readableBytes > 0, let body, !body.append(piece) { wantsMore = false }
        }
        switch step {
        case .needMore: break
        case .end: endBody(body)
        // Nobody can say where the next request begins (RFC 9112, section 7.1).
        case .malformed: giveUp(.malformedHeader)
        }
        if pending.readableBytes == 0 { pending = ByteBuffer() }
        // `throttle` stops reading.
        if !wantsMore { bodyPaused = true }
    }

    /// The request under way cannot be had whole: its answer is that, unless it has one already.
    private func giveUp(_ error: HeadError) {
        let isAnswered = writing != nil
        if let transaction {
            self.transaction = nil
            writing = nil
            transaction.clientLeft()
        }
        if isAnswered { close() } else { refuse(error, counts: false) }
    }

    private func endBody(_ body: RequestBody?) {
        bodyEnded = true
        body?.end(cutter.trailers)
        if transaction == nil { edge.loop.execute { self.process() } }
    }

    private func resumeBody() {
        bodyPaused = false
        guard !reading, !closing else { return }
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
        output?.writeAndFlush(head.buffer(with: channel.allocator))
    }

    func answer(_ transaction: Transaction) {
        guard let output, transaction === self.transaction else { return }
        // An answer before the request's body has ended: the rest of the body is not worth reading.
        if !bodyEnded { keepAlive = false }
        doorway.dress(transaction.context)
        let writer = ConnectionWriter(
            output, edge: edge, transaction: transaction, minor: minor, keepAlive: keepAlive
        ) { [self] end in answered(transaction, end) }
        writing = writer
        writer.start(flush: !insideRead)
    }

    private func answered(_ transaction: Transaction, _ end: AnswerEnd) {
        writing = nil
        self.transaction = nil
        transaction.end()
        transaction.recycle()
        guard end != .broken else { return close() }
        guard end == .complete, keepAlive else { return closeBehindAnswer(lingers: mayBeSending) }
        armIdle()
        // From inside `process` its own loop goes on; otherwise this starts it again.
        if !insideRead { edge.loop.execute { self.process() } }
    }

    private func refuse(_ error: HeadError, _ start: Bytes = .empty, counts: Bool = true) {
        keepAlive = false
        edge.count(refused: error, start, from: peer, wasUnderWay: !counts)
        output?.write(error.answer)
        closeBehindAnswer(lingers: true)
    }

    private func giveUpHead(_ error: HeadError) {
        if transaction == nil, channel != nil { refuse(error) }
    }

    /// Who asks too often waits, unread, and is told then.
    private func holdBack() {
        stopReading()
        reading = false
        channel?.setOption(.autoRead, value: false).whenFailure { _ in }
        patience.holdBack(on: edge) { [weak self] in self?.giveUpHead(.tooManyRequests) }
    }

    private func close() {
        guard let channel else { return }
        output?.flush()
        stopReading()
        channel.close(promise: nil)
    }

    /// Whether the client may have more under way than was read.
    private var mayBeSending: Bool { !bodyEnded || pending.readableBytes > 0 }

    /// Closes once what was written has left; closing at once would throw it away. A client that takes nothing gets the
    /// time of an idle one. One that is still sending would be told so by a reset, which throws away the answer too
    /// (RFC 9112, section 9.6): only our side closes then, and what it sends is read for some seconds.
    private func closeBehindAnswer(lingers: Bool) {
        guard let channel else { return }
        stopReading()
        armIdle()
        output?.flush()
        channel.writeAndFlush(ByteBuffer()).whenComplete { [weak self] _ in
            guard let self, lingers else { return channel.close(promise: nil) }
            beginLingering(channel)
        }
    }

    private func beginLingering(_ channel: any Channel) {
        timer?.cancel()
        timer = edge.loop.scheduleTask(in: .seconds(OriginLimits.lingerSeconds)) {
            channel.close(promise: nil)
        }
        channel.close(mode: .output).whenFailure { _ in channel.close(promise: nil) }
        channel.setOption(.autoRead, value: true).whenFailure { _ in }
        channel.read()
    }

    private func linger(_ count: Int) {
        lingered += count
        if lingered > OriginLimits.lingerBytes { channel?.close(promise: nil) }
    }

    var canSwitch: Bool { !closing && writing == nil && !isEnding && minor == 1 }

    func switchOver(_ head: ResponseHead, _ rest: ByteBuffer, to origin: OriginConnection) -> Bool {
        guard let channel, let transaction, canSwitch else { return false }
        let answer = doorway.switching(transaction.context, to: head, channel.allocator)
        output?.writeAndFlush(answer)
        let sent = pending
        guard
            Tunnel.begin(edge, client: channel, self, to: origin, toBackend: sent, toClient: rest)
        else { return false }
        if !transaction.isUncounted { edge.statistics.count(status: head.status) }
        timer?.cancel()
        stopReading()
        self.transaction = nil
        transaction.end()
        return true
    }

    private func stopReading() {
        closing = true
        pending = ByteBuffer()
        bodyEnded = true
    }

    private func armIdle() {
        idleSince = .now()
        if timer == nil { lookWhetherIdle(in: .seconds(EdgeLimits.clientIdleSeconds)) }
    }

    private func lookWhetherIdle(in time: TimeAmount) {
        timer = edge.loop.scheduleTask(in: time) { [self] in
            timer = nil
            guard let channel, transaction == nil else { return }
            let left = idleSince + .seconds(EdgeLimits.clientIdleSeconds) - .now()
            // Who still takes the last answer is not idle; how slowly he may is for `SlowClientWatch`.
            let again = isWritable ? left : max(left, .seconds(1))
            if again > .zero { lookWhetherIdle(in: again) } else { channel.close(promise: nil) }
        }
    }
}
