import HTTP1
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// Hands out a small body in pieces, with a pause before each. Confined to its loop.
final class Tarpit: BodyProducer, @unchecked Sendable {
    let target = FetchedBody(isKept: true)
    private let edge: EdgeLoop
    private let source: FetchedBody
    private let pause: TimeAmount
    private let pieceBytes: Int
    private var cursor = 0
    private var pending = ByteBuffer()
    private var isAwaiting = false
    private var timer: Scheduled<Void>?
    private var isOver = false

    /// Nil when there are too many already.
    init?(of source: FetchedBody, length: Int, interval: Int64, pieceBytes: Int64, on edge: EdgeLoop) {
        guard edge.tarpits < TarpitLimits.atOnce else { return nil }
        edge.tarpits += 1
        self.edge = edge
        self.source = source
        let seconds = min(interval, TarpitLimits.seconds)
        let pieces = max(1, TarpitLimits.seconds / seconds)
        pause = .seconds(seconds)
        self.pieceBytes = max(
            Int(min(pieceBytes, Int64(TarpitLimits.bytes))), (length + Int(pieces) - 1) / Int(pieces))
    }

    let isForCache = false

    func start() { arm() }

    private func arm() {
        timer = edge.loop.scheduleTask(in: pause) { [weak self] in self?.handOut() }
    }

    private func handOut() {
        guard !isOver else { return }
        let end = take()
        // An edge that ends keeps nobody waiting.
        let size = edge.isDraining ? pending.readableBytes : min(pieceBytes, pending.readableBytes)
        if let piece = pending.readSlice(length: size), piece.readableBytes > 0 {
            _ = target.append(piece) {}
        }
        guard pending.readableBytes == 0, end != .growing else { return arm() }
        target.finish(end)
        finish()
    }

    /// What has come of the body meanwhile.
    private func take() -> FetchedBody.End {
        guard !isAwaiting else { return .growing }
        let chunk = source.read(from: cursor, on: edge.loop) { [weak self] in self?.isAwaiting = false }
        cursor = chunk.next
        for var buffer in chunk.buffers { pending.writeBuffer(&buffer) }
        isAwaiting = chunk.buffers.isEmpty && chunk.end == .growing
        return chunk.end
    }

    func cancel() {
        timer?.cancel()
        if !isOver { target.finish(.failed) }
        finish()
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        edge.tarpits -= 1
    }
}

extension Transaction {
    /// Sends a small answer slowly, when the program wants that.
    func slowDown() {
        guard let wish = context.wishes.tarpit, !isTrial, !isHead, context.resp.mayHaveBody else { return }
        let source: FetchedBody
        let length: Int
        switch body {
        case .none: return
        case .bytes(let bytes):
            source = FetchedBody(complete: ByteBuffer(bytes: bytes.raw))
            length = bytes.count
        case .stored(let stored):
            guard
                let known = stored.completeLength
                    ?? context.resp.headers[.contentLength].decimal.flatMap({ Int(exactly: $0) })
            else { return }
            (source, length) = (stored, known)
        }
        guard length > 0, length <= TarpitLimits.bytes,
            let tarpit = Tarpit(
                of: source, length: length, interval: wish.interval, pieceBytes: wish.chunkBytes, on: edge)
        else { return }
        context.resp.headers.set(.contentLength, Format.integer(Int64(length), in: context.arena))
        producers.append(tarpit)
        body = .stored(tarpit.target)
        tarpit.start()
    }
}
