import Foundation
import NIOCore
import NIOPosix

/// A client that sends bytes as they are and reads whole answers.
final class ScenarioClient: @unchecked Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: String
        subscript(_ name: String) -> String? { headers[name.lowercased()] }
    }

    private let stream: AsyncStream<ByteBuffer>
    private var iterator: AsyncStream<ByteBuffer>.AsyncIterator
    private let channel: any Channel
    private var text = ""

    static let group = MultiThreadedEventLoopGroup.singleton

    convenience init(host: String = "127.0.0.1", port: Int, tls: ClientTLS? = nil) async throws {
        try await self.init(tls) { try await $0.connect(host: host, port: port).get() }
    }

    convenience init(socket path: String) async throws {
        try await self.init(nil) { try await $0.connect(unixDomainSocketPath: path).get() }
    }

    private init(_ tls: ClientTLS?, _ connect: (ClientBootstrap) async throws -> any Channel) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        self.stream = stream
        iterator = stream.makeAsyncIterator()
        channel = try await connect(
            ClientBootstrap(group: ScenarioClient.group).channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandlers([Prologue(tls.before), tls.handler()])
                    }
                    try channel.pipeline.syncOperations.addHandler(Reader(continuation))
                }
            })
    }

    func close() async throws { try await channel.close().get() }

    /// Whether what the edge sends is taken from the socket.
    func setTaking(_ shall: Bool) async throws {
        try await channel.setOption(.autoRead, value: shall).get()
        if shall { channel.read() }
    }

    func send(_ text: String) async throws { try await channel.writeAndFlush(ByteBuffer(string: text)).get() }

    func get(_ path: String, method: String = "GET", headers: [String] = []) async throws -> Answer {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: test"] + headers
        try await send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return try await read(hasBody: method != "HEAD")
    }

    struct Closed: Error {}

    /// The next answer. Throws `Closed` when the connection ends before it does.
    func read(hasBody: Bool = true) async throws -> Answer {
        while !text.contains("\r\n\r\n") { try await more() }
        let end = text.range(of: "\r\n\r\n")!
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        text = String(text[end.upperBound...])
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] =
                parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        let length = hasBody && status != 304 ? Int(headers["content-length"] ?? "0") ?? 0 : 0
        while text.utf8.count < length { try await more() }
        let body = String(decoding: Array(text.utf8.prefix(length)), as: UTF8.self)
        text = String(decoding: Array(text.utf8.dropFirst(length)), as: UTF8.self)
        return Answer(status: status, headers: headers, body: body)
    }

    /// All that comes until the connection ends.
    func readToEnd() async throws -> String {
        while let buffer = await iterator.next() { text += String(buffer: buffer) }
        return text
    }

    /// What comes up to `end`, and that.
    func readMore(_ end: String) async throws -> String {
        while true {
            if let range = text.range(of: end) {
                let found = String(text[..<range.upperBound])
                text = String(text[range.upperBound...])
                return found
            }
            try await more()
        }
    }

    private func more() async throws {
        guard let buffer = await iterator.next() else { throw Closed() }
        text += String(buffer: buffer)
    }

    /// Writes in the open before anybody else does.
    private final class Prologue: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let text: String
        init(_ text: String) { self.text = text }
        func channelActive(context: ChannelHandlerContext) {
            if !text.isEmpty {
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            }
            context.fireChannelActive()
        }
    }

    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<ByteBuffer>.Continuation
        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) { self.continuation = continuation }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(unwrapInboundIn(data))
        }
        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
    }
}
