import EdgeLink
import HTTP1
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// How an answer ended.
enum AnswerEnd {
    case complete
    /// Complete for a client that sees the connection end.
    case endsWithConnection
    case broken
}

/// Writes one answer: conditional and range requests are settled here, for every kind of body. What it writes is
/// HTTP/1.1; `StreamWriter` writes the frames of HTTP/2 in its place. Confined to its loop.
class ResponseWriter: @unchecked Sendable {
    final let channel: any Channel
    private let edge: EdgeLoop
    final let transaction: Transaction
    private let minor: Int
    private let keepAlive: Bool
    private let done: (AnswerEnd) -> Void
    private var cursor = 0
    private var chunked = false
    private var source: FetchedBody?
    /// Bytes that a streamed body has, when that is known.
    private var streamLength: Int?
    /// Bytes of a part that are not written yet.
    private var left: Int?
    private var finished = false
    private var waiting = false

    init(
        channel: any Channel, edge: EdgeLoop, transaction: Transaction, minor: Int, keepAlive: Bool,
        done: @escaping (AnswerEnd) -> Void
    ) {
        self.channel = channel
        self.edge = edge
        self.transaction = transaction
        self.minor = minor
        self.keepAlive = keepAlive
        self.done = done
    }

    private var context: Context { transaction.context }

    func start(flush: Bool) {
        if notModified { makeNotModified() }
        switch transaction.body {
        case .none: whole(.empty, length: 0)
        case .bytes(let bytes):
            whole(context.resp.mayHaveBody ? .bytes(bytes) : .empty, length: bytes.count)
        case .stored(let stored):
            if !context.resp.mayHaveBody {
                writeHead(length: nil, then: .empty)
                end(.complete)
            } else if let body = stored.whole {
                whole(body, length: body.count)
            } else {
                stream(stored)
            }
        }
        // What waits for the next turn leaves with what comes then.
        if flush, !waiting { channel.flush() }
    }

    // MARK: whole bodies

    private func whole(_ body: WholeBody, length: Int) {
        var part = body
        var shown = length
        switch context.wantedPart(of: length, isHead: transaction.isHead) {
        case .all: break
        case .none:
            context.refuseRange(of: length)
            (part, shown) = (.empty, 0)
        case .bytes(let range):
            context.answerRange(range, of: length)
            part = body.part(range)
            shown = range.count
        }
        if transaction.isHead { part = .empty }
        writeHead(length: context.resp.mayHaveBody ? shown : nil, then: part)
        end(.complete)
    }

    // MARK: conditions

    /// RFC 9110, section 13.2.2; what does not say when it changed changed when it was made (RFC 9111, section 4.3.2).
    private var notModified: Bool {
        guard context.resp.status == 200 || context.resp.status == 206,
            context.req.method == "GET" || transaction.isHead,
            !transaction.isAssembled
        else { return false }
        let wanted = context.req.headers[.ifNoneMatch]
        if wanted.isSet {
            let etag = context.resp.headers[.etag]
            guard etag.isSet else { return false }
            if wanted == "*" { return true }
            var found = false
            wanted.forEachPart(separator: UInt8(ascii: ",")) { if weak($0) == weak(etag) { found = true } }
            return found
        }
        guard let since = HTTPDate.parse(context.req.headers[.ifModifiedSince]),
            let modified = HTTPDate.parse(context.resp.headers[.lastModified])
                ?? HTTPDate.parse(context.resp.headers[.date])
        else { return false }
        return modified <= since
    }

    private func weak(_ etag: Bytes) -> Bytes { etag.hasPrefix("W/") ? etag.slice(2, etag.count) : etag }

    private func makeNotModified() {
        context.resp.status = 304
        context.resp.reason = HeadWriter.reason(304)
        context.resp.headers.remove(.contentLength)
        context.resp.headers.remove(.contentRange)
    }

    // MARK: growing bodies

    private func stream(_ stored: FetchedBody) {
        source = stored
        transaction.firstByte = wallClock()
        let known = stored.completeLength
        streamLength = known ?? context.resp.headers[.contentLength].decimal.map { Int($0) }
        if transaction.isHead {
            writeHead(length: streamLength, then: .empty)
            return end(.complete)
        }
        if let known {
            switch context.wantedPart(of: known, isHead: false) {
            case .all: break
            case .none:
                source = nil
                context.refuseRange(of: known)
                writeHead(length: 0, then: .empty)
                return end(.complete)
            case .bytes(let range):
                context.answerRange(range, of: known)
                (cursor, left, streamLength) = (range.lowerBound, range.count, range.count)
            }
        }
        chunked = streamLength == nil && minor == 1
        writeHead(length: streamLength, then: .empty)
        guard known == nil else { return go() }
        // A short body is read with its head: they leave together when what was read has been gone through.
        waiting = true
        edge.loop.assumeIsolated().execute { [weak self] in
            self?.waiting = false
            self?.go()
        }
    }

