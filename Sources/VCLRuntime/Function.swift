package import VCL

/// A built-in function: one row, which the checker, the runtime, the documentation and the tests read.
package final class Function: Sendable {
    /// What may stand in the place of one argument.
    package enum Argument: Sendable {
        /// A value, converted to this type where an assignment would do so.
        case value(ValueType)
        /// A regular expression in quotes, compiled with the program.
        case pattern
        /// A whole number written out, within these bounds.
        case constant(ClosedRange<Int64>)
        /// One of these bare words.
        case word([String])
        /// `req`, `bereq`, `beresp`, `obj` or `resp`, where the program may read (or write) its headers.
        case message(writes: Bool)
        /// `beresp` or `resp`: what may hold Set-Cookie.
        case response
        /// One header by its whole name, such as `req.http.Via`.
        case header
        /// All headers of a message, such as `req.headers`.
        case collection
        case ratecounter, penaltybox
        /// A table whose values are of this type; nil for any.
        case table(ValueType?)
        /// None or more STRINGs; at the end alone.
        case list

        package static let string = Argument.value(.string)
        package static let bool = Argument.value(.bool)
        package static let integer = Argument.value(.integer)
        package static let float = Argument.value(.float)
        package static let time = Argument.value(.time)
        package static let rtime = Argument.value(.rtime)
        package static let ip = Argument.value(.ip)
        package static let acl = Argument.value(.acl)
        package static let backend = Argument.value(.backend)

        /// As the manual writes it.
        package var typeName: String {
            switch self {
            case .value(let type): type.rawValue
            case .pattern: ValueType.string.rawValue
            case .constant: ValueType.integer.rawValue
            case .word, .message, .response, .header, .collection, .ratecounter, .penaltybox:
                ValueType.id.rawValue
            case .table: ValueType.table.rawValue
            case .list: "STRING_LIST"
            }
        }
    }

    package let name: String
    /// With the optional ones at the end.
    package let arguments: [Argument]
    /// How many must be given.
    package let required: Int
    package let returns: ValueType
    package let scopes: Scopes
    /// What it does, in a sentence or two.
    package let summary: String
    /// What is wrong with a call whose arguments are of the right kinds, or nil.
    let objection: @Sendable (Arguments) -> String?
    let build: @Sendable (Arguments) -> Code

    init(
        _ name: String, _ arguments: [Argument], _ returns: ValueType, required: Int? = nil,
        scopes: Scopes = .all, _ summary: String,
        unless objection: @escaping @Sendable (Arguments) -> String? = { _ in nil },
        _ build: @escaping @Sendable (Arguments) -> Code
    ) {
        self.name = name
        self.arguments = arguments
        self.required = required ?? arguments.count - (arguments.last?.isList == true ? 1 : 0)
        self.returns = returns
        self.scopes = scopes
        self.summary = summary
        self.objection = objection
        self.build = build
    }

    var isVariadic: Bool { arguments.last?.isList == true }

    /// Every way to call it, as the manual writes the arguments: `(STRING, INTEGER)`.
    package var alternatives: [String] {
        let fewest = isVariadic ? arguments.count : required
        return (fewest...arguments.count).reversed().map { count in
            "(" + arguments.prefix(count).map(\.typeName).joined(separator: ", ") + ")"
        }
    }

    /// For hints and hovers: `STRING substr(STRING, INTEGER, [INTEGER])`.
    package var signature: String {
        let words = arguments.enumerated().map { index, argument in
            argument.isList ? "STRING..." : index < required ? argument.typeName : "[\(argument.typeName)]"
        }
        return "\(returns.rawValue) \(name)(\(words.joined(separator: ", ")))"
    }
}

extension Function.Argument {
    var isList: Bool { if case .list = self { true } else { false } }
}
