import HTTP1
import Kernel
import Testing

@Suite struct HeaderVectorTests {
    @Test(arguments: fields + lengths + codings)
    func headersAndFramingAreReadByTheRFC(vector: HeadCase) {
        #expect(vector.request() == vector.verdict)
    }

    private static let post = ["POST / HTTP/1.1", "Host: a"]
    private static let none = HeadCase.Verdict.reads("POST / a none")
    private static let chunked = HeadCase.Verdict.reads("POST / a chunked")
    private static let five = HeadCase.Verdict.reads("POST / a length(5)")
    private static let bad = HeadCase.Verdict.refuses(.malformedHeader)

    private static let fields: [HeadCase] = [
        HeadCase("a value may be empty", "9110 5.5", post + ["X:"], none),
        HeadCase("no white space is needed behind the colon", "9112 5", post + ["X:y"], none),
        HeadCase(
            "a value has tabs, quotes and octets above ASCII", "9110 5.5", post + ["X: \t\"a\"\tb, (c) ü \t"],
            none),
        HeadCase("a name is any token", "9110 5.1", post + ["!#$%&'*+-.^_`|~9: a"], none),
        HeadCase("a name there is", "9112 5", post + [": a"], bad),
        HeadCase("a colon there is", "9112 5", post + ["X"], bad),
        HeadCase("no space comes before the colon", "9112 5.1", post + ["X : a"], bad),
        HeadCase("nor a tab", "9112 5.1", post + ["X\t: a"], bad),
        HeadCase("nor before the name", "9112 2.2", ["POST / HTTP/1.1", " X: a", "Host: a"], bad),
        HeadCase("no space is in a name", "9110 5.6.2", post + ["X Y: a"], bad),
        HeadCase("no @ is in a name", "9110 5.6.2", post + ["X@: a"], bad),
        HeadCase("no quote is in a name", "9110 5.6.2", post + ["\"X\": a"], bad),
        HeadCase("no octet above ASCII is in a name", "9110 5.6.2", post + ["Ü: a"], bad),
        HeadCase("no NUL is in a name", "9110 5.6.2", post + ["X\0: a"], bad),
        HeadCase("a request's line is not folded", "9112 5.2", post + ["X: a", " b"], bad),
        HeadCase("nor with a tab", "9112 5.2", post + ["X: a", "\tb"], bad),
        HeadCase("nor over a line of white space", "9112 5.2", post + ["X: a", " "], bad),
        HeadCase("a value has no NUL", "9110 5.5", post + ["X: a\0b"], bad),
        HeadCase("nor at its end, behind seven others", "9110 5.5", post + ["X: 1234567\0"], bad),
        HeadCase("nor a bare CR", "9112 2.2", post + ["X: a\rY: b"], bad),
        HeadCase("nor a CR at its end", "9112 2.2", post + ["X: a\r"], bad),
        HeadCase("nor a bare LF", "9112 2.2", post + ["X: a\nY: b"], bad),
        HeadCase("nor an escape", "9110 5.5", post + ["X: \u{1B}[2J"], bad),
        HeadCase("nor a form feed", "9110 5.5", post + ["X: \u{C}"], bad),
        HeadCase("nor DEL", "9110 5.5", post + ["X: a\u{7F}"], bad),
        HeadCase("nor DEL among seven others", "9110 5.5", post + ["X: 123\u{7F}4567"], bad),
        HeadCase(
            "the empty line has its CR", "9112 2.2", raw: "POST / HTTP/1.1\r\nHost: a\r\n\n", bad),
        HeadCase("its CR has its LF", "9112 2.2", raw: "POST / HTTP/1.1\r\nHost: a\r\n\rX: y\r\n\r\n", bad),
    ]

