import Foundation
package import Journey
import Kernel

/// The part of JSON Schema (2020-12) that a value of a dictionary needs: `type`, `enum`, `const`, `properties`, `required`,
/// `additionalProperties` (true or false), `items`, `minItems`, `maxItems`, `minLength`, `maxLength`, `pattern`, `minimum`,
/// `maximum`. Annotations (`title`, `description`, `default`, `examples`) say nothing; any other word is refused, lest
/// somebody rely on a check that is not made.
package struct JSONSchema: Sendable {
    private let root: JSON

    private static let checks: Set<String> = [
        "type", "enum", "const", "properties", "required", "additionalProperties", "items", "minItems",
        "maxItems", "minLength", "maxLength", "pattern", "minimum", "maximum",
    ]
    private static let annotations: Set<String> = [
        "title", "description", "default", "examples", "$schema", "$id", "$comment",
    ]

    /// Throws `Failure(.invalid)` for what is no schema, or has a word that is not understood.
    package init(_ text: String) throws {
        guard let root = try? JSONDecoder().decode(JSON.self, from: Data(text.utf8)) else {
            throw Failure(.invalid, "the schema is no JSON")
        }
        self.root = root
        try JSONSchema.require(root, at: "the schema")
    }

    private static func require(_ schema: JSON, at place: String) throws {
        guard case .object(let members) = schema else {
            throw Failure(
                .invalid, "\(place) is no object", hint: "such as {type: object, properties: {...}}")
        }
        for (word, value) in members {
            guard checks.contains(word) || annotations.contains(word) else {
                throw Failure(
                    .invalid, "\(place) has '\(word)', which is not understood here",
                    hint: nearest(word, among: checks).map { "did you mean '\($0)'?" }
                        ?? "there are \(checks.sorted().joined(separator: ", "))")
            }
            if word == "properties", case .object(let properties) = value {
                for (name, inner) in properties { try require(inner, at: "\(place), \(name)") }
            }
            if word == "items" { try require(value, at: "\(place), items") }
            if word == "pattern", (try? NSRegularExpression(pattern: value.string ?? "(")) == nil {
                throw Failure(.invalid, "\(place) has a pattern that is none")
            }
        }
    }

    package struct Problem: Sendable, Equatable {
        package let message: String
        package let hint: String?
    }

    /// The first thing that is not as it must be; nil when all is.
    package func problem(of value: JSON) -> Problem? { problem(of: value, root, at: "") }

    private func problem(of value: JSON, _ schema: JSON, at place: String) -> Problem? {
        let what = place.isEmpty ? "the value" : place
        if let type = schema["type"], !JSONSchema.types(type).contains(where: { value.has(type: $0) }) {
            return Problem(
                message:
                    "\(what) is \(value.typeName), not \(JSONSchema.types(type).joined(separator: " or "))",
                hint: nil)
        }
        if case .array(let allowed)? = schema["enum"], !allowed.contains(value) {
            return Problem(
                message: "\(what) cannot be \(value.text)",
                hint: "one of \(allowed.map(\.text).joined(separator: ", "))")
        }
        if let wanted = schema["const"], wanted != value {
            return Problem(message: "\(what) is \(value.text)", hint: "it must be \(wanted.text)")
        }
        switch value {
        case .object(let members): return problem(of: members, schema, at: place, what)
        case .array(let items): return problem(of: items, schema, at: place, what)
        case .string(let text): return problem(of: text, schema, what)
        case .integer(let number): return problem(of: Double(number), schema, what)
        case .number(let number): return problem(of: number, schema, what)
        default: return nil
        }
    }

    private func problem(of members: [String: JSON], _ schema: JSON, at place: String, _ what: String)
        -> Problem?
    {
        var properties: [String: JSON] = [:]
        if case .object(let known)? = schema["properties"] { properties = known }
        if case .array(let required)? = schema["required"] {
            for name in required.compactMap(\.string) where members[name] == nil {
                return Problem(message: "\(what) has no '\(name)'", hint: "add it")
            }
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let inner = properties[name] {
                let found = problem(of: value, inner, at: place.isEmpty ? name : "\(place).\(name)")
                if let found { return found }
            } else if schema["additionalProperties"] == .bool(false) {
                return Problem(
                    message: "\(what) has '\(name)', which nothing reads",
                    hint: nearest(name, among: properties.keys).map { "did you mean '\($0)'?" }
                        ?? "it may have \(properties.keys.sorted().joined(separator: ", "))")
            }
        }
        return nil
    }

    private func problem(of items: [JSON], _ schema: JSON, at place: String, _ what: String) -> Problem? {
        if let least = schema["minItems"]?.number, Double(items.count) < least {
            return Problem(
                message: "\(what) has \(items.count) items", hint: "\(JSON.number(least).text) is the least")
        }
        if let most = schema["maxItems"]?.number, Double(items.count) > most {
            return Problem(
                message: "\(what) has \(items.count) items", hint: "\(JSON.number(most).text) is the most")
        }
        guard let inner = schema["items"] else { return nil }
        for (index, item) in items.enumerated() {
            if let found = problem(of: item, inner, at: "\(place)[\(index)]") { return found }
        }
        return nil
    }

    private func problem(of text: String, _ schema: JSON, _ what: String) -> Problem? {
        if let least = schema["minLength"]?.number, Double(text.count) < least {
            return Problem(
                message: "\(what) has \(text.count) characters",
                hint: "\(JSON.number(least).text) is the least")
        }
        if let most = schema["maxLength"]?.number, Double(text.count) > most {
            return Problem(
                message: "\(what) has \(text.count) characters", hint: "\(JSON.number(most).text) is the most"
            )
        }
        if let pattern = schema["pattern"]?.string,
            text.range(of: pattern, options: .regularExpression) == nil
        {
            return Problem(message: "\(what) cannot be '\(text)'", hint: "it looks like \(pattern)")
        }
        return nil
    }

    private func problem(of number: Double, _ schema: JSON, _ what: String) -> Problem? {
        if let least = schema["minimum"]?.number, number < least {
            return Problem(
                message: "\(what) is \(JSON.number(number).text)",
                hint: "\(JSON.number(least).text) is the least")
        }
        if let most = schema["maximum"]?.number, number > most {
            return Problem(
                message: "\(what) is \(JSON.number(number).text)",
                hint: "\(JSON.number(most).text) is the most")
        }
        return nil
    }

    private static func types(_ type: JSON) -> [String] {
        if case .array(let all) = type { return all.compactMap(\.string) }
        return [type.string ?? ""]
    }
}

extension JSON {
    fileprivate var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    fileprivate func has(type: String) -> Bool {
        type == typeName || type == "number" && typeName == "integer"
            || type == "integer" && number.map { $0 == $0.rounded() } == true
    }

    fileprivate var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
