import HTTP1
import Kernel
import Testing

/// A chunked body and what the RFC says of it.
struct ChunkCase: CustomTestStringConvertible, Sendable {
    let says: String
    let rule: String
    let text: String
    let result: ChunkResult

    var testDescription: String { "\(says) (RFC \(rule))" }

    init(_ says: String, _ rule: String, _ text: String, _ result: ChunkResult) {
        (self.says, self.rule, self.text, self.result) = (says, rule, text, result)
    }
}

enum ChunkResult: Sendable, Equatable {
    /// The body, and the number of bytes behind it that are the next message's.
    case body(String, rest: Int)
    case incomplete
    case malformed

    /// What the decoder makes of bytes that come in pieces cut at these offsets.
    static func decode(_ bytes: [UInt8], cutAt cuts: [Int] = []) -> ChunkResult {
        var decoder = ChunkedDecoder()
        var body: [UInt8] = []
        var lower = 0
        for upper in cuts + [bytes.count] {
            var at = 0
            piece: while true {
                // Only the piece's own memory is handed over.
                let piece = Array(bytes[lower..<upper])
                switch piece.withUnsafeBytes({ decoder.next(Bytes($0), from: at) }) {
                case .body(let from, let to):
                    body += piece[from..<to]
                    at = to
                case .end(let next):
                    let rest = bytes.count - lower - next
                    return .body(String(decoding: body, as: UTF8.self), rest: rest)
                case .malformed: return .malformed
                case .needMore: break piece
                }
            }
            lower = upper
        }
        return .incomplete
    }
}

@Suite struct ChunkVectorTests {
    @Test(arguments: sizes + extensions + trailers)
    func aChunkedBodyIsReadByTheRFC(vector: ChunkCase) {
        #expect(ChunkResult.decode(Array(vector.text.utf8)) == vector.result)
    }

