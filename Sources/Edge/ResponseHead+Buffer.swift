import HTTP1
import Kernel
import NIOCore

extension ResponseHead {
    /// The head as HTTP/1.1 has it, with its empty line.
    func buffer(with allocator: ByteBufferAllocator) -> ByteBuffer {
        let reason = reason.isEmpty ? HeadWriter.reason(status) : reason
        let size = HeadWriter.size(of: headers)
        var buffer = allocator.buffer(capacity: size + reason.count + 32)
        buffer.writeString("HTTP/1.1 \(status) \(reason.string)\r\n")
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { raw in
            let start = raw.baseAddress!.assumingMemoryBound(to: UInt8.self)
            return HeadWriter.write(headers, to: start) - start
        }
        buffer.writeString("\r\n")
        return buffer
    }
}
