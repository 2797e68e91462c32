package import Kernel

// What a service consists of is read and written field by field, and each field is one row: its name in
// Fastly's API, its name in Terraform where that differs, and the property that holds it. Terraform plans,
// the API's answers and a folder's service.json are thus read by the same rows, and the API can answer with
// them.
//
// Fastly writes numbers and flags as numbers, as strings or as null, depending on the object's age; all are
// read.

/// One field of an object of a service.
package struct ServiceField<Object>: Sendable {
    /// The API's name first.
    package let names: [String]
    let read: @Sendable (JSONValue, JSONPath, inout Object) throws -> Void
    let write: @Sendable (Object) -> JSONValue

    init(
        _ names: [String], read: @escaping @Sendable (JSONValue, JSONPath, inout Object) throws -> Void,
        write: @escaping @Sendable (Object) -> JSONValue
    ) {
        self.names = names
        self.read = read
        self.write = write
    }
}

/// An object of a service: a list of fields. What JSON leaves out, or gives as null, keeps its default.
package protocol ServiceObject: Codable, Sendable, Equatable {
    static var fields: [ServiceField<Self>] { get }
    init()
}

extension ServiceObject {
    /// Throws `Failure(.invalid)` that names the place of what is wrong. Members that are no field are left
    /// alone.
    package init(_ json: JSONValue, at path: JSONPath = JSONPath()) throws {
        self.init()
        try read(json, at: path)
    }

    /// Takes over what the object holds and leaves everything else as it is.
    package mutating func read(_ json: JSONValue, at path: JSONPath = JSONPath()) throws {
        guard case .object = json else { throw Failure.expected("an object", json, path) }
        for field in Self.fields {
            for name in field.names {
                guard let value = json[name], value != .null else { continue }
                try field.read(value, path.child(name), &self)
            }
        }
    }

    /// In the API's shape.
    package var json: JSONValue {
        .object(Self.fields.map { JSONMember($0.names[0], $0.write(self)) }.filter { $0.value != .null })
    }

    package init(from decoder: any Decoder) throws { try self.init(JSONValue(from: decoder)) }

    package func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}

extension Failure {
    static func expected(_ what: String, _ found: JSONValue, _ path: JSONPath, hint: String? = nil)
        -> Failure
    {
        let place = path.description.isEmpty ? "" : "\(path): "
        let shown =
            switch found {
            case .string(let text): "\"\(text.prefix(40))\""
            case .number(let text): text
            case .bool(let value): String(value)
            default: found.kind
            }
        return Failure(.invalid, "\(place)expected \(what), found \(shown)", hint: hint)
    }
}

// MARK: kinds of fields

extension ServiceField {
    /// Names are separated by spaces: the API's, then Terraform's.
    private static func names(_ names: String) -> [String] { names.split(separator: " ").map(String.init) }

    typealias Path<Value> = any WritableKeyPath<Object, Value> & Sendable

    static func text(_ name: String, _ path: Path<String>) -> ServiceField {
        ServiceField(
            names(name),
            read: { value, place, object in
                switch value {
                case .string(let text), .number(let text): object[keyPath: path] = text
                default: throw Failure.expected("a text", value, place)
                }
            }, write: { .string($0[keyPath: path]) })
    }

    static func number(
        _ name: String, _ path: Path<Int>,
        _ range: ClosedRange<Int> = 0...Int.max
    ) -> ServiceField {
        ServiceField(
            names(name),
            read: { value, place, object in
                if let number = try integer(value, place, range) { object[keyPath: path] = number }
            }, write: { .integer($0[keyPath: path]) })
    }

    /// A number that is also told apart from none.
    static func number(
        _ name: String, _ path: Path<Int?>,
        _ range: ClosedRange<Int> = 0...Int.max
    ) -> ServiceField {
        ServiceField(
            names(name),
            read: { value, place, object in object[keyPath: path] = try integer(value, place, range) },
            write: { $0[keyPath: path].map { .integer($0) } ?? .null })
    }

