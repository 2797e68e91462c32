import Kernel
import Testing

@Suite("JSON values")
struct JSONValueTests {
    static let good: [(text: String, value: JSONValue, written: String)] = [
        ("null", .null, "null"),
        (" true ", true, "true"),
        ("12", 12, "12"),
        ("-0.50e+07", .number("-0.50e+07"), "-0.50e+07"),
        ("9223372036854775808", .number("9223372036854775808"), "9223372036854775808"),
        (#""a\"\\\/\b\f\n\r\tA""#, "a\"\\/\u{8}\u{C}\n\r\tA", #""a\"\\/\u0008\u000c\n\r\tA""#),
        (#""\u20AC\uD83D\uDE00é""#, "€😀é", "\"€😀é\""),
        ("[]", [], "[]"),
        ("[1, [2], {}]", [1, [2], [:]], "[1,[2],{}]"),
        (#"{"b": 1, "a": [true]}"#, ["b": 1, "a": [true]], #"{"b":1,"a":[true]}"#),
    ]

    @Test("texts are read, and written in their shortest form", arguments: good)
    func reads(text: String, value: JSONValue, written: String) throws {
        #expect(try read(text) == value)
        #expect(value.text == written)
        #expect(try read(written) == value)
    }

    private func read(_ text: String) throws -> JSONValue {
        try JSONReader.read(Array(text.utf8), name: "it")
    }

    static let bad: [String] = [
        "", " ", "nul", "tru", "01", "-", "1.", "1e", "+1", ".5", "NaN", "\"", "\"a", "\"\\", "\"\\x\"",
        "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "[", "[1", "[1,", "[1,]", "[,]", "{", "{\"a\"", "{\"a\":",
        "{\"a\":1", "{\"a\":1,}", "{1:2}", "{a:1}", "1 2", "[] x", "'a'",
    ]

    @Test("what is no JSON is refused", arguments: bad)
    func refuses(text: String) {
        #expect(throws: Failure.self) { try read(text) }
    }

    @Test("nesting is bounded")
    func isBounded() throws {
        let most = JSONLimits.deepestNesting
        let fits = String(repeating: "[", count: most - 1) + "1" + String(repeating: "]", count: most - 1)
        #expect(try read(fits).array != nil)
        #expect(throws: Failure.self) { try read(String(repeating: "[", count: 100_000)) }
    }

    @Test("what a value holds is given as such, or as nothing")
    func givesContent() throws {
        #expect(try read("4.0").integer == 4)
        #expect(try read("4.5").integer == nil)
        #expect(try read("1e300").integer == nil)
        #expect(JSONValue.string("4").integer == nil)
        #expect(try read(#"{"b":1,"a":2,"b":3}"#).object == ["a": 2, "b": 3])
        #expect(JSONValue.object(["b": 1, "a": 2]).text == #"{"a":2,"b":1}"#)
        #expect(JSONValue.null.isNull && JSONValue.null.bool == nil && JSONValue.null["a"] == nil)
    }
}
