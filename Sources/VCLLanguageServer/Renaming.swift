import Diagnostics
import Kernel
import VCL
import VCLRuntime

// A new name for what a program declares, in all files that use it.
extension LanguageServer {
    mutating func prepareRename(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        let (symbol, span) = try renamable(place)
        return ["range": encoding.range(span, in: place.file), "placeholder": .string(symbol.name)]
    }

    mutating func rename(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        let (symbol, _) = try renamable(place)
        guard let new = parameters["newName"]?.string else {
            throw .invalidParameters("'newName' is missing")
        }
        guard new != symbol.name else { return ["changes": [:]] }
        if let objection = LanguageServer.objection(to: new, for: symbol) { throw .failed(objection) }
        for program in place.programs {
            if let taken = program.first(Symbol(kind: symbol.kind, name: new, owner: symbol.owner)) {
                throw .failed("'\(new)' is a \(taken.declared.keyword) already")
            }
        }
        var changes: [String: JSONValue] = [:]
        for (path, index, mention) in mentions(of: symbol, in: place.programs) {
            let edit: JSONValue = [
                "range": encoding.range(mention.span, in: index.file), "newText": .string(new),
            ]
            changes[uri(path)] = .array((changes[uri(path)]?.array ?? []) + [edit])
        }
        return ["changes": .object(changes)]
    }

    private func renamable(_ place: AskedPlace) throws(Refusal) -> (Symbol, Span) {
        guard let (symbol, span) = place.symbol else { throw .failed("there is no name here") }
        switch symbol.kind {
        case .variable, .function:
            throw .failed("'\(symbol.name)' is not declared in this program and cannot be renamed")
        case .header: throw .failed("a header's name is not the program's to change")
        case .include: throw .failed("a file is renamed where it lies")
        default: break
        }
        if symbol.kind == .sub, Scope.allCases.contains(where: { $0.subroutine == symbol.name }) {
            throw .failed("'\(symbol.name)' is Fastly's name for a state")
        }
        guard place.programs.contains(where: { $0.first(symbol) != nil }) else {
            throw .failed(
                place.program.isDictionary(symbol.name)
                    ? "'\(symbol.name)' is a dictionary of the service"
                    : "'\(symbol.name)' is declared nowhere")
        }
        return (symbol, span)
    }

    /// What is wrong with a name, or nil.
    private static func objection(to name: String, for symbol: Symbol) -> String? {
        var word = name[...]
        if symbol.kind == .local {
            guard name.hasPrefix("var.") else { return "a local variable's name begins with 'var.'" }
            word = word.dropFirst(4)
        }
        let isLetter: (UInt8) -> Bool = { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == UInt8(ascii: "_") }
        let bytes = Array(word.utf8)
        guard let first = bytes.first, isLetter(first),
            bytes.allSatisfy({ isLetter($0) || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") })
        else { return "'\(name)' is no name: a letter or '_', then letters, digits, '_' and '-'" }
        guard name.utf8.count <= LanguageServerLimits.longestName else {
            return "a name has at most \(LanguageServerLimits.longestName) letters"
        }
        guard symbol.kind != .local else { return nil }
        if Keyword(rawValue: name) != nil || name == "true" || name == "false" {
            return "'\(name)' is a word of the language"
        }
        if symbol.kind == .sub {
            if name.hasPrefix("vcl_") { return "names that begin with 'vcl_' are Fastly's" }
            if Functions.byName[name] != nil { return "'\(name)' is a built-in function" }
        }
        return nil
    }
}
