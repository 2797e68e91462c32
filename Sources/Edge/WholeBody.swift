import Kernel
import NIOCore

/// A body that is all there: bytes that are copied behind their head into one write, or a buffer that is written as it is.
enum WholeBody: Sendable {
    /// They live as long as whoever had them: a kept body, a request's arena.
    case bytes(Bytes)
    case buffer(ByteBuffer)

    static let empty = WholeBody.bytes(.empty)

    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .buffer(let buffer): buffer.readableBytes
        }
    }

    /// `range` counts from the body's beginning and lies within it.
    func part(_ range: Range<Int>) -> WholeBody {
        switch self {
        case .bytes(let bytes): return .bytes(bytes.slice(range.lowerBound, range.upperBound))
        case .buffer(var buffer):
            buffer.moveReaderIndex(forwardBy: range.lowerBound)
            return .buffer(buffer.readSlice(length: range.count) ?? ByteBuffer())
        }
    }

    /// As a buffer of its own, or a slice of the one that it is.
    var buffer: ByteBuffer {
        switch self {
        case .bytes(let bytes): ByteBuffer(bytes: bytes.raw)
        case .buffer(let buffer): buffer
        }
    }

    /// Whether it is copied behind its head.
    var isCopied: Bool {
        switch self {
        case .bytes: count > 0
        case .buffer: count > 0 && count <= EdgeLimits.copiedBody
        }
    }
}
