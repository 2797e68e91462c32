import HTTP1
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// Delivers a large object out of segments of one size, each fetched and kept by itself (Fastly, "Segmented caching"). Each segment
/// is a transaction, whose client this is: from the cache or by a Range request, through the program's states from hit or miss on.
/// One follows the other while the client reads. Confined to its loop.
final class SegmentedDelivery: BodyProducer, TransactionClient, @unchecked Sendable {
    let target = FetchedBody(isKept: false)
    private unowned let transaction: Transaction
    private let edge: EdgeLoop
    private let size: Int64
    private let wanted: ByteRange?
    private var facts = SegmentFacts()

    /// What the first segment said of the whole, which all others must say too.
    private var whole: Whole?
    /// The next byte for the client, and the one behind the last.
    private var next: Int64 = 0
    private var end: Int64 = 0

    private var part: Transaction?
    private var block: Int64 = 0
    private var partBody: FetchedBody?
    private var partCursor = 0

    private var isRunning = false
    private var isWaiting = false
    private var isPaused = false
    private var isOver = false

    private struct Whole: Equatable {
        let total: Int64
        let etag: [UInt8]
        let modified: [UInt8]

        /// Nil for an answer that is not the segment `bytes`.
        init?(_ head: ResponseHead, segment bytes: Range<Int64>) {
            guard head.status == 206, let range = ContentRange(head.headers[.contentRange]),
                range.isSegment(bytes), let total = range.total
            else { return nil }
            self.total = total
            etag = head.headers[.etag].array
            modified = head.headers[.lastModified].array
        }
    }

    init(for transaction: Transaction) {
        self.transaction = transaction
        edge = transaction.edge
        let context = transaction.context
        let asked = context.usedExtras?.segmentSize ?? EdgeLimits.segmentBytes
        size = min(max(asked, EdgeLimits.leastSegmentBytes), EdgeLimits.mostSegmentBytes)
        wanted = transaction.isHead ? nil : ByteRange(context.req.headers[.range])
        facts.isOuter = true
        facts.blockSize = size
        if let wanted {
            facts.clientRange = (wanted.first ?? -1, wanted.last ?? -1)
            facts.isOpenEnded = wanted.last == nil
        }
    }

    var isForCache: Bool { false }

    /// The end of the whole is not known yet: a range from it begins with the first segment, which tells.
    func start() {
        let first = transaction.context.req.headers.contains(.ifRange) ? 0 : wanted?.first ?? 0
        show()
        request(first / size)
    }

    func cancel() {
        isOver = true
        target.finish(.failed)
        leave()
    }

    // MARK: segments

    private func bytes(of block: Int64) -> Range<Int64> { block * size..<(block + 1) * size }

    private func request(_ block: Int64) {
        self.block = block
        let outer = transaction.context
        let inner = edge.context(under: outer.snapshot)
        func copy(_ bytes: Bytes) -> Bytes { inner.arena.copy(bytes) }
        inner.req.target = copy(outer.req.target)
        for field in outer.req.headers.fields {
            inner.req.headers.append(HeaderField(name: copy(field.name), value: copy(field.value)))
        }
        inner.becomeSegment(bytes(of: block), ofWholeAt: outer.hashKey)
        (inner.clientAddress, inner.clientPort) = (outer.clientAddress, outer.clientPort)
        (inner.serverAddress, inner.serverPort) = (outer.serverAddress, outer.serverPort)
        (inner.isTLS, inner.requestNumber, inner.backend) = (outer.isTLS, outer.requestNumber, outer.backend)
        (inner.hashAlwaysMiss, inner.hashIgnoreBusy) = (outer.hashAlwaysMiss, outer.hashIgnoreBusy)
        inner.now = wallClock()
        inner.startTime = inner.now
        var own = SegmentFacts()
        own.isInner = true
        own.blockNumber = block
        own.blockSize = size
        inner.facts = EdgeFacts(like: outer.facts as? EdgeFacts ?? edge.core.facts, segment: own)
        let part = Transaction(edge: edge, context: inner, client: self)
        part.isSegment = true
        part.isUncounted = true
        self.part = part
        part.lookup()
    }

    func interim(_: ResponseHead) {}

    func answer(_ part: Transaction) {
        guard part === self.part, !isOver else { return }
        let found = Whole(part.context.resp, segment: bytes(of: block))
        guard whole != nil else {
            if let found { begin(found) } else { passOn(part) }
            return advance()
        }
        guard found == whole else { return disagree() }
        take(part)
        advance()
    }

    private func take(_ part: Transaction) {
        partCursor = 0
        switch part.body {
        case .none: partBody = FetchedBody(complete: ByteBuffer())
        case .bytes(let bytes): partBody = FetchedBody(complete: ByteBuffer(bytes: bytes.raw))
        case .stored(let stored): partBody = stored
        }
    }

    /// The segment has ended; its log runs.
    private func leave() {
        partBody = nil
        guard let part else { return }
        self.part = nil
        part.clientLeft()
        part.recycle()
    }

    // MARK: the head

