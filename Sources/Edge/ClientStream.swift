import EdgeLink
import HTTP1
import Kernel
import NIOCore
import NIOHPACK
import NIOHTTP2
import VCLRuntime

/// One request of an HTTP/2 connection and its answer: a stream, which is a channel of its own. Confined to
/// its loop.
final class ClientStream: ChannelInboundHandler, TransactionClient, @unchecked Sendable {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let connection: HTTP2Connection
    private var edge: EdgeLoop { connection.doorway.edge }
    private var channel: (any Channel)?
    private var transaction: Transaction?
    private var writing: StreamWriter?
    private var hasHead = false
    private var bodyEnded = false
    private var reading = true
    /// The whole answer has left before the request's end came.
    private var isAhead = false
    private var ending: Scheduled<Void>?
    /// Its answer waits for the client.
    private var isStalled = false

    init(on connection: HTTP2Connection) { self.connection = connection }

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        connection.opened()
    }

    func handlerRemoved(context: ChannelHandlerContext) { connection.closed() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            if hasHead {
                if frame.endStream {
                    endBody(Trailers(frame.headers.map { (name: $0.name, value: $0.value) }))
                }
            } else {
                hasHead = true
                begin(frame)
            }
        case .data(let frame):
            if case .byteBuffer(let piece) = frame.data { take(piece) }
            if frame.endStream { endBody() } else if isAhead { cutOff() }
        default: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        if isWritable == isStalled {
            isStalled = !isWritable
            connection.stalled(isStalled ? 1 : -1)
        }
        if isWritable { writing?.go() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        channel = nil
        if isStalled { connection.stalled(-1) }
        isStalled = false
        writing = nil
        ending?.cancel()
        guard let transaction else { return }
        self.transaction = nil
        transaction.clientLeft()
    }

    /// NIO resets the stream, or the client has; what is to be done about it is done in `channelInactive`.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    // MARK: the request

    private func begin(_ frame: HTTP2Frame.FramePayload.Headers) {
        if let ticket = connection.peer.ticket, ticket.countsRequests, !ticket.mayAsk(now: Doorway.now) {
            edge.statistics.limitedRequests += 1
            bodyEnded = true
            return refuse(.tooManyRequests)
        }
        let number = connection.count()
        let context = edge.context()
        let head: Bytes
        var framing: BodyFraming
        do throws(HeadError) {
            head = try HTTP2Head(frame.headers).bytes(in: context.arena)
            framing = try HeadParser.request(head, into: &context.req)
        } catch {
            edge.recycle(context)
            return refuse(error)
        }
        bodyEnded = frame.endStream
        // A body without a length ends with its stream; to a backend it goes in chunks.
        if frame.endStream { framing = .none } else if framing == .none { framing = .chunked }
        var peer = connection.peer
        peer.facts = facts()
        context.arrive(from: peer, number: number)
        let transaction = Transaction(edge: edge, context: context, client: self)
        self.transaction = transaction
        if framing != .none {
            transaction.requestBody = expectBody(framing, context)
        }
        transaction.countArrival(head)
        connection.doorway.start(transaction)
    }

    private func expectBody(_ framing: BodyFraming, _ context: Context) -> RequestBody {
        let body = RequestBody(framing: framing, on: edge.loop)
        body.resume = { [weak self] in self?.resumeBody() }
        body.late = { [weak self] in self?.giveUp() }
        body.expect(of: context) { [weak self] in self?.writeContinue() }
        return body
    }

    /// The body takes too long.
    private func giveUp() {
        guard let transaction else { return }
        let isAnswered = writing != nil
        self.transaction = nil
        writing = nil
        transaction.clientLeft()
        if !isAnswered { refuse(.bodyTooSlow, counts: false) }
        write(.rstStream(isAnswered ? .internalError : .noError))
    }

    private func facts() -> EdgeFacts {
        var http = ConnectionFacts()
        http.major = 2
        let id = try? channel?.syncOptions?.getOption(HTTP2StreamChannelOptions.streamID)
        http.streamID = id.map { Int64(Int($0)) } ?? 0
        let known = connection.peer.facts ?? edge.core.facts
        return EdgeFacts(like: known, tls: known.tls, http: http)
    }

    private func writeContinue() {
        write(.headers(.init(headers: [":status": "100"])))
    }

    private func write(_ payload: HTTP2Frame.FramePayload) {
        channel?.writeAndFlush(payload, promise: nil)
    }

    private func take(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0, let body = transaction?.requestBody else { return }
        // Without reading, NIO opens the stream's window no further.
        if !body.append(piece), reading { setReading(false) }
    }

    private func endBody(_ trailers: Trailers? = nil) {
        bodyEnded = true
        ending?.cancel()
        transaction?.requestBody?.end(trailers)
    }

    private func resumeBody() {
        guard !reading else { return }
        setReading(true)
        channel?.read()
    }

    private func setReading(_ shall: Bool) {
        reading = shall
        channel?.setOption(.autoRead, value: shall).whenFailure { _ in }
    }

    // MARK: the answer

    func interim(_ head: ResponseHead) {
        guard writing == nil else { return }
        var list = head.headers
        HeadWriter.removeHopByHop(&list)
        write(.headers(.init(headers: HPACKHeaders(status: head.status, list))))
    }

    func answer(_ transaction: Transaction) {
        guard let channel, transaction === self.transaction else { return }
        connection.doorway.dress(transaction.context)
        let writer = StreamWriter(channel: channel, edge: edge, transaction: transaction) { [weak self] end in
            self?.answered(transaction, end)
        }
        writing = writer
        if !bodyEnded {
            let left = channel.eventLoop.makePromise(of: Void.self)
            left.futureResult.assumeIsolated().whenSuccess { [weak self] in self?.runAhead() }
            writer.left = left
        }
        writer.start(flush: true)
    }

    /// The answer has left and the request has not ended. The rest of it is not worth sending (RFC 9113, section 8.1); a client
    /// that is about to end it does, without being told.
    private func runAhead() {
        guard !bodyEnded, let channel else { return }
        isAhead = true
        // Whatever was held back may show that there is more.
        resumeBody()
        ending = channel.eventLoop.scheduleTask(in: .seconds(HTTP2Limits.leftoverSeconds)) { [weak self] in
            self?.cutOff()
        }
    }

    /// Not before the answer has left: a reset takes back what waits to be sent.
    private func cutOff() {
        isAhead = false
        ending?.cancel()
        write(.rstStream(.noError))
    }

    private func answered(_ transaction: Transaction, _ end: AnswerEnd) {
        writing = nil
        self.transaction = nil
        transaction.end()
        transaction.recycle()
        if end == .broken { write(.rstStream(.internalError)) }
    }

    private func refuse(_ error: HeadError, counts: Bool = true) {
        edge.count(refused: error, .empty, from: connection.peer, isHTTP2: true, wasUnderWay: !counts)
        let headers: HPACKHeaders = [":status": "\(error.status)", "content-length": "0"]
        write(.headers(.init(headers: headers, endStream: true)))
    }
}

