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

/// Writes one answer: conditional and range requests are settled here, for every kind of body. How it is written is its
/// subclass's: `ConnectionWriter` for HTTP/1.1, `StreamWriter` for HTTP/2. Confined to its loop.
class ResponseWriter: @unchecked Sendable {
    final let channel: any Channel
    private let edge: EdgeLoop
    final let transaction: Transaction
    private let done: (AnswerEnd) -> Void
    private var cursor = 0
    private var source: FetchedBody?
    /// Bytes that a streamed body has, when that is known.
    private var streamLength: Int?
    /// Bytes of a part that are not written yet.
    private var left: Int?
    private var finished = false
    private var waiting = false

    init(
        channel: any Channel, edge: EdgeLoop, transaction: Transaction, done: @escaping (AnswerEnd) -> Void
    ) {
        self.channel = channel
        self.edge = edge
        self.transaction = transaction
        self.done = done
    }

    final var context: Context { transaction.context }

    // MARK: what the version of HTTP decides

    /// The head, and a body that is all there. `length` is nil when it is not known, or when there is no body.
    func writeHead(length: Int?, then body: WholeBody) { preconditionFailure("a version of HTTP says how") }

    /// A piece of a body.
    func emit(_ buffer: ByteBuffer) { preconditionFailure("a version of HTTP says how") }

    /// What says that the pieces have ended.
    func emitEnd(_ trailers: Trailers?) { preconditionFailure("a version of HTTP says how") }

    func flush() { channel.flush() }

    /// Whether what has no length ends with its connection alone.
    var endsWithConnection: Bool { false }

    final func start(flush shall: Bool) {
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
        if shall, !waiting { flush() }
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
        guard known == nil else { return begin() }
        // A short body is read with its head: they leave together when what was read has been gone through.
        waiting = true
        edge.loop.assumeIsolated().execute { [weak self] in
            self?.waiting = false
            self?.begin()
        }
    }

    private func begin() {
        writeHead(length: streamLength, then: .empty)
        go()
        flush()
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
            flush()
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

    private func finishStream() {
        // Those of a whole say nothing of its part.
        emitEnd(left == nil ? source?.trailers : nil)
        end(.complete)
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
        let needsClose = isStreaming && streamLength == nil && endsWithConnection
        done(end == .complete && needsClose ? .endsWithConnection : end)
    }
}
