import HTTP1
import Kernel
import NIOCore
import Rehearsal

/// One kept-alive connection of a load, with one request on its way at most. Answers are read in place and their bodies
/// counted, never kept. Confined to its loop.
final class LoadConnection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private enum State { case connecting, idle, head, body(BodyFraming), closed }

    /// Its place among its loop's connections.
    var place = 0
    private let load: LoadLoop
    private var channel: (any Channel)?
    private var state = State.connecting
    /// Of the request on its way, or of the one that waits for the connection to be made.
    private(set) var work: LoadLoop.Work?
    /// When it was sent; the time that an answer may take begins here.
    private(set) var sentAt: Int64 = .max
    private var pending = ByteBuffer()
    private var left = 0
    private var decoder = ChunkedDecoder()
    private var keepsAlive = true
    private var served = 0
    private var status = 0
    private var source = AnswerSource.fetched
    private static let get = Bytes("GET")

    init(load: LoadLoop, work: LoadLoop.Work?) {
        self.load = load
        self.work = work
    }

    func channelActive(context: ChannelHandlerContext) {
        channel = context.channel
        state = .idle
        load.connected(self)
    }

    func send(_ work: LoadLoop.Work, _ request: ByteBuffer, now: Int64) {
        self.work = work
        sentAt = now
        state = .head
        channel?.writeAndFlush(request, promise: nil)
    }

    /// The work is somebody else's; this connection will do other.
    func takeWork() -> LoadLoop.Work? {
        defer { work = nil }
        return work
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        switch state {
        case .head:
            if pending.readableBytes > 0 {
                pending.writeBuffer(&buffer)
                swap(&pending, &buffer)
                pending = ByteBuffer()
            }
            readHead(buffer)
        case .body(let framing): readBody(buffer, framing)
        // What nobody asked for: a goodbye such as 408.
        case .idle: close()
        case .connecting, .closed: break
        }
    }

    private func readHead(_ whole: ByteBuffer) {
        var buffer = whole
        while true {
            guard let end = buffer.withUnsafeReadableBytes({ HeadParser.endOfHead(Bytes($0)) }) else {
                if buffer.readableBytes > HTTP1Limits.headBytes { return fail(.malformed) }
                pending = buffer
                return
            }
            let framing = buffer.withUnsafeReadableBytes { read(Bytes($0).slice(0, end)) }
            buffer.moveReaderIndex(forwardBy: end)
            guard let framing else { return fail(.malformed) }
            if status < 200 { continue }
            load.tally.bytes += end
            state = .body(framing)
            switch framing {
            case .length(let count): left = count
            case .chunked: decoder = ChunkedDecoder()
            case .none: left = 0
            case .untilClose: keepsAlive = false
            }
            return readBody(buffer, framing)
        }
    }

    private func read(_ bytes: Bytes) -> BodyFraming? {
        guard (try? HeadParser.response(bytes, into: &load.head)) != nil else { return nil }
        status = load.head.status
        if status < 200 { return status == 101 ? nil : BodyFraming.none }
        keepsAlive = load.head.minor == 1 && !load.head.headers.lists(.connection, token: "close")
        source = AnswerSource(load.head.headers)
        return try? HeadParser.responseFraming(load.head, method: LoadConnection.get)
    }

    private func readBody(_ buffer: ByteBuffer, _ framing: BodyFraming) {
        load.tally.bytes += buffer.readableBytes
        switch framing {
        case .none: finish(extra: buffer.readableBytes)
        case .length:
            left -= buffer.readableBytes
            if left <= 0 { finish(extra: -left) }
        case .untilClose: break
        case .chunked:
            var at = 0
            while true {
                switch buffer.withUnsafeReadableBytes({ decoder.next(Bytes($0), from: at) }) {
                case .body(_, let upper): at = upper
                case .needMore: return
                case .end(let next): return finish(extra: buffer.readableBytes - next)
                case .malformed: return fail(.malformed)
                }
            }
        }
    }

    private func finish(extra: Int) {
        guard let work else { return close() }
        self.work = nil
        sentAt = .max
        served += 1
        state = .idle
        let isLast = load.plan.requestsPerConnection.map { served >= $0 } ?? false
        let stays = keepsAlive && extra == 0 && !isLast
        load.answered(work, status: status, source: source)
        if stays { load.free(self) } else { close() }
    }

    func fail(_ trouble: Trouble) {
        if let work {
            self.work = nil
            load.failed(work, trouble)
        }
        close()
    }

    func close() {
        guard let channel else { return }
        state = .closed
        sentAt = .max
        channel.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // An answer without a length ends with its connection.
        if case .body(.untilClose) = state { finish(extra: 0) }
        if let work {
            self.work = nil
            load.failed(work, .closed)
        }
        channel = nil
        state = .closed
        sentAt = .max
        load.closed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    var isIdle: Bool { if case .idle = state { channel != nil } else { false } }
}
