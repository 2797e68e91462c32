import Testing
import VCLLanguageServer

@Suite("Cutting messages")
struct MessageCutterTests {
    private func pieces(_ chunks: [String]) -> [MessageCutter.Piece] {
        var cutter = MessageCutter()
        var all: [MessageCutter.Piece] = []
        for chunk in chunks {
            cutter.append(chunk.utf8)
            while let piece = cutter.next() { all.append(piece) }
        }
        return all
    }

    private func message(_ text: String) -> MessageCutter.Piece { .message(Array(text.utf8)) }

    @Test("messages are the same however the stream is cut")
    func cutsAnywhere() {
        let stream =
            "Content-Length: 4\r\n\r\nabcdContent-Type: x\r\ncontent-length:2\r\n\r\n\r\nContent-Length: 0\r\n\r\n"
        let expected = [message("abcd"), message("\r\n"), message("")]
        #expect(pieces([stream]) == expected)
        #expect(pieces(stream.map { String($0) }) == expected)
        for size in 1...20 {
            let bytes = Array(stream.utf8)
            let chunks = stride(from: 0, to: bytes.count, by: size).map {
                String(decoding: bytes[$0..<min($0 + size, bytes.count)], as: UTF8.self)
            }
            #expect(pieces(chunks) == expected)
        }
    }

    @Test("a header without a length is told, and what follows is read")
    func passesOverBrokenHeaders() {
        for header in ["X: 1", "Content-Length: x", "Content-Length: -1", "Content-Length", ""] {
            let found = pieces([header + "\r\n\r\n", "Content-Length: 1\r\n\r\nz"])
            #expect(found == [.broken("a header without a Content-Length"), message("z")], "\(header)")
        }
    }

    @Test("a message that is too large is passed over, not kept")
    func passesOverLargeMessages() {
        let size = LanguageServerLimits.largestMessage + 1
        var cutter = MessageCutter()
        cutter.append("Content-Length: \(size)\r\n\r\n".utf8)
        guard case .broken = cutter.next() else {
            Issue.record("a message of \(size) bytes was taken")
            return
        }
        let megabyte = [UInt8](repeating: 0x61, count: 1 << 20)
        for _ in 0..<(LanguageServerLimits.largestMessage >> 20) {
            cutter.append(megabyte)
            #expect(cutter.next() == nil)
        }
        cutter.append("aContent-Length: 1\r\n\r\nz".utf8)
        #expect(cutter.next() == message("z"))
    }

    @Test("a header without an end is given up")
    func boundsHeaders() {
        #expect(
            pieces([String(repeating: "x", count: LanguageServerLimits.largestHeader + 1)]) == [
                .broken("a header without an end")
            ])
    }

    @Test("what is framed is cut again")
    func frames() {
        let framed = MessageCutter.framed(Array("€".utf8))
        #expect(String(decoding: framed, as: UTF8.self) == "Content-Length: 3\r\n\r\n€")
    }
}
