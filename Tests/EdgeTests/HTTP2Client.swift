import Foundation
import Kernel
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization

/// A client that speaks HTTP/2 and does not mind its manners: what it sends is not checked.
final class HTTP2Client: Sendable {
    struct Answer: Sendable {
        var headers: HPACKHeaders = [:]
        var body = ByteBuffer()
        var trailers: HPACKHeaders = [:]
        /// The stream was reset, or the connection ended.
        var broke = false
        var status: Int { headers.first(name: ":status").flatMap { Int($0) } ?? 0 }
        var text: String { String(buffer: body) }
        subscript(_ name: String) -> String? { headers.first(name: name) }
    }

    let channel: any Channel
    private let streams: NIOHTTP2Handler.StreamMultiplexer
    private let root: Root
    private let seen = Guarded("")

    init(_ place: ScenarioPlace, tls: ClientTLS? = nil) async throws {
        let root = Root()
        self.root = root
        let made = Mutex<NIOHTTP2Handler.StreamMultiplexer?>(nil)
        channel = try await ClientBootstrap(group: ScenarioClient.group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let tls { try pipeline.addHandler(tls.handler()) }
                var connection = NIOHTTP2Handler.ConnectionConfiguration()
                connection.headerBlockValidation = .disabled
                connection.contentLengthValidation = .disabled
                let streams = try pipeline.configureHTTP2Pipeline(
                    mode: .client, connectionConfiguration: connection, streamConfiguration: .init()
                ) { $0.eventLoop.makeSucceededVoidFuture() }
                try pipeline.addHandler(root)
                made.withLock { $0 = streams }
            }
        }.connect(host: "127.0.0.1", port: place.port).get()
        streams = made.withLock { $0! }
    }

    /// Why the edge said goodbye, once it has.
    var goodbyes: [HTTP2ErrorCode] { root.goodbyes.withLock { $0 } }
    var isOpen: Bool { channel.isActive }
    /// What came of bodies, whole or not.
    var bodies: String { seen.withLock { $0 } }

    func get(_ path: String, _ more: HPACKHeaders = [:]) async throws -> Answer {
        var headers: HPACKHeaders = [
            ":method": "GET", ":scheme": "http", ":path": path, ":authority": "test",
        ]
        headers.add(contentsOf: more)
        return try await ask(headers)
    }

    /// With a body its pieces follow the headers, and the last one ends the stream.
    func ask(
        _ headers: HPACKHeaders, body: [ByteBuffer] = [], trailers: HPACKHeaders? = nil, ends: Bool = true
    ) async throws -> Answer {
        let answer = channel.eventLoop.makePromise(of: Answer.self)
        let stream: any Channel
        do { stream = try await open(Stream(answer, seen)) } catch {
            answer.fail(error)
            throw error
        }
        let head = channel.eventLoop.makePromise(of: Void.self)
        // What this end refuses to send has no answer.
        head.futureResult.whenFailure { answer.fail($0) }
        stream.write(
            HTTP2Frame.FramePayload.headers(.init(headers: headers, endStream: ends && body.isEmpty)),
            promise: head)
        for (index, piece) in body.enumerated() {
            let last = ends && index == body.count - 1 && trailers == nil
            stream.write(
                HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(piece), endStream: last)), promise: nil)
        }
        if let trailers {
            stream.write(
                HTTP2Frame.FramePayload.headers(.init(headers: trailers, endStream: true)), promise: nil)
        }
        stream.flush()
        return try await answer.futureResult.get()
    }

    /// Asks, and takes it back at once.
    func askInVain(_ path: String) async throws {
        let answer = channel.eventLoop.makePromise(of: Answer.self)
        let stream: any Channel
        do { stream = try await open(Stream(answer, seen)) } catch {
            answer.fail(error)
            throw error
        }
        let headers: HPACKHeaders = [
            ":method": "GET", ":scheme": "http", ":path": path, ":authority": "test",
        ]
        stream.write(HTTP2Frame.FramePayload.headers(.init(headers: headers)), promise: nil)
        try await stream.writeAndFlush(HTTP2Frame.FramePayload.rstStream(.cancel))
    }

    private func open(_ handler: Stream) async throws -> any Channel {
        let promise = channel.eventLoop.makePromise(of: (any Channel).self)
        streams.createStreamChannel(promise: promise) { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler) }
        }
        return try await promise.futureResult.get()
    }

    func close() async throws { try await channel.close().get() }

    private final class Root: ChannelInboundHandler, Sendable {
        typealias InboundIn = HTTP2Frame
        let goodbyes = Mutex<[HTTP2ErrorCode]>([])
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if case .goAway(_, let code, _) = unwrapInboundIn(data).payload {
                goodbyes.withLock { $0.append(code) }
            }
        }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {}
    }

    private final class Stream: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = HTTP2Frame.FramePayload
        private let promise: EventLoopPromise<Answer>
        private var answer = Answer()
        private var ended = false

        private let seen: Guarded<String>

        init(_ promise: EventLoopPromise<Answer>, _ seen: Guarded<String>) {
            self.promise = promise
            self.seen = seen
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .headers(let frame):
                if answer.status < 200 {
                    answer.headers = frame.headers
                } else {
                    answer.trailers = frame.headers
                }
                if frame.endStream { end() }
            case .data(let frame):
                if case .byteBuffer(var piece) = frame.data {
                    seen.withLock { $0 += String(buffer: piece) }
                    answer.body.writeBuffer(&piece)
                }
                if frame.endStream { end() }
            default: break
            }
        }

        private func end() {
            guard !ended else { return }
            ended = true
            promise.succeed(answer)
        }

        func channelInactive(context: ChannelHandlerContext) {
            answer.broke = true
            end()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            answer.broke = true
            end()
        }
    }
}
