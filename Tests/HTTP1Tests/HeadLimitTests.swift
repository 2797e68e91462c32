import HTTP1
import Kernel
import Testing

@Suite struct HeadLimitTests {
    private func verdict(_ lines: [String]) -> HeadCase.Verdict {
        HeadCase("", "", lines, .reads("")).request()
    }

    @Test func aTargetHasABound() {
        let longest = "/" + String(repeating: "a", count: HTTP1Limits.targetBytes - 1)
        #expect(verdict(["GET \(longest) HTTP/1.1", "Host: a"]) == .reads("GET \(longest) a none"))
        #expect(verdict(["GET \(longest)a HTTP/1.1", "Host: a"]) == .refuses(.targetTooLong))
        #expect(HeadError.targetTooLong.status == 414)
    }

    @Test func headersHaveANumber() {
        let most = (1..<HTTP1Limits.headerLines).map { "X\($0): y" }
        #expect(verdict(["GET / HTTP/1.1", "Host: a"] + most) == .reads("GET / a none"))
        #expect(verdict(["GET / HTTP/1.1", "Host: a"] + most + ["Z: z"]) == .refuses(.tooManyHeaders))
        #expect(HeadError.tooManyHeaders.status == 431)
    }

    @Test func aHeadHasABound() {
        let lines = ["GET / HTTP/1.1", "Host: a"]
        let rest = HTTP1Limits.headBytes - "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n".utf8.count
        #expect(verdict(lines + ["X: " + String(repeating: "y", count: rest)]) == .reads("GET / a none"))
        #expect(verdict(lines + ["X: " + String(repeating: "y", count: rest + 1)]) == .refuses(.tooLarge))
    }

    /// The search may go on wherever the input was cut, and stops where the parser has something to say.
    @Test(
        arguments: [
            ("GET / HTTP/1.1\r\nA: b\r\n\r\nrest", 24), ("GET / HTTP/1.1\nA: b\r\n\r\n", 15), ("\n", 1),
            ("GET / HTTP/1.1\r\nA: b\r\n\nX: y\r\n\r\n", 23), ("A\r\n\r\r\n\r\n", 8), ("\r\n\r\n", 4),
            ("A\r\nB\r\n", nil),
            ("A\r\r\r\n\r", nil), ("", nil),
        ] as [(String, Int?)])
    func theEndOfAHeadIsFoundWhereverItWasCut(text: String, end: Int?) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { raw in
            let all = Bytes(raw)
            #expect(HeadParser.endOfHead(all) == end)
            for cut in 0...bytes.count {
                let first = HeadParser.endOfHead(all.slice(0, cut))
                #expect((first ?? HeadParser.endOfHead(all, from: cut)) == end)
            }
        }
    }

    @Test(
        arguments: [
            (.badVersion, 505), (.misdirected, 421), (.unknownTransferEncoding, 501),
            (.badTransferEncoding, 400),
            (.conflictingLengths, 400), (.missingHost, 400), (.tooLarge, 431),
        ] as [(HeadError, Int)])
    func anErrorHasItsStatusAndThatItsPhrase(error: HeadError, status: Int) {
        #expect(error.status == status)
        #expect(!(HeadWriter.reason(status) == "Unknown"))
    }
}
