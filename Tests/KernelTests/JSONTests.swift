import Testing

@testable import Kernel

@Suite struct JSONTests {
    private func read(_ text: String) throws -> JSONValue { try JSONReader.read(Array(text.utf8), name: "t") }

    @Test(
        arguments: [
            "null", "true", "-1.5e+3", "\"a\"", "[]", "{}", "[1,\"x\",{\"b\":null,\"a\":[false]}]",
            "{\"b\":1,\"a\":2}", "\"\\\"\\\\\\n\\u0001é\"",
        ])
    func writesWhatItReads(text: String) throws {
        #expect(try read(" \n" + text + "\t").text == text)
    }

    @Test func readsEscapes() throws {
        #expect(try read(#""\/\b\f\r\t\u00e9\ud83d\ude00\ud83d""#) == .string("/\u{8}\u{C}\r\té😀\u{FFFD}"))
    }

    @Test(
        arguments: [
            ("", "t:1:1: expected a value, found the end"),
            ("{\"a\":1,}", "t:1:8: expected a member's name in quotes, found '}'"),
            ("[1\n 2]", "t:2:2: expected ',' or ']', found '2'"),
            ("\"abc", "t:1:5: expected the string's closing quote, found the end"),
            ("01", "t:1:2: expected no digit behind a leading zero, found '1'"),
            ("tru", "t:1:4: expected 'true', found the end"),
            ("1 x", "t:1:3: expected the end of the text, found 'x'"),
            ("\"\\q\"", "t:1:3: expected an escape such as \\n, found 'q'"),
            ("{\"a\" 1}", "t:1:6: expected ':', found '1'"), ("1.", "t:1:3: expected a digit, found the end"),
        ] as [(String, String)])
    func saysWhereATextIsWrong(text: String, message: String) {
        let failure = #expect(throws: Failure.self) { try read(text) }
        #expect(failure?.message == message)
    }

    @Test func boundsNesting() throws {
        let deepest = JSONLimits.deepestNesting
        let text = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        _ = try read(text(deepest))
        #expect(throws: Failure.self) { try read(text(deepest + 1)) }
    }

    @Test func findsTheLastMemberOfAName() throws {
        let value = try read(#"{"a": 1, "b": 2, "a": 3}"#)
        #expect(value["a"] == .number("3") && value["c"] == nil)
    }
}
