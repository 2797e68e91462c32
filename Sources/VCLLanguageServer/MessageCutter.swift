/// Cuts the messages of the protocol out of a stream of bytes (LSP 3.17, base protocol): a header with
/// `Content-Length`, an empty line, the content.
package struct MessageCutter {
    package enum Piece: Sendable, Hashable {
        /// The content of one message.
        case message([UInt8])
        /// What came is no message and was passed over; a sentence for the client.
        case broken(String)
    }

    private var buffer: [UInt8] = []
    private var start = 0
    /// Bytes of a message that is too large, still to be passed over.
    private var toSkip = 0

    package init() {}

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        if start > 0, start == buffer.count || start > 1 << 16 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer += bytes
    }

    /// The next piece, or nil until more bytes come.
    package mutating func next() -> Piece? {
        if toSkip > 0 {
            let passed = min(toSkip, buffer.count - start)
            start += passed
            toSkip -= passed
            if toSkip > 0 { return nil }
        }
        guard let end = headerEnd() else {
            guard buffer.count - start > LanguageServerLimits.largestHeader else { return nil }
            start = buffer.count
            return .broken("a header without an end")
        }
        let header = String(decoding: buffer[start..<end], as: UTF8.self)
        guard let length = MessageCutter.contentLength(header) else {
            start = end + 4
            return .broken("a header without a Content-Length")
        }
        guard length <= LanguageServerLimits.largestMessage else {
            start = end + 4
            toSkip = length
            return .broken(
                "a message of \(length) bytes; at most \(LanguageServerLimits.largestMessage) are read")
        }
        guard buffer.count - end - 4 >= length else { return nil }
        defer { start = end + 4 + length }
        return .message(Array(buffer[(end + 4)..<(end + 4 + length)]))
    }

    /// Where the empty line begins, the line break before it included.
    private func headerEnd() -> Int? {
        var at = start
        let last = min(buffer.count, start + LanguageServerLimits.largestHeader) - 4
        while at <= last {
            if buffer[at] == 0x0D, buffer[at + 1] == 0x0A, buffer[at + 2] == 0x0D, buffer[at + 3] == 0x0A {
                return at
            }
            at += 1
        }
        return nil
    }

    private static func contentLength(_ header: String) -> Int? {
        for line in header.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { continue }
            return Int(parts[1].filter { $0 != " " && $0 != "\t" }).flatMap { $0 >= 0 ? $0 : nil }
        }
        return nil
    }

    /// A message with its header, as it goes onto the wire.
    package static func framed(_ message: [UInt8]) -> [UInt8] {
        Array("Content-Length: \(message.count)\r\n\r\n".utf8) + message
    }
}