    static func flag(_ name: String, _ path: Path<Bool>) -> ServiceField {
        ServiceField(
            names(name),
            read: { value, place, object in
                switch value {
                case .bool(let flag): object[keyPath: path] = flag
                case .number("1"), .string("1"), .string("true"): object[keyPath: path] = true
                case .number("0"), .string("0"), .string("false"), .string(""): object[keyPath: path] = false
                default: throw Failure.expected("true or false", value, place)
                }
            }, write: { .bool($0[keyPath: path]) })
    }

    /// One word of a list; a word outside the list is an error.
    static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: Path<Choice>
    ) -> ServiceField where Choice.RawValue == String {
        ServiceField(
            names(name),
            read: { value, place, object in
                guard case .string(let word) = value else { throw Failure.expected("a word", value, place) }
                if let choice = Choice(rawValue: word.lowercased()) {
                    object[keyPath: path] = choice
                } else if !word.isEmpty {
                    let known = Choice.allCases.map(\.rawValue).filter { !$0.isEmpty }
                    let hint = nearest(word, among: known).map { "did you mean '\($0)'?" }
                    throw Failure.expected(
                        "one of " + known.joined(separator: ", "), value, place, hint: hint)
                }
            }, write: { $0[keyPath: path].rawValue.isEmpty ? .null : .string($0[keyPath: path].rawValue) })
    }

    /// One of some numbers, each of which has a meaning.
    static func code<Code: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ path: Path<Code>
    ) -> ServiceField where Code.RawValue == Int {
        ServiceField(
            names(name),
            read: { value, place, object in
                guard let number = try integer(value, place, 0...Int.max) else { return }
                guard let code = Code(rawValue: number) else {
                    let known = Code.allCases.map { "\($0.rawValue) (\($0))" }
                    throw Failure.expected("one of " + known.joined(separator: ", "), value, place)
                }
                object[keyPath: path] = code
            }, write: { .integer($0[keyPath: path].rawValue) })
    }

    /// A list of texts, or one text whose words it is.
    static func words(
        _ name: String, _ path: Path<[String]>, joined separator: String? = nil
    ) -> ServiceField {
        ServiceField(
            names(name),
            read: { value, place, object in
                switch value {
                case .string(let text):
                    object[keyPath: path] = text.split { $0 == " " || $0 == "," || $0.isNewline }.map(
                        String.init)
                case .array(let elements):
                    object[keyPath: path] = try elements.enumerated().map { index, element in
                        guard let text = element.string else {
                            throw Failure.expected("a text", element, place.child(index))
                        }
                        return text
                    }
                default: throw Failure.expected("a list of texts", value, place)
                }
            },
            write: { object in
                let words = object[keyPath: path]
                return separator.map { .string(words.joined(separator: $0)) }
                    ?? .array(words.map { .string($0) })
            })
    }

    static func objects<Element: ServiceObject>(
        _ name: String, _ path: Path<[Element]>
    ) -> ServiceField {
        ServiceField(
            names(name),
            read: { value, place, object in
                guard case .array(let elements) = value else {
                    throw Failure.expected("a list", value, place)
                }
                object[keyPath: path] += try elements.enumerated().map {
                    try Element($1, at: place.child($0))
                }
            }, write: { .array($0[keyPath: path].map(\.json)) })
    }

    private static func integer(_ value: JSONValue, _ place: JSONPath, _ range: ClosedRange<Int>) throws
        -> Int?
    {
        let written: String
        switch value {
        case .number(let text): written = text
        case .string(let text):
            if text.isEmpty { return nil }
            written = text
        default: throw Failure.expected("a number", value, place)
        }
        let whole = Int(written) ?? Double(written).flatMap { Int(exactly: $0) }
        guard let whole else { throw Failure.expected("a whole number", value, place) }
        guard range.contains(whole) else {
            let most = range.upperBound == Int.max ? "or more" : "to \(range.upperBound)"
            throw Failure.expected("a number of \(range.lowerBound) \(most)", value, place)
        }
        return whole
    }
}
