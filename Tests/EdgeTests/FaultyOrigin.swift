import Diagnostics
import Foundation
import HTTPCache
import Kernel
import NIOCore
import NIOPosix
import NIOSSL
import VCLRuntime

@testable import Edge

/// An origin that does with each request what a script says, down to the bytes and the end of the connection.
final class FaultyOrigin: @unchecked Sendable {
    enum Step: Sendable {
        case send(String)
        /// Sends an endless row of this.
        case flood(String)
        case close
        /// Ends the connection without a goodbye.
        case reset
    }

    /// What is done about a request, which is given as it came; nothing more than its steps happens.
    typealias Script = @Sendable (_ request: String) -> [Step]

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let script: Guarded<Script>
    private let seen = Guarded<[String]>([])
    private let opened = Guarded((all: 0, now: 0, most: 0))
    private var channel: (any Channel)?
    private let greeting: String
    private var place: KeptPort?
    var port: Int { place?.number ?? 0 }

    /// `greeting` is said before anybody asks.
    init(greeting: String = "", _ script: @escaping Script = { _ in [.send(FaultyOrigin.ok("hello"))] }) {
        self.greeting = greeting
        self.script = Guarded(script)
    }

    /// Where only origins that are about to be stopped listen.
    static let quietAddress = "127.0.0.9"

    static func ok(_ body: String, _ headers: String = "Cache-Control: max-age=60") -> String {
        "HTTP/1.1 200 OK\r\n\(headers)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// `address` may be one of IPv6; with `tls` it shakes hands first.
    func start(on address: String = "127.0.0.1", tls: NIOSSLContext? = nil, port: Int = 0) async throws {
        let place = try KeptPort(on: address, port: port)
        self.place = place
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.autoRead, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(Handler(self))
                }
            }
            .bind(host: address, port: place.number).get()
        self.channel = channel
    }

    func act(_ script: @escaping Script) { self.script.withLock { $0 = script } }

    /// What came, request after request: heads, and bodies as they are.
    var requests: [String] { seen.withLock { $0 } }
    /// Connections that were made.
    var connections: Int { opened.withLock { $0.all } }
    /// Connections that were open at once.
    var mostConnections: Int { opened.withLock { $0.most } }

    /// Refuses connections from here on; nobody else is given its port.
    func stop() async throws { try await channel?.close().get() }

    func end() async throws { try await group.shutdownGracefully() }

    private final class Handler: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let origin: FaultyOrigin
        private var text = ""

        init(_ origin: FaultyOrigin) { self.origin = origin }

        func handlerAdded(context: ChannelHandlerContext) {
            origin.opened.withLock { $0 = ($0.all + 1, $0.now + 1, max($0.most, $0.now + 1)) }
        }

        func channelActive(context: ChannelHandlerContext) {
            guard !origin.greeting.isEmpty else { return }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: origin.greeting)), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { origin.opened.withLock { $0.now -= 1 } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let request = nextRequest() {
                origin.seen.withLock { $0.append(request) }
                let script = origin.script.withLock { $0 }
                for step in script(request) { perform(step, context.channel) }
            }
        }

        /// With its body, when it has a length or chunks.
        private func nextRequest() -> String? {
            guard let end = text.range(of: "\r\n\r\n") else { return nil }
            let head = text[..<end.upperBound].lowercased()
            let rest = text[end.upperBound...]
            var length = 0
            if let at = head.range(of: "content-length: ") {
                length = Int(head[at.upperBound...].prefix { $0.isNumber }) ?? 0
            } else if head.contains("transfer-encoding: chunked") {
                guard let last = rest.range(of: "0\r\n\r\n") else { return nil }
                length = rest[..<last.upperBound].utf8.count
            }
            guard rest.utf8.count >= length else { return nil }
            let body = String(decoding: rest.utf8.prefix(length), as: UTF8.self)
            defer { text = String(decoding: rest.utf8.dropFirst(length), as: UTF8.self) }
            return text[..<end.upperBound] + body
        }

        private func perform(_ step: Step, _ channel: any Channel) {
            switch step {
            case .send(let text): channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            case .flood(let text): flood(ByteBuffer(string: String(repeating: text, count: 1000)), channel)
            case .close: channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
            case .reset:
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in
                        // Past TLS, which would say goodbye.
                        let tls = try? channel.pipeline.syncOperations.context(
                            handlerType: NIOSSLServerHandler.self)
                        if let tls { tls.close(promise: nil) } else { channel.close(promise: nil) }
                    }
            }
        }

        private func flood(_ piece: ByteBuffer, _ channel: any Channel) {
            channel.writeAndFlush(piece).whenSuccess { self.flood(piece, channel) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A port at which connections are never accepted: its queue is full.
final class FullPort {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let port: Int

    init() async throws {
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 0).serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        // The kernel takes one or two by itself; the others wait, and keep it busy.
        let waiting = (0..<4).map { _ in
            ClientBootstrap(group: group).connectTimeout(.hours(1)).connect(host: "127.0.0.1", port: port)
        }
        try await waiting[0].map { _ in }.get()
    }

    func end() async throws { try await group.shutdownGracefully() }
}

/// Runs `body` with an edge that runs a program as it is written, without an origin of ours in it.
func edgeScenario(
    _ vcl: String, loops: Int = 2, identity: String = "test", _ body: (Int, EdgeCore) async throws -> Void
) async throws {
    let core = EdgeCore(
        snapshot: Snapshot(number: 1, program: try program(vcl)), cacheSize: ByteCount(64 << 20),
        identity: identity)
    let server = EdgeServer(core: core, loops: loops)
    let port = try await server.start(host: "127.0.0.1", port: 0)
    do { try await body(port, core) } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}

func program(_ text: String) throws -> Program {
    let compiler = Compiler()
    guard let program = compiler.compile(SourceFile(name: "test.vcl", text: text)) else {
        throw Failure(.invalid, compiler.diagnostics.placed(in: compiler.sources).rendered())
    }
    return program
}
