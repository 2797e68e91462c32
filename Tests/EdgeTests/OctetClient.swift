import Compression
import NIOCore
import NIOPosix

/// A client that reads whole answers as octets, chunked ones too.
final class OctetClient: @unchecked Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        subscript(_ name: String) -> String? { headers[name.lowercased()] }

        /// The body without its coding.
        func plain() throws -> String {
            let coding: ContentCoding
            switch self["Content-Encoding"] {
            case "gzip": coding = .gzip
            case "br": coding = .brotli
            default: return text
            }
            let decompressor = try Decompressor(coding)
            let plain = try body.withUnsafeBytes { try decompressor.decompress($0) }
            try decompressor.finish()
            return String(decoding: plain, as: UTF8.self)
        }
    }

    struct Closed: Error {}

    private var iterator: AsyncStream<ByteBuffer>.AsyncIterator
    private let stream: AsyncStream<ByteBuffer>
    private let channel: any Channel
    private var pending: [UInt8] = []

    init(port: Int) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        self.stream = stream
        iterator = stream.makeAsyncIterator()
        channel = try await ClientBootstrap(group: ScenarioClient.group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Reader(continuation))
            }
        }.connect(host: "127.0.0.1", port: port).get()
    }

    func close() async throws { try await channel.close().get() }

    func send(_ path: String, method: String = "GET", headers: [String] = []) async throws {
        let lines = ["\(method) \(path) HTTP/1.1", "Host: test"] + headers
        let text = lines.joined(separator: "\r\n") + "\r\n\r\n"
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    func get(_ path: String, method: String = "GET", headers: [String] = []) async throws -> Answer {
        try await send(path, method: method, headers: headers)
        return try await read(hasBody: method != "HEAD")
    }

    /// The next answer. Throws `Closed` when the connection ends before it does.
    func read(hasBody: Bool = true) async throws -> Answer {
        let head = try await line(endingWith: "\r\n\r\n").split(separator: "\r\n")
        let status = Int(head[0].split(separator: " ")[1]) ?? 0
        var headers: [String: String] = [:]
        for line in head.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            headers[parts[0].lowercased(), default: ""] +=
                headers[parts[0].lowercased()] == nil ? value : ", " + value
        }
        var body: [UInt8] = []
        if hasBody, status >= 200, status != 304, status != 204 {
            if headers["transfer-encoding"] == "chunked" {
                while true {
                    let size = Int(try await line(endingWith: "\r\n").dropLast(), radix: 16) ?? 0
                    if size == 0 { break }
                    body += try await take(size + 2).dropLast(2)
                }
                var trailer = try await line(endingWith: "\r\n")
                while trailer != "\r\n" {
                    let parts = trailer.dropLast().split(separator: ":", maxSplits: 1)
                    headers["trailer " + parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
                    trailer = try await line(endingWith: "\r\n")
                }
            } else {
                body = Array(try await take(Int(headers["content-length"] ?? "0") ?? 0))
            }
        }
        return Answer(status: status, headers: headers, body: body)
    }

    private func line(endingWith end: String) async throws -> String {
        let wanted = Array(end.utf8)
        var from = 0
        while true {
            while from + wanted.count <= pending.count {
                if pending[from..<from + wanted.count].elementsEqual(wanted) {
                    return String(decoding: try await take(from + wanted.count), as: UTF8.self)
                }
                from += 1
            }
            try await more()
        }
    }

    private func take(_ count: Int) async throws -> ArraySlice<UInt8> {
        while pending.count < count { try await more() }
        let taken = pending.prefix(count)
        pending = Array(pending.dropFirst(count))
        return taken
    }

    private func more() async throws {
        guard let buffer = await iterator.next() else { throw Closed() }
        pending += buffer.readableBytesView
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
