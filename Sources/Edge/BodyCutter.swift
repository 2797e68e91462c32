import HTTP1
import Kernel
import NIOCore

/// Cuts a request's body out of what arrives behind its head.
struct BodyCutter {
    enum Step: Equatable { case needMore, end, malformed }

    private let framing: BodyFraming
    private var left = 0
    private var decoder = ChunkedDecoder()

    init(_ framing: BodyFraming) {
        self.framing = framing
        if case .length(let count) = framing { left = count }
    }

    /// What stood behind the body, once that has ended.
    var trailers: Trailers? { decoder.trailers }

    /// Takes from `pending` what belongs to the body; all of it but for `end`, behind which the next request stands.
    mutating func cut(_ pending: inout ByteBuffer, _ take: (ByteBuffer) -> Void) -> Step {
        switch framing {
        case .length:
            guard let piece = pending.readSlice(length: min(left, pending.readableBytes)) else {
                return .needMore
            }
            left -= piece.readableBytes
            take(piece)
            return left == 0 ? .end : .needMore
        case .chunked: return cutChunks(&pending, take)
        case .none, .untilClose: return .end
        }
    }

    private mutating func cutChunks(_ pending: inout ByteBuffer, _ take: (ByteBuffer) -> Void) -> Step {
        var at = 0
        while true {
            switch pending.withUnsafeReadableBytes({ decoder.next(Bytes($0), from: at) }) {
            case .body(let lower, let upper):
                if let piece = pending.getSlice(at: pending.readerIndex + lower, length: upper - lower) {
                    take(piece)
                }
                at = upper
            case .needMore:
                pending.moveReaderIndex(forwardBy: pending.readableBytes)
                return .needMore
            case .end(let next):
                pending.moveReaderIndex(forwardBy: next)
                return .end
            case .malformed: return .malformed
            }
        }
    }
}