    private func begin(_ found: Whole) {
        guard let part else { return }
        whole = found
        let context = transaction.context
        adopt(part.context)
        context.resp.status = 200
        context.resp.reason = HeadWriter.reason(200)
        context.resp.headers.remove(.contentRange)
        (facts.completeLength, facts.totalBlocks) = (found.total, (found.total + size - 1) / size)
        var range = 0..<Int(found.total)
        switch context.wantedPart(of: range.count, isHead: transaction.isHead) {
        case .all: break
        case .none: return refuse(found.total)
        case .bytes(let wanted):
            context.answerRange(wanted, of: range.count)
            range = wanted
        }
        (next, end) = (Int64(range.lowerBound), Int64(range.upperBound))
        facts.roundedRange = (next / size * size, min((end + size - 1) / size * size, found.total) - 1)
        context.resp.headers.set(.contentLength, Format.integer(Int64(range.count), in: context.arena))
        transaction.body = .stored(target)
        show()
        if next / size == block, !transaction.isHead { take(part) } else { leave() }
        transaction.deliver()
        // The program may have begun anew.
        guard !isOver else { return }
        if transaction.isHead { return finish() }
        if self.part == nil { request(next / size) }
    }

    /// What is true of the segment's way is true of the whole's; the views go, so that what they view may go.
    private func adopt(_ inner: Context) {
        let context = transaction.context
        let copy = { (bytes: Bytes) in bytes.isSet ? context.arena.copy(bytes) : bytes }
        context.resp.reset()
        context.resp.status = inner.resp.status
        context.resp.reason = copy(inner.resp.reason)
        for field in inner.resp.headers.fields {
            context.resp.headers.append(HeaderField(name: copy(field.name), value: copy(field.value)))
        }
        context.state = inner.state
        (context.isStored, context.asksForChanges) = (inner.isStored, inner.asksForChanges)
        (context.objectAge, context.objectHits) = (inner.objectAge, inner.objectHits)
        context.objectLifetime = inner.objectLifetime
        (context.respIsStale, context.respIsStaleError) = (inner.respIsStale, inner.respIsStaleError)
    }

    private func refuse(_ total: Int64) {
        leave()
        transaction.context.refuseRange(of: Int(total))
        transaction.context.resp.headers.remove(.contentLength)
        transaction.body = .bytes(.empty)
        finish()
        transaction.deliver()
    }

    /// The origin knows no ranges, the object is gone or empty: what came is the answer.
    private func passOn(_ part: Transaction) {
        let head = part.context.resp
        adopt(part.context)
        if head.status == 416, head.headers[.contentRange].hasPrefix("bytes */") {
            // An empty object has no first segment.
            let isWhole = wanted == nil && block == 0
            leave()
            transaction.body = .bytes(.empty)
            finish()
            if isWhole {
                transaction.context.resp.status = 200
                transaction.context.resp.reason = HeadWriter.reason(200)
                transaction.context.resp.headers.remove(.contentRange)
            }
            return transaction.deliver()
        }
        guard head.status != 206 else {
            leave()
            fail("segment is not what was asked for")
            return transaction.fail(503, "segment is not what was asked for")
        }
        facts.isCancelled = true
        show()
        switch part.body {
        case .none: transaction.body = .none
        case .bytes(let bytes): transaction.body = .bytes(transaction.context.arena.copy(bytes))
        case .stored(let stored): transaction.body = .stored(stored)
        }
        isOver = true
        transaction.deliver()
    }

    // MARK: the body

    private func advance() {
        guard !isRunning else { return }
        isRunning = true
        defer { isRunning = false }
        while !isOver, !isPaused, !isWaiting, whole != nil {
            if next >= end { return finish() }
            guard let partBody else { return }
            read(partBody)
        }
    }

    private func read(_ body: FetchedBody) {
        let chunk = body.read(from: partCursor, on: edge.loop) { [self] in
            isWaiting = false
            advance()
        }
        var at = bytes(of: block).lowerBound + Int64(partCursor)
        partCursor = chunk.next
        for buffer in chunk.buffers {
            send(buffer, from: at)
            at += Int64(buffer.readableBytes)
        }
        if chunk.end == .failed { return fail("segment broke off") }
        guard next < end, chunk.buffers.isEmpty else { return }
        guard chunk.end == .complete else {
            isWaiting = true
            return
        }
        guard next == bytes(of: block).upperBound else { return fail("segment is too short") }
        leave()
        request(block + 1)
    }

    /// Of what stands from byte `at` of the whole on, what the client wants.
    private func send(_ buffer: ByteBuffer, from at: Int64) {
        let upper = min(end, at + Int64(buffer.readableBytes))
        guard next >= at, next < upper,
            let piece = buffer.getSlice(
                at: buffer.readerIndex + Int(next - at), length: Int(upper - next))
        else { return }
        next = upper
        part?.context.bodyBytesWritten += Int64(piece.readableBytes)
        let goesOn = target.append(piece) { [self] in
            edge.loop.execute { [self] in
                isPaused = false
                advance()
            }
        }
        if !goesOn { isPaused = true }
    }

    // MARK: ends

    private func finish() {
        isOver = true
        facts.isCompleted = true
        show()
        target.finish(.complete)
        leave()
    }

    private func fail(_ why: String) {
        isOver = true
        facts.isFailed = true
        facts.error = why
        show()
        target.finish(.failed)
        leave()
    }

    /// The origin has another object by now: none of the segments is good any more.
    private func disagree() {
        facts.isAutopurged = true
        let tag = Context.tagOfParts(transaction.context.hashKey)
        tag.withBytes { _ = edge.core.cache.purge(surrogateKey: $0, soft: false, now: wallClock()) }
        fail("segments are not of one object")
    }

    /// For vcl_log.
    private func show() {
        let known = transaction.context.facts as? EdgeFacts ?? edge.core.facts
        transaction.context.facts = EdgeFacts(like: known, segment: facts)
    }
}

extension Transaction {
    func deliverSegments() {
        let delivery = SegmentedDelivery(for: self)
        producers.append(delivery)
        delivery.start()
    }
}