/// Writes an answer as the frames of a stream.
final class StreamWriter: ResponseWriter, @unchecked Sendable {
    /// Kept when the last frame has been sent, if somebody wants to know.
    var left: EventLoopPromise<Void>?

    override func writeHead(length: Int?, then body: WholeBody) {
        var list = transaction.context.resp.headers
        prepare(&list, length: length)
        HeadWriter.removeHopByHop(&list)
        let headers = HPACKHeaders(status: transaction.context.resp.status, list)
        count(body.count)
        let ends = !isStreaming
        let isEmpty = body.count == 0
        put(.headers(.init(headers: headers, endStream: ends && isEmpty)), isLast: ends && isEmpty)
        if !isEmpty { put(.data(.init(data: .byteBuffer(body.buffer), endStream: ends)), isLast: ends) }
    }

    override func emit(_ piece: ByteBuffer) { put(.data(.init(data: .byteBuffer(piece)))) }

    override func emitEnd(_ trailers: Trailers?) {
        if let trailers {
            put(.headers(.init(headers: HPACKHeaders(trailers), endStream: true)), isLast: true)
        } else {
            put(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)), isLast: true)
        }
        channel.flush()
    }

    private func put(_ payload: HTTP2Frame.FramePayload, isLast: Bool = false) {
        channel.write(payload, promise: isLast ? left.take() : nil)
    }

    /// A promise must be kept or broken: an answer that broke off has no last frame.
    deinit { left?.fail(ChannelError.alreadyClosed) }
}

private extension HPACKHeaders {
    /// A response's head as HTTP/2 has it, with names in lower case (RFC 9113, section 8.2.1).
    init(status: Int, _ list: HeaderList) {
        self.init()
        reserveCapacity(list.count + 1)
        add(name: ":status", value: "\(status)")
        for field in list.fields { add(name: field.name.string.lowercased(), value: field.value.string) }
    }

    init(_ trailers: Trailers) {
        self.init()
        for field in trailers.fields { add(name: field.name.lowercased(), value: field.value) }
    }
}
