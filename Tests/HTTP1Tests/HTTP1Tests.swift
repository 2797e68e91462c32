import Kernel
import Testing

@testable import HTTP1

@Suite struct HeadParserTests {
    private func request(_ text: String) throws -> (
        method: String, target: String, host: String, framing: BodyFraming
    ) {
        let arena = Arena()
        let bytes = arena.copy(text)
        var head = RequestHead()
        let framing = try HeadParser.request(bytes, into: &head)
        return (head.method.string, head.target.string, head.headers[.host].string, framing)
    }

    @Test func readsARequest() throws {
        let head = try request("POST /a?b HTTP/1.1\r\nhost:  example \r\nContent-Length: 5\r\n\r\n")
        #expect(head.method == "POST")
        #expect(head.target == "/a?b")
        #expect(head.host == "example")
        #expect(head.framing == .length(5))
    }

    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\n\r\n", .missingHost),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .duplicateHost),
            ("GET / HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n", .malformedHeader),
            ("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", .malformedHeader),
            ("GET / HTTP/1.1\nHost: a\n\n", .malformedStartLine),
            ("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", .malformedHeader),
            ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
            ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .badVersion),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
                .conflictingLengths
            ),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
                .conflictingLengths
            ),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\n", .badLength),
            ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -0\r\n\r\n", .badLength),
            (
                "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                .unknownTransferEncoding
            ),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformedHeader),
            ("G@T / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedStartLine),
        ] as [(String, HeadError)])
    func refuses(text: String, error: HeadError) {
        #expect(throws: error) { try request(text) }
    }

    @Test func findsTheEndOfAHead() {
        #expect(HeadParser.endOfHead(Bytes("GET / HTTP/1.1\r\nA: b\r\n\r\nrest")) == 24)
        #expect(HeadParser.endOfHead(Bytes("GET / HTTP/1.1\r\nA: b\r\n")) == nil)
    }

    @Test func readsAResponse() throws {
        var head = ResponseHead()
        try HeadParser.response(Bytes("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), into: &head)
        #expect(head.status == 404)
        #expect(head.reason == "Not Found")
        #expect(try HeadParser.responseFraming(head, method: Bytes("GET")) == .length(0))
        #expect(try HeadParser.responseFraming(head, method: Bytes("HEAD")) == BodyFraming.none)
        try HeadParser.response(Bytes("HTTP/1.0 200\r\n\r\n"), into: &head)
        #expect(try HeadParser.responseFraming(head, method: Bytes("GET")) == .untilClose)
    }
}

@Suite struct ChunkedDecoderTests {
    /// Decodes `text` in pieces of `size` bytes.
    private func decode(_ text: String, size: Int) -> (body: String, ended: Bool, malformed: Bool) {
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        let all = Array(text.utf8)
        for start in stride(from: 0, to: all.count, by: size) {
            let piece = Array(all[start..<min(all.count, start + size)])
            var at = 0
            while true {
                let step = piece.withUnsafeBytes { decoder.next(Bytes($0), from: at) }
                switch step {
                case .body(let lower, let upper):
                    body += piece[lower..<upper]
                    at = upper
                    continue
                case .end: return (String(decoding: body, as: UTF8.self), true, false)
                case .malformed: return (String(decoding: body, as: UTF8.self), false, true)
                case .needMore: break
                }
                break
            }
        }
        return (String(decoding: body, as: UTF8.self), false, false)
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func readsInPiecesOfAnySize(size: Int) {
        let result = decode("5;x=y\r\nhello\r\n00a\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\n", size: size)
        #expect(result.body == "hello, world!!!")
        #expect(result.ended)
    }

    @Test(arguments: [
        "\r\n", "5\nhello", "5\r\nhelloX", "g\r\n", "-1\r\n", "1234567890abcdef0\r\n", "5 \r\nhello\r\n",
        "0\r\n\n",
    ])
    func refuses(text: String) {
        #expect(decode(text, size: 100).malformed)
    }
}

@Suite struct HTTPDateTests {
    @Test func writesAndReads() {
        let arena = Arena()
        for seconds: Int64 in [0, 784_111_777, 951_782_400, 1_478_563_200, 4_102_444_799] {
            #expect(HTTPDate.parse(HTTPDate.bytes(seconds, in: arena)) == seconds)
        }
        #expect(HTTPDate.bytes(784_111_777, in: arena) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test(arguments: [
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "SUN, 06 NOV 1994 08:49:37 gmt",
    ])
    func readsTheOldForms(text: String) {
        #expect(text.withBytes { HTTPDate.parse($0) } == 784_111_777)
    }

    @Test(
        arguments: [
            "", "0", "Sun, 06 Nov 1994 08:49:37 PST", "Sun, 06 Foo 1994 08:49:37 GMT", "tomorrow",
            "Sun, 06 Nov 9999999999999999 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 94 08:49:37 GMT", "Sun 06 Nov 1994 08:49:37 GMT", "Sun, 06  Nov  1994 08:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT", "Sun, 06 Nov 1994 08.49.37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
        ])
    func refuses(text: String) {
        #expect(text.withBytes { HTTPDate.parse($0) } == nil)
    }
}

@Suite struct HeaderListTests {
    @Test func setsWithoutCaseAndKeepsThePlace() {
        var list = HeaderList()
        list.append(HeaderField(name: Bytes("A"), value: Bytes("1")))
        list.append(HeaderField(name: Bytes("b"), value: Bytes("2")))
        list.append(HeaderField(name: Bytes("a"), value: Bytes("3")))
        let arena = Arena()
        #expect(list.joined(HeaderName("a"), in: arena) == "1, 3")
        list.set(HeaderName("a"), Bytes("4"))
        #expect(list.count == 2)
        #expect(list.fields[0].value == "4")
        list.remove(HeaderName("B"))
        #expect(list.count == 1)
    }
}
