import Compression
import ESI
import HTTP1
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// How many includes a page and its parts have left together.
final class IncludeBudget {
    private var left = ESILimits.includes

    func take() -> Bool {
        left -= 1
        return left >= 0
    }
}

/// Reads a page and writes it with what its includes give in their places, one after the other, while the client reads (Fastly,
/// "esi"). Each include is a transaction of its own, whose client this is. Confined to its loop.
final class PageAssembly: BodyProducer, TransactionClient, @unchecked Sendable {
    let target = FetchedBody(isKept: false)
    private let page: FetchedBody
    private unowned let transaction: Transaction
    private let edge: EdgeLoop
    private var parser: IncludeParser
    private var pieces: [IncludeParser.Piece] = []
    private var cursor = 0
    private var pageEnd = FetchedBody.End.growing

    /// The include under way, and what its transaction answered once it has.
    private var include: Include?
    private var triesAlternative = false
    private var part: Transaction?
    private var partBody: FetchedBody?
    private var partCursor = 0
    private var partDecoding: Recoding?

    private var isRunning = false
    private var isWaiting = false
    private var isPaused = false
    private var isOver = false

    init(of page: FetchedBody, for transaction: Transaction) {
        self.page = page
        self.transaction = transaction
        edge = transaction.edge
        parser = IncludeParser(readsCDATA: transaction.context.usedExtras?.allowsESIInsideCDATA ?? false)
        if transaction.includes == nil { transaction.includes = IncludeBudget() }
    }

    var isForCache: Bool { false }

    func start() { advance() }

    func cancel() {
        guard !isOver else { return }
        end(.failed)
        partDecoding?.cancel()
        part?.clientLeft()
        part = nil
    }

    // MARK: steps

    private func advance() {
        // What begins an include may come back here before it returns.
        guard !isRunning else { return }
        isRunning = true
        defer { isRunning = false }
        while !isOver, !isPaused, !isWaiting {
            if let partBody {
                readPart(partBody)
            } else if part != nil {
                return
            } else if !pieces.isEmpty {
                take(pieces.removeFirst())
            } else if pageEnd == .complete {
                end(.complete)
            } else {
                readPage()
            }
        }
    }

    private func wake() {
        isWaiting = false
        advance()
    }

    private func end(_ end: FetchedBody.End) {
        isOver = true
        target.finish(end)
    }

    private func append(_ buffer: ByteBuffer) {
        guard buffer.readableBytes > 0 else { return }
        let goesOn = target.append(buffer) { [self] in
            edge.loop.execute { [self] in
                isPaused = false
                advance()
            }
        }
        if !goesOn { isPaused = true }
    }

    private func readPage() {
        let chunk = page.read(from: cursor, on: edge.loop) { [self] in wake() }
        cursor = chunk.next
        pageEnd = chunk.end
        if chunk.end == .failed { return cancel() }
        for buffer in chunk.buffers {
            pieces += buffer.withUnsafeReadableBytes { parser.feed(Bytes($0)) }
        }
        guard chunk.buffers.isEmpty else {
            // The end that came with them is asked for once more.
            pageEnd = .growing
            return
        }
        if chunk.end == .complete { pieces += parser.finish() } else { isWaiting = true }
    }

    private func take(_ piece: IncludeParser.Piece) {
        switch piece {
        case .text(let bytes): append(ByteBuffer(bytes: bytes))
        case .include(let include):
            self.include = include
            triesAlternative = false
            begin(include.source)
        }
    }

    // MARK: includes

    /// What may not be asked for leaves nothing behind, as what cannot be had.
    private func begin(_ source: [UInt8]) {
        let context = transaction.context
        guard context.includeLevel < ESILimits.depth, transaction.includes?.take() == true,
            let address = Include.address(source, inPageAt: context.req.target),
            let part = request(address)
        else { return missed() }
        self.part = part
        part.start()
    }

    private func request(_ address: Include.Address) -> Transaction? {
        let outer = transaction.context
        let inner = edge.context(under: outer.snapshot)
        let head = inner.arena.copy(transaction.head)
        guard (try? HeadParser.request(head, into: &inner.req, overTLS: outer.isTLS)) != nil else {
            edge.recycle(inner)
            return nil
        }
        inner.arrive(from: Peer(asking: outer), number: outer.requestNumber)
        inner.becomeInclude(address, in: outer)
        let part = Transaction(edge: edge, context: inner, client: self)
        part.head = head
        part.isUncounted = true
        part.includes = transaction.includes
        return part
    }

    /// The next to be tried, or nothing in the include's place.
    private func missed() {
        guard let include, !triesAlternative, let alternative = include.alternative else { return }
        triesAlternative = true
        begin(alternative)
    }

    func interim(_: ResponseHead) {}

    func answer(_ part: Transaction) {
        guard part === self.part, !isOver else { return }
        guard part.context.resp.status == 200, let body = plainBody(of: part) else {
            leave()
            missed()
            return advance()
        }
        partBody = body
        partCursor = 0
        advance()
    }

    /// What an answer adds to the page; nil for what nobody here can make plain.
    private func plainBody(of part: Transaction) -> FetchedBody? {
        let body: FetchedBody
        switch part.body {
        case .none: body = FetchedBody(complete: ByteBuffer())
        case .bytes(let bytes): body = FetchedBody(complete: ByteBuffer(bytes: bytes.raw))
        case .stored(let stored): body = stored
        }
        let named = part.context.resp.headers[.contentEncoding]
        guard named.isSet else { return body }
        guard let coding = ContentCoding(named),
            let decoding = Recoding(.decompress(coding), of: body, isKept: false, on: edge)
        else { return nil }
        partDecoding = decoding
        decoding.start()
        return decoding.target
    }

    private func readPart(_ body: FetchedBody) {
        let chunk = body.read(from: partCursor, on: edge.loop) { [self] in wake() }
        partCursor = chunk.next
        for buffer in chunk.buffers {
            part?.context.bodyBytesWritten += Int64(buffer.readableBytes)
            append(buffer)
        }
        switch chunk.end {
        case .failed:
            // Half of it is out: the page is not whole, unless its author would rather go on.
            guard include?.continues == true || partCursor == 0 else { return cancel() }
            leave()
            if partCursor == 0 { missed() }
        case .complete where chunk.buffers.isEmpty: leave()
        case .growing where chunk.buffers.isEmpty: isWaiting = true
        default: break
        }
    }

    /// The include has ended; its log runs.
    private func leave() {
        partBody = nil
        partDecoding = nil
        guard let part else { return }
        self.part = nil
        part.end()
        part.recycle()
    }
}
