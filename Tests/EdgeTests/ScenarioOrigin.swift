import Foundation
import NIOCore
import NIOPosix

/// An origin for scenarios: answers each request with what the script says, counts, and can be made to wait or to break.
final class ScenarioOrigin: @unchecked Sendable {
    struct Answer: Sendable {
        var head: String
        var body: String = ""
        /// In place of `body`.
        var octets: [UInt8]?
        /// Lines beside the length of one whose ranges are served.
        var rangedHeaders: [String]?
        /// Closes the connection after the head and half of the body.
        var breaks = false
        var delay: TimeAmount = .zero
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let lock = NSLock()
    private var answers: [String: Answer] = [:]
    private var seen: [String] = []
    private var open = 0
    private var held: [@Sendable () -> Void]?
    private var channel: (any Channel)?
    private var place: KeptPort?
    var port: Int { place?.number ?? 0 }

    func start() async throws {
        let place = try place ?? KeptPort(on: "127.0.0.1")
        self.place = place
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(origin: self))
                }
            }
            .bind(host: "127.0.0.1", port: place.number).get()
        self.channel = channel
    }

    /// Refuses connections from here on; the port stays its own, so that `start` brings it back.
    func stop() async throws {
        try await channel?.close().get()
        lock.withLock { answers = [:] }
    }

    func end() async throws { try await group.shutdownGracefully() }

    /// `headers` are lines; the length or the chunking is added.
    func answer(
        _ path: String, status: String = "200 OK", headers: [String] = [], body: String = "hello",
        breaks: Bool = false, delay: TimeAmount = .zero, chunked: Bool = false, trailers: [String] = []
    ) {
        let length = chunked ? "Transfer-Encoding: chunked" : "Content-Length: \(body.utf8.count)"
        let size = String(body.utf8.count, radix: 16)
        let last = "0\r\n" + trailers.map { $0 + "\r\n" }.joined() + "\r\n"
        let body = chunked ? "\(size)\r\n\(body)\r\n\(last)" : body
        let head = (["HTTP/1.1 \(status)"] + headers + [length]).joined(separator: "\r\n") + "\r\n\r\n"
        lock.withLock { answers[path] = Answer(head: head, body: body, breaks: breaks, delay: delay) }
    }

    /// The same with a body that is no text.
    func answer(_ path: String, status: String = "200 OK", headers: [String] = [], octets: [UInt8]) {
        let head = (["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(octets.count)"]).joined(
            separator: "\r\n")
        lock.withLock { answers[path] = Answer(head: head + "\r\n\r\n", octets: octets) }
    }

    /// A body of which ranges are served.
    func answerRanges(_ path: String, headers: [String] = [], octets: [UInt8]) {
        lock.withLock { answers[path] = Answer(head: "", octets: octets, rangedHeaders: headers) }
    }

    /// Withholds its answers from here on, until they are released.
    func hold() { lock.withLock { held = held ?? [] } }

    /// Gives the answers that are withheld now; `forGood` also those to come.
    func release(forGood: Bool = false) {
        let now = lock.withLock {
            let now = held ?? []
            held = forGood ? nil : []
            return now
        }
        for answer in now { answer() }
    }

    fileprivate func holds(_ answer: @escaping @Sendable () -> Void) -> Bool {
        lock.withLock {
            held?.append(answer)
            return held != nil
        }
    }

    /// Connections that are open now.
    var connections: Int { lock.withLock { open } }

    fileprivate func count(_ change: Int) { lock.withLock { open += change } }

    var requests: [String] { lock.withLock { seen } }

    fileprivate func take(_ request: String) -> Answer {
        let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? "/"
        return lock.withLock {
            seen.append(request)
            if let answer = answers[path], let headers = answer.rangedHeaders, let whole = answer.octets {
                return ScenarioOrigin.part(of: whole, headers, request)
            }
            return answers[path] ?? Answer(head: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        }
    }

    /// The answer of an origin that serves one range.
    private static func part(of whole: [UInt8], _ headers: [String], _ request: String) -> Answer {
        func answer(_ status: String, _ more: [String], _ octets: [UInt8]) -> Answer {
            let lines = ["HTTP/1.1 \(status)"] + headers + more + ["Content-Length: \(octets.count)"]
            return Answer(head: lines.joined(separator: "\r\n") + "\r\n\r\n", octets: octets)
        }
        let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("range: bytes=") }
        guard let line else { return answer("200 OK", [], whole) }
        let ends = line.dropFirst(13).split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let lower = ends[0] ?? max(0, whole.count - (ends[1] ?? 0))
        let upper = ends[0] == nil ? whole.count : min(whole.count, (ends[1] ?? whole.count) + 1)
        guard lower < upper else { return answer("416 No", ["Content-Range: bytes */\(whole.count)"], []) }
        let range = "Content-Range: bytes \(lower)-\(upper - 1)/\(whole.count)"
        return answer("206 Partial Content", [range], Array(whole[lower..<upper]))
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let origin: ScenarioOrigin
        private var text = ""

        init(origin: ScenarioOrigin) { self.origin = origin }

        func channelActive(context: ChannelHandlerContext) { origin.count(1) }
        func channelInactive(context: ChannelHandlerContext) { origin.count(-1) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            text += String(buffer: unwrapInboundIn(data))
            while let end = text.range(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                var length = 0
                for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:")
                {
                    length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
                }
                let rest = text[end.upperBound...]
                guard rest.utf8.count >= length else { return }
                text = String(rest.dropFirst(length))
                reply(origin.take(head), context.channel)
            }
        }

        private func reply(_ answer: Answer, _ channel: any Channel) {
            let send: @Sendable () -> Void = {
                let body = answer.breaks ? String(answer.body.prefix(answer.body.count / 2)) : answer.body
                var buffer = ByteBuffer(string: answer.head + body)
                if let octets = answer.octets { buffer.writeBytes(octets) }
                channel.writeAndFlush(buffer, promise: nil)
                if answer.breaks { channel.close(promise: nil) }
            }
            if !origin.holds(send) { channel.eventLoop.scheduleTask(in: answer.delay, send) }
        }
    }
}