    private static let lengths: [HeadCase] = [
        HeadCase("no length, no body", "9112 6.3", post, none),
        HeadCase("a length is a number", "9110 8.6", post + ["Content-Length: 5"], five),
        HeadCase("its name has no case", "9110 5.1", post + ["cONTENT-lENGTH: 5"], five),
        HeadCase("white space is around it", "9110 5.5", post + ["Content-Length:\t 5 \t"], five),
        HeadCase("zeros lead it", "9110 8.6", post + ["Content-Length: 000005"], five),
        HeadCase("zero is no body", "9112 6.3", post + ["Content-Length: 0"], none),
        HeadCase(
            "a GET has a body too", "9110 9.3.1", ["GET / HTTP/1.1", "Host: a", "Content-Length: 5"],
            .reads("GET / a length(5)")),
        HeadCase(
            "the same twice is one", "9112 6.3", post + ["Content-Length: 5", "Content-Length: 5"], five),
        HeadCase("in a list as well", "9112 6.3", post + ["Content-Length: 5, 5"], five),
        HeadCase(
            "two that differ are an error", "9112 6.3", post + ["Content-Length: 5", "Content-Length: 6"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "in a list as well, then", "9112 6.3", post + ["Content-Length: 5,6"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "the same number written otherwise differs", "9110 8.6",
            post + ["Content-Length: 5", "Content-Length: 05"], .refuses(.conflictingLengths)),
        HeadCase("an empty one is none", "9110 8.6", post + ["Content-Length:"], .refuses(.badLength)),
        HeadCase(
            "nor is a list of empty ones", "9110 8.6", post + ["Content-Length: ,"], .refuses(.badLength)),
        HeadCase(
            "one and an empty one differ", "9110 8.6", post + ["Content-Length: 5,"],
            .refuses(.conflictingLengths)),
        HeadCase("a length has no plus", "9110 8.6", post + ["Content-Length: +5"], .refuses(.badLength)),
        HeadCase("nor a minus", "9110 8.6", post + ["Content-Length: -5"], .refuses(.badLength)),
        HeadCase("not even zero's", "9110 8.6", post + ["Content-Length: -0"], .refuses(.badLength)),
        HeadCase("nor a space inside", "9110 8.6", post + ["Content-Length: 1 2"], .refuses(.badLength)),
        HeadCase("nor digits of sixteen", "9110 8.6", post + ["Content-Length: 0x5"], .refuses(.badLength)),
        HeadCase("nor a point", "9110 8.6", post + ["Content-Length: 5.0"], .refuses(.badLength)),
        HeadCase("nor other peoples' digits", "9110 8.6", post + ["Content-Length: ٥"], .refuses(.badLength)),
        HeadCase(
            "18 digits fit", "9110 8.6", post + ["Content-Length: 999999999999999999"],
            .reads("POST / a length(999999999999999999)")),
        HeadCase(
            "more would overflow one day", "9110 8.6", post + ["Content-Length: 9223372036854775808"],
            .refuses(.badLength)),
        HeadCase(
            "and 2^64 + 5 is not 5", "9110 8.6", post + ["Content-Length: 18446744073709551621"],
            .refuses(.badLength)),
        HeadCase(
            "a name like it is another", "9110 5.1", post + ["Content-Length-X: 5", "X-Content-Length: 6"],
            none),
    ]

    private static func coded(_ codings: String...) -> [String] {
        post + codings.map { "Transfer-Encoding: " + $0 }
    }

    private static let codings: [HeadCase] = [
        HeadCase("chunked has no case", "9112 7", coded("cHUNKED"), chunked),
        HeadCase("white space is around it", "9110 5.5", coded("\t chunked "), chunked),
        HeadCase(
            "a length beside it is an attack", "9112 6.3", coded("chunked") + ["Content-Length: 5"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "before it as well", "9112 6.3", post + ["Content-Length: 5", "Transfer-Encoding: chunked"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "zero as well", "9112 6.3", coded("chunked") + ["Content-Length: 0"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "a broken one as well", "9112 6.3", coded("chunked") + ["Content-Length: x"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "HTTP/1.0 does not know it", "9112 6.1", ["POST / HTTP/1.0", "Transfer-Encoding: chunked"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "a coding that is not understood", "9112 6.1", coded("gzip, chunked"),
            .refuses(.unknownTransferEncoding)),
        HeadCase("on two lines", "9112 6.1", coded("gzip", "chunked"), .refuses(.unknownTransferEncoding)),
        HeadCase("chunked is the last", "9112 6.3", coded("chunked, gzip"), .refuses(.badTransferEncoding)),
        HeadCase("on two lines, too", "9112 6.3", coded("chunked", "gzip"), .refuses(.badTransferEncoding)),
        HeadCase(
            "identity is no coding any more", "9112 7", coded("identity"), .refuses(.badTransferEncoding)),
        HeadCase(
            "nor before another", "9112 7", coded("identity, chunked"), .refuses(.unknownTransferEncoding)),
        HeadCase(
            "without chunked there is no end", "9112 6.3", coded("gzip"), .refuses(.badTransferEncoding)),
        HeadCase(
            "chunked twice is an error", "9112 6.1", coded("chunked, chunked"), .refuses(.badTransferEncoding)
        ),
        HeadCase(
            "on two lines twice", "9112 6.1", coded("chunked", "chunked"), .refuses(.badTransferEncoding)),
        HeadCase("empty parts mean nothing", "9110 5.6.1.2", coded(", chunked,"), chunked),
        HeadCase("nor do empty lines", "9110 5.6.1.2", coded("", "chunked"), chunked),
        HeadCase("no coding at all is no end", "9112 6.3", coded(""), .refuses(.badTransferEncoding)),
        HeadCase(
            "not even beside a length", "9112 6.3", coded("") + ["Content-Length: 5"],
            .refuses(.conflictingLengths)),
        HeadCase(
            "chunked has no parameters", "9112 7.1", coded("chunked;a=b"), .refuses(.badTransferEncoding)),
        HeadCase("nor quotes", "9112 7", coded("\"chunked\""), .refuses(.badTransferEncoding)),
        HeadCase(
            "a word that has it is another", "9112 7", coded("xchunked"), .refuses(.badTransferEncoding)),
        HeadCase("nor does it follow a space", "9112 7", coded("x chunked"), .refuses(.badTransferEncoding)),
        HeadCase("a vertical tab is no white space", "9110 5.5", coded("\u{B}chunked"), bad),
        HeadCase("it is not folded", "9112 5.2", post + ["Transfer-Encoding:", " chunked"], bad),
        HeadCase(
            "a space before its colon hides nothing", "9112 5.1", post + ["Transfer-Encoding : chunked"], bad),
        HeadCase("a name like it is another", "9110 5.1", post + ["Transfer_Encoding: chunked"], none),
    ]

    @Test func equalLengthsAreOneLineAfterwards() throws {
        var head = RequestHead()
        let vector = HeadCase(
            "", "9112 6.3", Self.post + ["Content-Length: 5 , 5", "X: y", "Content-Length: 5"], Self.five)
        try vector.head.withUnsafeBytes { raw in
            _ = try HeadParser.request(Bytes(raw), into: &head)
            #expect(
                head.headers.fields.map { $0.name.string + ":" + $0.value.string } == [
                    "Host:a", "Content-Length:5", "X:y",
                ])
        }
    }
}
