import Foundation
import Journey
import Kernel
import Testing

@testable import Dictionaries

@Suite struct JSONSchemaTests {
    private func problem(_ schema: String, _ value: String) throws -> String? {
        let json = try JSONDecoder().decode(JSON.self, from: Data(value.utf8))
        return try JSONSchema(schema).problem(of: json)?.message
    }

    @Test(
        arguments: [
            (#"{"type": "integer"}"#, "1", nil),
            (#"{"type": "integer"}"#, "1.5", "the value is number, not integer"),
            (#"{"type": ["string", "null"]}"#, "null", nil),
            (#"{"enum": ["a", 2]}"#, "2", nil),
            (#"{"enum": ["a", 2]}"#, "\"b\"", "the value cannot be \"b\""),
            (#"{"const": true}"#, "false", "the value is false"),
            (#"{"minLength": 2}"#, "\"a\"", "the value has 1 characters"),
            (#"{"maxLength": 2}"#, "\"abc\"", "the value has 3 characters"),
            (#"{"pattern": "^/"}"#, "\"a\"", "the value cannot be 'a'"),
            (#"{"minimum": 1, "maximum": 3}"#, "2", nil), (#"{"minimum": 1}"#, "0", "the value is 0"),
            (#"{"maximum": 3}"#, "4", "the value is 4"),
            (#"{"items": {"type": "string"}, "maxItems": 2}"#, "[\"a\", 1]", "[1] is integer, not string"),
            (#"{"maxItems": 1}"#, "[1, 2]", "the value has 2 items"),
            (#"{"minItems": 1}"#, "[]", "the value has 0 items"),
            (#"{"required": ["a"]}"#, "{}", "the value has no 'a'"),
            (
                #"{"properties": {"a": {"properties": {"b": {"type": "string"}}}}}"#, #"{"a": {"b": 1}}"#,
                "a.b is integer, not string"
            ),
            (
                #"{"properties": {"title": {}}, "additionalProperties": false}"#, #"{"titel": 1}"#,
                "the value has 'titel', which nothing reads"
            ),
        ] as [(String, String, String?)])
    func judges(_ schema: String, _ value: String, _ message: String?) throws {
        #expect(try problem(schema, value) == message)
    }

    @Test func refusesWordsThatItDoesNotUnderstand() throws {
        #expect(
            throws: Failure(
                .invalid, "the schema, a has 'patern', which is not understood here",
                hint: "did you mean 'pattern'?")
        ) { try JSONSchema(#"{"properties": {"a": {"patern": "x"}}}"#) }
    }
}
