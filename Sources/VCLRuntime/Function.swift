import Kernel
package import VCL

/// A built-in function: its arguments' types, and how a call is made of the compiled arguments.
package struct Function: Sendable {
    package let name: String
    /// Without the optional ones at the end.
    package let required: Int
    package let arguments: [ValueType]
    package let returns: ValueType
    package let scopes: Scopes
    /// More arguments of the last type may follow.
    package let variadic: Bool
    package let build: @Sendable (Arguments) -> Code

    package init(
        _ name: String, _ arguments: [ValueType], _ returns: ValueType, required: Int? = nil,
        variadic: Bool = false,
        scopes: Scopes = .all, _ build: @escaping @Sendable (Arguments) -> Code
    ) {
        self.name = name
        self.arguments = arguments
        self.required = required ?? arguments.count
        self.returns = returns
        self.scopes = scopes
        self.variadic = variadic
        self.build = build
    }
}

/// The compiled arguments of one call, already of the types that the row asks for.
package struct Arguments: Sendable {
    let codes: [Code]

    var count: Int { codes.count }

    func string(_ index: Int) -> StringCode {
        guard index < codes.count else { return { _ in .notSet } }
        guard let code = codes[index].asString else {
            preconditionFailure("argument \(index) was checked to be a STRING")
        }
        return code
    }

    func bool(_ index: Int) -> BoolCode {
        guard let code = codes[index].asCondition else {
            preconditionFailure("argument \(index) was checked to be a BOOL")
        }
        return code
    }

    func integer(_ index: Int, default value: Int64 = 0) -> IntegerCode {
        guard index < codes.count else { return { _ in value } }
        switch codes[index] {
        case .integer(let code), .time(let code), .rtime(let code), .backend(let code): return code
        default: preconditionFailure("argument \(index) was checked to be a number")
        }
    }

    func float(_ index: Int) -> FloatCode {
        switch codes[index] {
        case .float(let code): return code
        case .integer(let code): return { Double(code($0)) }
        default: preconditionFailure("argument \(index) was checked to be a FLOAT")
        }
    }

    func address(_ index: Int) -> AddressCode {
        guard case .ip(let code) = codes[index] else {
            preconditionFailure("argument \(index) was checked to be an IP")
        }
        return code
    }

    func table(_ index: Int) -> Int {
        guard case .table(let place) = codes[index] else {
            preconditionFailure("argument \(index) was checked to be a TABLE")
        }
        return place
    }

    func regex(_ index: Int) -> Regex {
        guard case .regexArgument(let found) = codes[index] else {
            preconditionFailure("argument \(index) was checked to be a pattern")
        }
        return found
    }

    func id(_ index: Int) -> String {
        guard case .id(let name) = codes[index] else {
            preconditionFailure("argument \(index) was checked to be an ID")
        }
        return name
    }
}