    /// Writes what is there as long as the client takes it.
    func go() {
        guard let source, !finished, !waiting else { return }
        while channel.isWritable {
            let chunk = source.read(from: cursor, on: edge.loop) { [weak self] in
                self?.waiting = false
                self?.go()
            }
            cursor = chunk.next
            for buffer in chunk.buffers { writeWhatIsWanted(of: buffer) }
            channel.flush()
            if left == 0 { return finishStream() }
            if chunk.end == .failed { return end(.broken) }
            if chunk.buffers.isEmpty {
                if chunk.end == .complete { return finishStream() }
                waiting = true
                return
            }
        }
    }

    private func writeWhatIsWanted(of buffer: ByteBuffer) {
        guard let left else { return write(buffer) }
        var buffer = buffer
        guard let wanted = buffer.readSlice(length: min(left, buffer.readableBytes)) else { return }
        self.left = left - wanted.readableBytes
        if wanted.readableBytes > 0 { write(wanted) }
    }

    private func write(_ buffer: ByteBuffer) {
        transaction.context.bodyBytesWritten += Int64(buffer.readableBytes)
        if !transaction.isUncounted { edge.statistics.bodyBytes += buffer.readableBytes }
        emit(buffer)
    }

    /// Whether pieces of the body follow the head.
    final var isStreaming: Bool { source != nil && !transaction.isHead }

    func emit(_ buffer: ByteBuffer) {
        guard chunked else { return channel.write(buffer, promise: nil) }
        channel.write(ByteBuffer(string: String(buffer.readableBytes, radix: 16) + "\r\n"), promise: nil)
        channel.write(buffer, promise: nil)
        channel.write(ByteBuffer(string: "\r\n"), promise: nil)
    }

    private func finishStream() {
        // Those of a whole say nothing of its part.
        emitEnd(left == nil ? source?.trailers : nil)
        end(.complete)
    }

    /// What says that the pieces have ended. To clients of HTTP/1.1 trailers go when they say that they want them (RFC 9110,
    /// section 6.5.1).
    func emitEnd(_ trailers: Trailers?) {
        guard chunked else { return }
        let wanted = trailers.flatMap { transaction.wantsTrailers ? $0.text : nil } ?? ""
        channel.writeAndFlush(ByteBuffer(string: "0\r\n\(wanted)\r\n"), promise: nil)
    }

    // MARK: the head

    /// What an answer has in every version of HTTP.
    final func prepare(_ list: inout HeaderList, length: Int?) {
        let arena = context.arena
        if let length { list.set(.contentLength, Format.integer(Int64(length), in: arena)) }
        if !list.contains(.date) {
            list.append(HeaderField(.date, value: HTTPDate.bytes(context.now / 1_000_000_000, in: arena)))
        }
    }

    func writeHead(length: Int?, then body: WholeBody) {
        var list = context.resp.headers
        prepare(&list, length: length)
        if chunked { list.append(HeaderField(.transferEncoding, value: Bytes("chunked"))) }
        if closes(length) {
            list.append(HeaderField(.connection, value: Bytes("close")))
        } else if minor == 0 {
            list.append(HeaderField(.connection, value: Bytes("keep-alive")))
        }
        count(body.count)
        let reason = context.resp.reason.isSet ? context.resp.reason : HeadWriter.reason(context.resp.status)
        let copies = body.isCopied
        let size = 17 + reason.count + HeadWriter.size(of: list) + (copies ? body.count : 0)
        var buffer = channel.allocator.buffer(capacity: size)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { raw in
            let start = raw.baseAddress!.assumingMemoryBound(to: UInt8.self)
            var at = HeadWriter.write(Bytes("HTTP/1.1 "), to: start)
            let status = context.resp.status
            at[0] = UInt8(0x30 + status / 100 % 10)
            at[1] = UInt8(0x30 + status / 10 % 10)
            at[2] = UInt8(0x30 + status % 10)
            at[3] = 0x20
            at = HeadWriter.write(reason, to: at + 4)
            at = HeadWriter.write(Bytes("\r\n"), to: at)
            at = HeadWriter.write(list, to: at)
            at = HeadWriter.write(Bytes("\r\n"), to: at)
            if copies { at = HeadWriter.write(body, to: at) }
            precondition(at - start == size, "a head is exactly as long as was reckoned")
            return size
        }
        channel.write(buffer, promise: nil)
        if case .buffer(let buffer) = body, !copies, body.count > 0 { channel.write(buffer, promise: nil) }
    }

    /// Whether the connection's end is what ends this answer, or the client asked for it.
    private func closes(_ length: Int?) -> Bool {
        !keepAlive || length == nil && !chunked && context.resp.mayHaveBody && !transaction.isHead
    }

    final func count(_ bytes: Int) {
        if !transaction.isUncounted {
            edge.statistics.count(status: context.resp.status)
            edge.statistics.bodyBytes += bytes
        }
        context.bodyBytesWritten = Int64(bytes)
    }

    private func end(_ end: AnswerEnd) {
        guard !finished else { return }
        finished = true
        let needsClose = source != nil && !chunked && streamLength == nil && !transaction.isHead
        done(end == .complete && needsClose ? .endsWithConnection : end)
    }
}

private extension HeadWriter {
    static func write(_ body: WholeBody, to start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8>
    {
        switch body {
        case .bytes(let bytes): write(bytes, to: start)
        case .buffer(let buffer): buffer.withUnsafeReadableBytes { write(Bytes($0), to: start) }
        }
    }
}
