import HTTP1
import Kernel
import NIOCore

extension HeadError {
    /// A whole answer of HTTP/1.1 for whoever sent such a head, after which the connection ends.
    var answer: ByteBuffer {
        let text = "\(status) \(HeadWriter.reason(status).string)"
        // For who asks too often (RFC 6585, section 4).
        let more = status == 429 ? "Retry-After: 1\r\n" : ""
        let head =
            "Content-Type: text/plain\r\nContent-Length: \(text.utf8.count + 1)\r\n\(more)Connection: close"
        return ByteBuffer(string: "HTTP/1.1 \(text)\r\n\(head)\r\n\r\n\(text)\n")
    }
}

extension RequestHead {
    /// Whether the client wants to send more on its connection. `close` wins over whatever else is listed (RFC 9112,
    /// section 9.3).
    var keepsAlive: Bool {
        !headers.lists(.connection, token: "close")
            && (minor == 1 || headers.lists(.connection, token: "keep-alive"))
    }
}

extension ByteBuffer {
    /// Takes an empty line off its beginning; false when there is none.
    mutating func dropEmptyLine() -> Bool {
        guard readableBytes >= 2, getInteger(at: readerIndex, as: UInt16.self) == 0x0D0A else { return false }
        moveReaderIndex(forwardBy: 2)
        return true
    }
}
