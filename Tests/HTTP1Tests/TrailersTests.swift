import Kernel
import Testing

@testable import HTTP1

@Suite struct TrailersTests {
    /// What a decoder has kept of `text`, given in pieces of so many bytes.
    private func trailers(_ text: String, pieces: Int = 1000) -> Trailers? {
        var decoder = ChunkedDecoder()
        let bytes = Array(text.utf8)
        var from = 0
        while from < bytes.count {
            let piece = Array(bytes[from..<min(from + pieces, bytes.count)])
            from += piece.count
            var at = 0
            steps: while true {
                switch piece.withUnsafeBytes({ decoder.next(Bytes($0), from: at) }) {
                case .body(_, let upper): at = upper
                case .needMore, .end, .malformed: break steps
                }
            }
        }
        return decoder.trailers
    }

    @Test(arguments: [1, 2, 7, 1000])
    func areWhatStandsBehindTheLastChunk(pieces: Int) {
        let found = trailers(
            "5\r\nhello\r\n0\r\nX-Sum: 1\r\nServer-Timing:  db;dur=2 \t\r\nX-Empty:\r\n\r\n", pieces: pieces)
        #expect(
            found?.fields == [
                .init(name: "X-Sum", value: "1"), .init(name: "Server-Timing", value: "db;dur=2"),
                .init(name: "X-Empty", value: ""),
            ])
        #expect(found?.text == "X-Sum: 1\r\nServer-Timing: db;dur=2\r\nX-Empty: \r\n")
    }

    @Test(arguments: ["0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "1;a=b\r\nx\r\n0;c\r\n\r\n"])
    func areNoneMostly(text: String) { #expect(trailers(text) == nil) }

    /// Whoever merges them would read another message, or trust what nobody said.
    @Test(arguments: [
        "Content-Length", "Transfer-Encoding", "Host", "Authorization", "Set-Cookie", "Cookie",
        "Cache-Control", "TE",
        "Trailer", "Connection", "Content-Type", "CONTENT-ENCODING", "content-range", "Age", "Expires",
        "Vary",
        "Location", "X-Forwarded-For", "Via", "Fastly-FF", "Surrogate-Key",
    ])
    func forbidWhatChangesTheMessage(name: String) {
        #expect(trailers("0\r\n\(name): 5\r\n\r\n") == nil)
        #expect(trailers("0\r\n\(name): 5\r\nX-A: 1\r\n\r\n")?.fields == [.init(name: "X-A", value: "1")])
        #expect(Trailers([(name: name.lowercased(), value: "5")]) == nil)
    }

    @Test func haveBounds() {
        func many(_ count: Int) -> [(name: String, value: String)] {
            (0..<count).map { (name: "x-\($0)", value: "1") }
        }
        #expect(Trailers(many(HTTP1Limits.trailerFields))?.fields.count == HTTP1Limits.trailerFields)
        #expect(Trailers(many(HTTP1Limits.trailerFields + 1)) == nil)
        #expect(
            Trailers([(name: "x", value: String(repeating: "a", count: HTTP1Limits.trailerBytes))]) == nil)
    }

    /// In HTTP/2 a value may hold what ends a line of HTTP/1.1.
    @Test(arguments: [
        ("x", "a\r\nHost: b"), ("x", "a\nb"), ("x y", "a"), ("", "a"), ("x:", "a"), ("x", "a\u{0}"),
    ])
    func areNotTakenWhenTheyWouldBeOthers(name: String, value: String) {
        #expect(Trailers([(name: name, value: value)]) == nil)
    }
}
