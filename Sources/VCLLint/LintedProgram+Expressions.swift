import Diagnostics
import VCL
import VCLRuntime

// Questions about expressions.
extension LintedProgram {
    /// The name that stands for one thing, and a header's sub-field.
    func normal(_ word: String, in sub: String) -> (name: String, subfield: String?) {
        if word.hasPrefix("var.") { return (word + "@" + sub, nil) }
        if let known = normals[word] { return known }
        let found = LintedProgram.normal(word)
        normals[word] = found
        return found
    }

    private static func normal(_ word: String) -> (name: String, subfield: String?) {
        let bytes = word.utf8
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")), bytes[dot...].starts(with: ".http.".utf8)
        else {
            return (word, nil)
        }
        let lower = word.lowercased()
        guard let colon = lower.utf8.firstIndex(of: UInt8(ascii: ":")) else { return (lower, nil) }
        return (String(lower[..<colon]), String(lower[lower.index(after: colon)...]))
    }

    /// The normal name of an expression that is a name.
    func normal(_ expression: Expression, in sub: Int) -> String? {
        name(expression).map { normal($0, in: sub < 0 ? "" : subs[sub].name).name }
    }

    /// What stands inside parentheses.
    func bare(_ expression: Expression) -> Expression {
        var at = expression
        while case .group(let inner) = at.kind { at = inner }
        return at
    }

    func name(_ expression: Expression) -> String? {
        let expression = bare(expression)
        guard case .name = expression.kind else { return nil }
        return text(expression.span)
    }

    /// The value of a string literal.
    func literal(_ expression: Expression) -> String? {
        let expression = bare(expression)
        guard case .string(let long) = expression.kind else { return nil }
        return Literals.string(text(expression.span), long: long)
    }

    /// The value of a table's key.
    func literal(_ key: Name) -> String {
        let source = text(key)
        return Literals.string(source, long: source.hasPrefix("{"))
    }

    /// What stands between the quotes of a pattern, where percent escapes mean nothing.
    func pattern(_ expression: Expression) -> String? {
        let expression = bare(expression)
        guard case .string(let long) = expression.kind else { return nil }
        let source = text(expression.span)
        return long ? Literals.string(source, long: true) : String(source.dropFirst().dropLast())
    }

    func integer(_ expression: Expression) -> Int64? {
        let expression = bare(expression)
        if case .negative(let inner) = expression.kind { return integer(inner).map { -$0 } }
        guard case .integer = expression.kind else { return nil }
        return Literals.integer(text(expression.span))
    }

    func call(_ expression: Expression) -> (name: String, arguments: [Expression])? {
        let expression = bare(expression)
        guard case .call(let name, let arguments) = expression.kind else { return nil }
        return (text(name), arguments)
    }

    /// The parts of a concatenation, or the expression itself.
    func parts(_ expression: Expression) -> [Expression] {
        let expression = bare(expression)
        guard case .concatenation(let parts) = expression.kind else { return [expression] }
        return parts
    }

    static func children(_ expression: Expression) -> [Expression] {
        switch expression.kind {
        case .call(_, let arguments): arguments
        case .concatenation(let parts): parts
        case .not(let inner), .negative(let inner), .group(let inner): [inner]
        case .binary(_, let left, let right): [left, right]
        default: []
        }
    }

    /// Whether the expression or anything in it fulfils `test`.
    func contains(_ expression: Expression, where test: (Expression) -> Bool) -> Bool {
        if test(expression) { return true }
        switch expression.kind {
        case .call(_, let parts), .concatenation(let parts):
            for part in parts where contains(part, where: test) { return true }
            return false
        case .not(let inner), .negative(let inner), .group(let inner): return contains(inner, where: test)
        case .binary(_, let left, let right):
            return contains(left, where: test) || contains(right, where: test)
        default: return false
        }
    }

    /// The normal names that an expression reads.
    func names(in expression: Expression, sub: Int) -> [String] {
        if let name = normal(expression, in: sub) { return [name] }
        return LintedProgram.children(expression).flatMap { names(in: $0, sub: sub) }
    }

    /// Whether a condition asks for this name.
    func mentions(_ expression: Expression, _ name: String, sub: Int = -1) -> Bool {
        contains(expression) { normal($0, in: sub) == name }
    }

    /// Whether an expression is made of literals alone.
    func isConstant(_ expression: Expression) -> Bool {
        switch expression.kind {
        case .string, .integer, .float, .rtime, .percent: true
        case .name: ["true", "false"].contains(text(expression.span))
        case .group(let inner), .not(let inner), .negative(let inner): isConstant(inner)
        case .concatenation(let parts): parts.allSatisfy { isConstant($0) }
        case .binary(_, let left, let right): isConstant(left) && isConstant(right)
        default: false
        }
    }

    /// The tokens of an expression without what the writing of it may vary in: white space between them.
    func shape(_ expression: Expression) -> String {
        let expression = bare(expression)
        switch expression.kind {
        case .binary(let symbol, let left, let right):
            return "(" + shape(left) + symbol.rawValue + shape(right) + ")"
        case .concatenation(let parts): return "[" + parts.map { shape($0) }.joined(separator: " ") + "]"
        case .not(let inner): return "!" + shape(inner)
        case .negative(let inner): return "-" + shape(inner)
        case .call(let name, let arguments):
            return text(name) + "(" + arguments.map { shape($0) }.joined(separator: ",") + ")"
        default: return text(expression.span)
        }
    }
}
