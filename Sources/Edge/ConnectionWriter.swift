import HTTP1
import HTTPCache
import Kernel
import NIOCore
import RequestFlow
import VCLRuntime

/// Writes an answer of HTTP/1.1, or 1.0.
final class ConnectionWriter: ResponseWriter, @unchecked Sendable {
    private let output: SocketOutput
    private let minor: Int
    private let keepAlive: Bool
    private var chunked = false

    init(
        _ output: SocketOutput, edge: EdgeLoop, transaction: Transaction, minor: Int, keepAlive: Bool,
        done: @escaping (AnswerEnd) -> Void
    ) {
        self.output = output
        self.minor = minor
        self.keepAlive = keepAlive
        super.init(channel: output.channel, edge: edge, transaction: transaction, done: done)
    }

    override func flush() { output.flush() }

    override var endsWithConnection: Bool { !chunked }

    override func writeHead(length: Int?, then body: WholeBody) {
        chunked = isStreaming && length == nil && minor == 1
        var list = context.resp.headers
        prepare(&list, length: length)
        if chunked { list.append(HeaderField(.transferEncoding, value: Bytes("chunked"))) }
        if closes(length) {
            list.append(HeaderField(.connection, value: Bytes("close")))
        } else if minor == 0 {
            list.append(HeaderField(.connection, value: Bytes("keep-alive")))
        }
        count(body.count)
        write(list, body)
    }

    /// Whether the connection's end is what ends this answer, or the client asked for it.
    private func closes(_ length: Int?) -> Bool {
        !keepAlive || length == nil && !chunked && context.resp.mayHaveBody && !transaction.isHead
    }

    /// A short body is copied behind its head, so that they leave together; a longer one is written as it is.
    private func write(_ list: HeaderList, _ body: WholeBody) {
        let status = context.resp.status
        let reason = context.resp.reason.isSet ? context.resp.reason : HeadWriter.reason(status)
        let copied = body.isCopied ? body : .empty
        let size = 17 + reason.count + HeadWriter.size(of: list) + copied.count
        func fill(_ start: UnsafeMutablePointer<UInt8>) {
            var at = HeadWriter.write(Bytes("HTTP/1.1 "), to: start)
            at[0] = UInt8(0x30 + status / 100 % 10)
            at[1] = UInt8(0x30 + status / 10 % 10)
            at[2] = UInt8(0x30 + status % 10)
            at[3] = 0x20
            at = HeadWriter.write(reason, to: at + 4)
            at = HeadWriter.write(Bytes("\r\n"), to: at)
            at = HeadWriter.write(list, to: at)
            at = HeadWriter.write(Bytes("\r\n"), to: at)
            at = HeadWriter.write(copied, to: at)
            precondition(at - start == size, "a head is exactly as long as was reckoned")
        }
        if let room = output.room(for: size) {
            fill(room)
        } else {
            var buffer = channel.allocator.buffer(capacity: size)
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { raw in
                fill(raw.baseAddress!.assumingMemoryBound(to: UInt8.self))
                return size
            }
            output.write(buffer)
        }
        if copied.count == 0, body.count > 0 { output.write(body.buffer) }
    }

    override func emit(_ buffer: ByteBuffer) {
        guard chunked else { return output.write(buffer) }
        output.write(ByteBuffer(string: String(buffer.readableBytes, radix: 16) + "\r\n"))
        output.write(buffer)
        output.write(ByteBuffer(string: "\r\n"))
    }

    /// Trailers go to clients that say that they want them (RFC 9110, section 6.5.1).
    override func emitEnd(_ trailers: Trailers?) {
        guard chunked else { return }
        let wanted = trailers.flatMap { transaction.wantsTrailers ? $0.text : nil } ?? ""
        output.writeAndFlush(ByteBuffer(string: "0\r\n\(wanted)\r\n"))
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
