import HTTP1
import Kernel
import NIOCore

/// What a fetch hears from its connection; all calls come on the connection's loop.
protocol OriginExchange: AnyObject {
    /// A head before the final one, such as 103 (Early Hints). Its views live until this returns.
    func received(interim head: ResponseHead)
    /// The final head has arrived. Its views live until this returns.
    func received(head: ResponseHead, hasBody: Bool)
    /// False when the connection shall stop reading until `resumeReading`.
    func received(body: ByteBuffer) -> Bool
    func finished()
    /// `beforeHead`: nothing of the answer has arrived, so that a repeatable request may be tried elsewhere.
    func failed(_ error: OriginError, beforeHead: Bool)
    var requestMethod: Bytes { get }
}

/// One HTTP/1.1 connection to a backend; one exchange at a time. Confined to its loop.
final class OriginConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State { case idle, head, body(BodyFraming), closed }

    let address: String
    private let pool: OriginPool
    private let loop: any EventLoop
    private var channel: (any Channel)?
    private var state = State.idle
    private var pending = ByteBuffer()
    private var decoder = ChunkedDecoder()
    private var left = 0
    private var keepAlive = true
    private var exchange: (any OriginExchange)?
    private var timer: Scheduled<Void>?
    private var firstByte: Int64 = 0
    private var betweenBytes: Int64 = 0
    private var requestEnded = true
    private(set) var served = 0
    private var interims = 0

    init(pool: OriginPool, address: String, loop: any EventLoop) {
        self.pool = pool
        self.address = address
        self.loop = loop
    }

    var isUsable: Bool {
        guard case .idle = state, let channel else { return false }
        return channel.isActive
    }

    // MARK: the fetch's side

    func send(
        _ head: ByteBuffer, endsHere: Bool, firstByte: Int64, betweenBytes: Int64,
        for exchange: any OriginExchange
    ) {
        self.exchange = exchange
        self.betweenBytes = betweenBytes
        state = .head
        keepAlive = true
        requestEnded = endsHere
        served += 1
        interims = 0
        self.firstByte = firstByte
        arm(firstByte, .firstByteTimeout)
        channel?.writeAndFlush(head, promise: nil)
    }

    /// A slow upload is not the backend's fault: its time begins anew with each piece.
    func send(body: ByteBuffer) {
        if case .head = state { arm(firstByte, .firstByteTimeout) }
        channel?.writeAndFlush(body, promise: nil)
    }

    func endRequest() {
        requestEnded = true
        if case .head = state { arm(firstByte, .firstByteTimeout) }
    }

    var isWritable: Bool { channel?.isWritable ?? false }

    func resumeReading() {
        guard let channel, case .body = state else { return }
        arm(betweenBytes, .betweenBytesTimeout)
        channel.setOption(.autoRead, value: true).whenFailure { _ in }
        channel.read()
    }

    func close() {
        timer?.cancel()
        exchange = nil
        channel?.close(promise: nil)
    }

    /// The request will never be whole.
    func breakOff() {
        if exchange != nil { fail(.closed) }
    }

    func idle() {
        arm(EdgeLimits.idleBackendSeconds * 1_000_000_000, nil)
    }

    // MARK: the channel's side

    func handlerAdded(context: ChannelHandlerContext) { channel = context.channel }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch state {
        case .closed: return
        // Bytes that nobody asked for: the next answer would be read from them.
        case .idle: return close()
        case .head:
            if pending.readableBytes == 0 { pending = buffer } else { pending.writeBuffer(&buffer) }
            readHead()
        case .body(let framing):
            arm(betweenBytes, .betweenBytesTimeout)
            readBody(buffer, framing)
        }
    }

    private func readHead() {
        while true {
            let end = pending.withUnsafeReadableBytes { HeadParser.endOfHead(Bytes($0)) }
            guard let end else {
                if pending.readableBytes > HTTP1Limits.headBytes { fail(.malformed) }
                return
            }
            var head = ResponseHead()
            let interim = pending.withUnsafeReadableBytes { raw -> Bool? in
                let bytes = Bytes(raw).slice(0, end)
                guard (try? HeadParser.response(bytes, into: &head)) != nil, let exchange else { return nil }
                if head.status < 200 {
                    interims += 1
                    guard head.status != 101, interims <= EdgeLimits.interimResponses else { return nil }
                    // We ask for no 100; one that comes all the same is for us.
                    if head.status > 100 { exchange.received(interim: head) }
                    return true
                }
                guard let framing = try? HeadParser.responseFraming(head, method: exchange.requestMethod)
                else { return nil }
                keepAlive =
                    head.minor == 1 && !head.headers.lists(.connection, token: "close")
                    && framing != .untilClose
                begin(framing)
                exchange.received(head: head, hasBody: framing != .none && framing != .length(0))
                return false
            }
            guard let interim else { return fail(.malformed) }
            pending.moveReaderIndex(forwardBy: end)
            if interim { continue }
            return afterHead()
        }
    }

    private func begin(_ framing: BodyFraming) {
        state = .body(framing)
        arm(betweenBytes, .betweenBytesTimeout)
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
            case .end(let next): return finish(extra: buffer.readableBytes - next)
            case .malformed: return fail(.malformed)
            }
        }
    }

    private func deliver(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0, let exchange else { return }
        if !exchange.received(body: piece) {
            // The reader is slow, not the backend.
            timer?.cancel()
            channel?.setOption(.autoRead, value: false).whenFailure { _ in }
        }
    }

    private func finish(extra: Int) {
        timer?.cancel()
        let done = exchange
        exchange = nil
        state = .idle
        if keepAlive, requestEnded, extra == 0, channel?.isActive == true {
            channel?.setOption(.autoRead, value: true).whenFailure { _ in }
            pool.release(self)
        } else {
            channel?.close(promise: nil)
        }
        done?.finished()
    }

    private func fail(_ error: OriginError) {
        timer?.cancel()
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
        case .idle, .closed: break
        }
        timer?.cancel()
        state = .closed
        pool.closed(address)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func arm(_ nanoseconds: Int64, _ error: OriginError?) {
        timer?.cancel()
        guard nanoseconds > 0 else { return }
        timer = loop.scheduleTask(in: .nanoseconds(nanoseconds)) { [self] in
            if let error { fail(error) } else { close() }
        }
    }
}
