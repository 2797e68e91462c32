import Kernel
import Testing

@Suite("JSON values")
struct JSONValueTests {
    static let good: [(text: String, value: JSONValue, written: String)] = [
        ("null", .null, "null"),
        (" true ", true, "true"),
        ("-0", 0, "0"),
        ("12", 12, "12"),
        ("9223372036854775807", .integer(.max), "9223372036854775807"),
        ("9223372036854775808", .number(9_223_372_036_854_775_808), "9.223372036854776e+18"),
        ("1.5e2", .number(150), "150.0"),
        (#""a\"\\\/\b\f\n\r\tA""#, "a\"\\/\u{8}\u{C}\n\r\tA", #""a\"\\/\u0008\u000c\n\r\tA""#),
        (#""\u20AC\uD83D\uDE00é""#, "€😀é", "\"€😀é\""),
        (#""\uD83Dx\uDC00""#, "\u{FFFD}x\u{FFFD}", "\"\u{FFFD}x\u{FFFD}\""),
        (#""\uD83D\u0041""#, "\u{FFFD}A", "\"\u{FFFD}A\""),
        ("[]", [], "[]"),
        ("[1, [2], {}]", [1, [2], [:]], "[1,[2],{}]"),
        (#"{"b": 1, "a": [true], "b": 2}"#, ["a": [true], "b": 2], #"{"a":[true],"b":2}"#),
    ]

    @Test("texts are read, and written in their shortest form", arguments: good)
    func reads(text: String, value: JSONValue, written: String) throws {
        #expect(try JSONValue(parsing: text) == value)
        #expect(value.text == written)
        #expect(try JSONValue(parsing: written) == value)
    }

    static let bad: [String] = [
        "", " ", "nul", "tru", "01", "-", "1.", "1e", "+1", ".5", "NaN", "\"", "\"a", "\"\\", "\"\\x\"",
        "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "[", "[1", "[1,", "[1,]", "[,]", "{", "{\"a\"", "{\"a\":",
        "{\"a\":1", "{\"a\":1,}", "{1:2}", "{a:1}", "1 2", "[] x", "'a'", "\u{FEFF}1",
    ]

    @Test("what is no JSON is refused, and no prefix of it is read beyond its end", arguments: bad)
    func refuses(text: String) {
        #expect(throws: Failure.self) { try JSONValue(parsing: text) }
    }

    @Test("nesting is bounded, and so is the size")
    func isBounded() throws {
        let fits = String(repeating: "[", count: 127) + "1" + String(repeating: "]", count: 127)
        #expect(try JSONValue(parsing: fits).array != nil)
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: Failure.self) { try JSONValue(parsing: deep) }
        #expect(throws: Failure.self) { try JSONValue(parsing: Array("[1,2]".utf8), mostBytes: 4) }
        #expect(try JSONValue(parsing: Array("[1,2]".utf8), mostBytes: 5) == [1, 2])
    }

    @Test("broken UTF-8 is repaired, and numbers that JSON cannot hold are null")
    func repairs() throws {
        #expect(try JSONValue(parsing: [0x22, 0xFF, 0x22]) == "\u{FFFD}")
        #expect(JSONValue.number(.infinity).text == "null")
    }

    @Test("a whole number may have a fraction of nothing")
    func readsIntegers() throws {
        #expect(try JSONValue(parsing: "4.0").integer == 4)
        #expect(try JSONValue(parsing: "4.5").integer == nil)
        #expect(try JSONValue(parsing: "1e300").integer == nil)
        #expect(JSONValue.string("4").integer == nil)
    }
}