    @Test(arguments: sizes + extensions + trailers)
    func noCutChangesWhatIsRead(vector: ChunkCase) {
        let bytes = Array(vector.text.utf8)
        #expect(ChunkResult.decode(bytes, cutAt: Array(bytes.indices)) == vector.result)
        for cut in bytes.indices { #expect(ChunkResult.decode(bytes, cutAt: [cut]) == vector.result) }
    }

    private static let empty = ChunkResult.body("", rest: 0)
    private static let a = ChunkResult.body("a", rest: 0)
    /// A chunk of one byte with this behind its size, and the last chunk.
    private static func one(_ behind: String) -> String { "1\(behind)\r\na\r\n0\r\n\r\n" }

    private static let sizes: [ChunkCase] = [
        ChunkCase("the last chunk is empty", "9112 7.1", "0\r\n\r\n", empty),
        ChunkCase("its zeros are any number", "9112 7.1", "000\r\n\r\n", empty),
        ChunkCase("what follows is the next message's", "9112 7.1", "0\r\n\r\nGET", .body("", rest: 3)),
        ChunkCase(
            "sizes are of sixteen", "9112 7.1", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
            .body("01234567890123456789", rest: 0)),
        ChunkCase("zeros lead them", "9112 7.1", "0000000000000001\r\na\r\n0\r\n\r\n", a),
        ChunkCase("data is any octets", "9112 7.1", "4\r\n\r\n\0\n\r\n0\r\n\r\n", .body("\r\n\0\n", rest: 0)),
        ChunkCase("there is an end", "9112 7.1", "1\r\na\r\n", .incomplete),
        ChunkCase("which has its empty line", "9112 7.1", "0\r\n", .incomplete),
        ChunkCase("a size there is", "9112 7.1", "\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("a size has no sign", "9112 7.1", "+1\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor a minus", "9112 7.1", "-1\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor 0x", "9112 7.1", "0x1\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor white space before it", "9112 7.1", " 1\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor behind it", "9112 7.1", one(" "), .malformed),
        ChunkCase("nor a tab", "9112 7.1", one("\t"), .malformed),
        ChunkCase("nor other letters", "9112 7.1", "1g\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor NUL", "9112 7.1", one("\0"), .malformed),
        ChunkCase("16 digits may be too large", "9112 7.1", "1000000000000000\r\n", .malformed),
        ChunkCase("15 may not", "9112 7.1", "fffffffffffffff\r\na", .incomplete),
        ChunkCase("2^64 + 1 is not 1", "9112 7.1", "10000000000000001\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("a bare LF ends no size", "9112 2.2", "1\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor a bare CR", "9112 2.2", "1\ra\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor two and a LF", "9112 2.2", "1\r\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor a CR before an extension", "9112 2.2", "1\r;x\r\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("data ends where its size says", "9112 7.1", "1\r\nab\r\n0\r\n\r\n", .malformed),
        ChunkCase("with a CRLF", "9112 7.1", "1\r\na0\r\n\r\n", .malformed),
        ChunkCase("a bare LF ends no data", "9112 2.2", "1\r\na\n0\r\n\r\n", .malformed),
        ChunkCase("nor a bare CR, of course", "9112 2.2", "1\r\na\r0\r\n\r\n", .malformed),
    ]

    private static let extensions: [ChunkCase] = [
        ChunkCase("an extension is a name", "9112 7.1.1", one(";x"), a),
        ChunkCase("with a value", "9112 7.1.1", one(";x=y"), a),
        ChunkCase("or several", "9112 7.1.1", one(";x;y=z;w"), a),
        ChunkCase("the last chunk has some too", "9112 7.1.1", "0;x=\"y\"\r\n\r\n", empty),
        ChunkCase("white space is around its signs", "9112 7.1.1", one(" \t; x = \ty ;z"), a),
        ChunkCase("a value is quoted", "9112 7.1.1", one(";x=\"a;b=c, \td\""), a),
        ChunkCase("even empty", "9110 5.6.4", one(";x=\"\""), a),
        ChunkCase("a quote in it is escaped", "9110 5.6.4", one(";x=\"\\\"\\\\\\a\";y"), a),
        ChunkCase("octets above ASCII stand in quotes", "9110 5.6.4", one(";x=\"ü\""), a),
        ChunkCase("a name there is", "9112 7.1.1", one(";"), .malformed),
        ChunkCase("between two as well", "9112 7.1.1", one(";;x"), .malformed),
        ChunkCase("before a value as well", "9112 7.1.1", one(";=y"), .malformed),
        ChunkCase("a value there is behind =", "9112 7.1.1", one(";x="), .malformed),
        ChunkCase("a semicolon there is", "9112 7.1.1", one(" x"), .malformed),
        ChunkCase("between two, too", "9112 7.1.1", one(";x y"), .malformed),
        ChunkCase("no white space ends the line", "9112 7.1.1", one(";x "), .malformed),
        ChunkCase("nor behind a value", "9112 7.1.1", one(";x=y "), .malformed),
        ChunkCase("nor behind quotes", "9112 7.1.1", one(";x=\"y\" "), .malformed),
        ChunkCase("nothing else follows quotes", "9112 7.1.1", one(";x=\"y\"z"), .malformed),
        ChunkCase("quotes are closed", "9110 5.6.4", one(";x=\"y"), .malformed),
        ChunkCase("an escaped quote closes none", "9110 5.6.4", one(";x=\"y\\\""), .malformed),
        ChunkCase("no line ends in quotes", "9112 11.2", "1;x=\"\r\na\r\n0\r\n\r\n\"", .malformed),
        ChunkCase("nor does a CR stand there", "9110 5.6.4", one(";x=\"\r\""), .malformed),
        ChunkCase("nor a LF", "9110 5.6.4", one(";x=\"\n\""), .malformed),
        ChunkCase("nor one escaped", "9110 5.6.4", one(";x=\"\\\n\""), .malformed),
        ChunkCase("nor NUL", "9110 5.6.4", one(";x=\"\0\""), .malformed),
        ChunkCase("a bare LF ends no extension", "9112 2.2", "1;x\na\r\n0\r\n\r\n", .malformed),
        ChunkCase("nor a bare CR", "9112 2.2", "1;x\ra\r\n0\r\n\r\n", .malformed),
        ChunkCase("a name is a token", "9112 7.1.1", one(";x@y"), .malformed),
        ChunkCase(
            "a signature fits", "9112 7.1.1", one(";chunk-signature=" + String(repeating: "5", count: 64)), a),
        ChunkCase(
            "a novel does not", "9112 7.1.1",
            one(";" + String(repeating: "x", count: HTTP1Limits.chunkExtensionBytes)), .malformed),
    ]

    private static func last(_ trailers: String...) -> String {
        "0\r\n" + trailers.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    private static let trailers: [ChunkCase] = [
        ChunkCase("trailers are read over", "9112 7.1.2", last("X: y", "Z:"), empty),
        ChunkCase(
            "those that may not be there mean nothing", "9110 6.5.1",
            last("Content-Length: 5", "Host: b", "Transfer-Encoding: chunked") + "GET", .body("", rest: 3)),
        ChunkCase("a trailer has a colon", "9112 5", last("X"), .malformed),
        ChunkCase("and a name", "9112 5", last(": y"), .malformed),
        ChunkCase("no space before the colon", "9112 5.1", last("X : y"), .malformed),
        ChunkCase("no fold", "9112 5.2", last("X: y", " z"), .malformed),
        ChunkCase("no white space first", "9112 5.2", last(" X: y"), .malformed),
        ChunkCase("no NUL", "9110 5.5", last("X: \0"), .malformed),
        ChunkCase("no bare LF", "9112 2.2", last("X: y\nZ: w"), .malformed),
        ChunkCase("no bare CR", "9112 2.2", last("X: y\rZ: w"), .malformed),
        ChunkCase("no bare LF for the last line", "9112 2.2", "0\r\n\n", .malformed),
        ChunkCase("no bare CR there", "9112 2.2", "0\r\n\rG", .malformed),
    ]

    @Test func trailersHaveABound() {
        let line = "X: " + String(repeating: "y", count: 1024)
        let text =
            "0\r\n" + (0..<HTTP1Limits.trailerBytes / 1024).map { _ in line + "\r\n" }.joined() + "\r\n"
        #expect(ChunkResult.decode(Array(text.utf8)) == .malformed)
    }

    @Test func whatIsMalformedStaysSo() {
        var decoder = ChunkedDecoder()
        #expect(decoder.next(Bytes("x"), from: 0) == .malformed)
        #expect(decoder.next(Bytes("0\r\n\r\n"), from: 0) == .malformed)
    }
}
