import HTTP1
import Testing

@Suite struct ResponseVectorTests {
    @Test(arguments: statusLines + fields + framing)
    func aResponseIsReadByTheRFC(vector: HeadCase) {
        #expect(vector.response() == vector.verdict)
    }

    private static let line = "HTTP/1.1 200 OK"
    private static let untilClose = HeadCase.Verdict.reads("200 OK untilClose")
    private static let badLine = HeadCase.Verdict.refuses(.malformedStartLine)
    private static let bad = HeadCase.Verdict.refuses(.malformedHeader)

    private static let statusLines: [HeadCase] = [
        HeadCase(
            "a reason is any text", "9112 4", ["HTTP/1.1 404 Näy, \"not\"\there"],
            .reads("404 Näy, \"not\"\there untilClose")),
        HeadCase("a reason may be empty", "9112 4", ["HTTP/1.1 200 "], .reads("200  untilClose")),
        HeadCase("its space may be missing with it", "9112 4", ["HTTP/1.1 200"], .reads("200  untilClose")),
        HeadCase("a status has three digits", "9112 4", ["HTTP/1.1 20 OK"], badLine),
        HeadCase("not four", "9112 4", ["HTTP/1.1 2000 OK"], badLine),
        HeadCase("nor a sign", "9112 4", ["HTTP/1.1 -20 OK"], badLine),
        HeadCase("below 100 there is none", "9110 15", ["HTTP/1.1 099 OK"], badLine),
        HeadCase("above 599 are some", "9110 15", ["HTTP/1.1 999 OK"], .reads("999 OK untilClose")),
        HeadCase("one space comes before it", "9112 4", ["HTTP/1.1  200 OK"], badLine),
        HeadCase("not a tab", "9112 4", ["HTTP/1.1\t200 OK"], badLine),
        HeadCase("a reason has no NUL", "9112 4", ["HTTP/1.1 200 O\0K"], badLine),
        HeadCase("nor a CR", "9112 2.2", ["HTTP/1.1 200 OK\rX: y"], badLine),
        HeadCase("nor a LF", "9112 2.2", ["HTTP/1.1 200 OK\nX: y"], badLine),
        HeadCase("another version is not read", "9110 2.5", ["HTTP/2.0 200 OK"], .refuses(.badVersion)),
        HeadCase("another protocol is none", "9112 2.3", ["ICY 200 OK"], badLine),
        HeadCase("nothing comes before it", "9112 2.1", raw: "\r\nHTTP/1.1 200 OK\r\n\r\n", badLine),
    ]

    private static let fields: [HeadCase] = [
        HeadCase(
            "a space before the colon is dropped", "9112 5.1", [line, "Content-Length \t: 5"],
            .reads("200 OK length(5)")),
        HeadCase("one in a name is not", "9112 5", [line, "X Y: a"], bad),
        HeadCase("a name there is", "9112 5", [line, " : a"], bad),
        HeadCase("a folded line is refused", "9112 5.2", [line, "X: a", " b"], bad),
        HeadCase("a value has no NUL", "9110 5.5", [line, "X: \0"], bad),
        HeadCase("a bare LF ends no line", "9112 2.2", [line, "X: a\nY: b"], bad),
        HeadCase("a response has no Host to check", "9110 7.2", [line, "Host: a/b", "Host: c"], untilClose),
    ]

    private static let framing: [HeadCase] = [
        HeadCase("without a length it ends with the connection", "9112 6.3", [line], untilClose),
        HeadCase("zero is a length", "9112 6.3", [line, "Content-Length: 0"], .reads("200 OK length(0)")),
        HeadCase(
            "equal lengths are one", "9112 6.3", [line, "Content-Length: 5,5", "Content-Length: 5"],
            .reads("200 OK length(5)")),
        HeadCase(
            "others are an error", "9112 6.3", [line, "Content-Length: 5", "Content-Length: 6"],
            .refuses(.conflictingLengths)),
        HeadCase("in a list as well", "9112 6.3", [line, "Content-Length: 5, 6"], .refuses(.badLength)),
        HeadCase("a length has no sign", "9110 8.6", [line, "Content-Length: +5"], .refuses(.badLength)),
        HeadCase(
            "chunks end by themselves", "9112 6.3", [line, "Transfer-Encoding: chunked"],
            .reads("200 OK chunked")),
        HeadCase(
            "a length beside them is an attack", "9112 6.3",
            [line, "Transfer-Encoding: chunked", "Content-Length: 5"], .refuses(.conflictingLengths)),
        HeadCase(
            "HTTP/1.0 does not know them", "9112 6.1", ["HTTP/1.0 200 OK", "Transfer-Encoding: chunked"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "other codings were not asked for", "9112 7.4", [line, "Transfer-Encoding: gzip, chunked"],
            .refuses(.unknownTransferEncoding)),
        HeadCase(
            "not to the end of the connection either", "9112 7.4", [line, "Transfer-Encoding: gzip"],
            .refuses(.badTransferEncoding)),
        HeadCase(
            "204 has no body", "9112 6.3", ["HTTP/1.1 204 No", "Content-Length: 5"], .reads("204 No none")),
        HeadCase(
            "nor has 304, whatever it says", "9112 6.3",
            ["HTTP/1.1 304 No", "Transfer-Encoding: chunked", "Content-Length: x"], .reads("304 No none")),
        HeadCase(
            "nor have 100 to 199", "9112 6.3", ["HTTP/1.1 103 Hints", "Content-Length: 5"],
            .reads("103 Hints none")),
    ]

    @Test func whatAnswersHEADHasNoBody() {
        let vector = HeadCase(
            "", "9112 6.3", [Self.line, "Content-Length: 5", "Transfer-Encoding: chunked"],
            .reads("200 OK none"))
        #expect(vector.response(to: "HEAD") == vector.verdict)
    }

    @Test func whatFollowsATunnelsBeginningIsNoBody() {
        let accepted = HeadCase("", "9112 6.3", [Self.line, "Content-Length: 5"], .reads("200 OK none"))
        #expect(accepted.response(to: "CONNECT") == accepted.verdict)
        let refused = HeadCase(
            "", "9112 6.3", ["HTTP/1.1 400 No", "Content-Length: 5"], .reads("400 No length(5)"))
        #expect(refused.response(to: "CONNECT") == refused.verdict)
    }
}
