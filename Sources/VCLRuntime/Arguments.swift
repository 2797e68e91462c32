import Kernel
import VCL

/// The compiled arguments of one call, already of the kinds that the row asks for.
struct Arguments: Sendable {
    struct One: Sendable {
        let code: Code
        /// The text of a string literal.
        var literal: String?
        /// The value of a whole number that is written out.
        var constant: Int64?
    }

    let all: [One]

    var count: Int { all.count }

    func literal(_ index: Int) -> String? { index < all.count ? all[index].literal : nil }

    func constant(_ index: Int) -> Int64? { index < all.count ? all[index].constant : nil }

    /// An argument that is left out is not set.
    func string(_ index: Int) -> StringCode {
        guard index < all.count else { return { _ in .notSet } }
        guard let code = all[index].code.asString else {
            preconditionFailure("argument \(index) was checked to be a STRING")
        }
        return code
    }

    /// All arguments from `index` on.
    func strings(from index: Int) -> [Piece] { (min(index, count)..<count).map { Piece(string($0)) } }

    func bool(_ index: Int, default value: Bool = false) -> BoolCode {
        guard index < all.count else { return { _ in value } }
        guard let code = all[index].code.asCondition else {
            preconditionFailure("argument \(index) was checked to be a BOOL")
        }
        return code
    }

    func integer(_ index: Int, default value: Int64 = 0) -> IntegerCode {
        guard index < all.count else { return { _ in value } }
        switch all[index].code {
        case .integer(let code), .time(let code), .rtime(let code), .backend(let code), .acl(let code):
            return code
        default: preconditionFailure("argument \(index) was checked to be a number")
        }
    }

    func float(_ index: Int) -> FloatCode {
        switch all[index].code {
        case .float(let code): return code
        case .integer(let code): return { Double(code($0)) }
        default: preconditionFailure("argument \(index) was checked to be a FLOAT")
        }
    }

    func address(_ index: Int) -> AddressCode {
        guard case .ip(let code) = all[index].code else {
            preconditionFailure("argument \(index) was checked to be an IP")
        }
        return code
    }

    func table(_ index: Int) -> Int {
        guard case .table(let place) = all[index].code else {
            preconditionFailure("argument \(index) was checked to be a TABLE")
        }
        return place
    }

    func regex(_ index: Int) -> Regex {
        guard case .regexArgument(let found) = all[index].code else {
            preconditionFailure("argument \(index) was checked to be a pattern")
        }
        return found
    }

    func word(_ index: Int) -> String {
        guard case .id(let name) = all[index].code else {
            preconditionFailure("argument \(index) was checked to be an ID")
        }
        return name
    }

    /// The message of a `.message`, `.response` or `.collection`.
    func place(_ index: Int) -> HeaderReference.Place {
        let name = word(index).split(separator: ".").first.map(String.init) ?? ""
        guard let place = HeaderReference.Place(rawValue: name) else {
            preconditionFailure("argument \(index) was checked to name a message")
        }
        return place
    }
}

/// The shapes that most rows have.
extension Arguments {
    func text(_ body: @escaping @Sendable (Bytes, Context) -> Bytes) -> Code {
        let first = string(0)
        return .string { body(first($0), $0) }
    }

    func textOfTwo(_ body: @escaping @Sendable (Bytes, Bytes, Context) -> Bytes) -> Code {
        let (first, second) = (string(0), string(1))
        return .string { context in
            let value = first(context)
            return body(value, second(context), context)
        }
    }

    func textOfThree(_ body: @escaping @Sendable (Bytes, Bytes, Bytes, Context) -> Bytes) -> Code {
        let (first, second, third) = (string(0), string(1), string(2))
        return .string { context in
            let value = first(context)
            let other = second(context)
            return body(value, other, third(context), context)
        }
    }

    func test(_ body: @escaping @Sendable (Bytes) -> Bool) -> Code {
        let first = string(0)
        return .bool { body(first($0)) }
    }

    func testOfTwo(_ body: @escaping @Sendable (Bytes, Bytes) -> Bool) -> Code {
        let (first, second) = (string(0), string(1))
        return .bool { context in
            let value = first(context)
            return body(value, second(context))
        }
    }

    func step(_ body: @escaping @Sendable (Context) -> Void) -> Code {
        .void {
            body($0)
            return .next
        }
    }
}
