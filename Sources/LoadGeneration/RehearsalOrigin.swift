import HTTP1
package import Kernel
import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#endif

/// An origin to rehearse against: every path is a page, which takes a while. Its answer's lifetime is in the path, so
/// that a list of paths decides what is hit, stale or missed: `/fresh/...` lives for an hour, `/stale/...` for a second
/// and a minute more while it is asked for again, `/pass/...` not at all.
package final class RehearsalOrigin: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let latency: Duration
    private let bodyBytes: Int
    /// What an answer may hold: enough for a large image, and made once.
    package static let mostBodyBytes = 16 << 20

    package init(latency: Duration, bodyBytes: Int) {
        self.latency = latency
        self.bodyBytes = bodyBytes
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    }

    /// Listens (port 0: any free one); returns the port.
    package func start(_ address: HostPort) async throws -> Int {
        let (latency, bodyBytes) = (latency, bodyBytes)
        let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: bodyBytes)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            RehearsalPage(latency: latency, body: body))
                    }
                }
                .bind(host: address.host, port: address.port).get()
            return channel.localAddress?.port ?? address.port
        } catch {
            throw Failure(
                .unavailable, "the rehearsal's origin cannot listen on \(address)",
                hint: "stop what uses it, or give --listen another address")
        }
    }

    package func stop() async { try? await group.shutdownGracefully() }
}

/// One connection of a cache to that origin: a request at a time, as caches ask. Confined to its loop.
private final class RehearsalPage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let etag = "\"rehearsal\""
    private let latency: Duration
    private let body: ByteBuffer
    private var pending = ByteBuffer()
    private var isAnswering = false

    init(latency: Duration, body: ByteBuffer) {
        self.latency = latency
        self.body = body
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        pending.writeBuffer(&buffer)
        answerNext(context)
    }

    private func answerNext(_ context: ChannelHandlerContext) {
        guard !isAnswering else { return }
        guard let end = pending.withUnsafeReadableBytes({ HeadParser.endOfHead(Bytes($0)) }) else {
            if pending.readableBytes > HTTP1Limits.headBytes { context.close(promise: nil) }
            return
        }
        var head = RequestHead()
        let answer: ByteBuffer? = pending.withUnsafeReadableBytes { raw in
            let bytes = Bytes(raw).slice(0, end)
            // A body would be read as the next request; nobody sends one here.
            guard (try? HeadParser.request(bytes, into: &head)) == BodyFraming.none else { return nil }
            return page(head)
        }
        pending.moveReaderIndex(forwardBy: end)
        pending.discardReadBytes()
        guard let answer else { return context.close(promise: nil) }
        isAnswering = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .nanoseconds(latency.nanoseconds)) {
            let (page, context) = bound.value
            guard context.channel.isActive else { return }
            page.isAnswering = false
            context.writeAndFlush(NIOAny(answer), promise: nil)
            page.answerNext(context)
        }
    }

    private func page(_ head: RequestHead) -> ByteBuffer {
        let lifetime: String
        if head.target.hasPrefix("/stale/") {
            lifetime = "max-age=1, stale-while-revalidate=60"
        } else if head.target.hasPrefix("/pass/") {
            lifetime = "private"
        } else {
            lifetime = "max-age=3600"
        }
        let isSame = head.headers[.ifNoneMatch].string == RehearsalPage.etag
        let length = isSame ? "" : "Content-Type: text/plain\r\nContent-Length: \(body.readableBytes)\r\n"
        var answer = ByteBuffer(
            string: """
                HTTP/1.1 \(isSame ? "304 Not Modified" : "200 OK")\r
                Date: \(HTTPDate.text(Int64(time(nil))))\r
                ETag: \(RehearsalPage.etag)\r
                Cache-Control: \(lifetime)\r
                \(length)\r

                """)
        if !isSame, !(head.method == "HEAD") { answer.writeImmutableBuffer(body) }
        return answer
    }
}
