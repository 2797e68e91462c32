import Diagnostics
import Kernel
import VCL

// From a name to where it is declared and where it is used.
extension LanguageServer {
    mutating func definition(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        guard let (symbol, _) = place.symbol else { return .null }
        if symbol.kind == .include {
            guard let target = place.program.index(symbol.name) else { return .null }
            return location(symbol.name, Span(start: 0, end: 0), in: target.file)
        }
        let found = mentions(of: symbol, in: place.programs).filter { $0.mention.role == .declaration }
        return found.isEmpty
            ? .null : .array(found.map { location($0.path, $0.mention.span, in: $0.index.file) })
    }

    mutating func references(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        guard let (symbol, _) = place.symbol else { return .null }
        let all = parameters["context"]?["includeDeclaration"]?.bool ?? true
        let found = mentions(of: symbol, in: place.programs).filter { all || $0.mention.role != .declaration }
        return .array(found.map { location($0.path, $0.mention.span, in: $0.index.file) })
    }

    mutating func highlights(_ parameters: JSONValue) throws(Refusal) -> JSONValue {
        let place = try asked(parameters)
        guard let (symbol, _) = place.symbol else { return .null }
        let found = mentions(of: symbol, in: place.programs).filter { $0.path == place.path }
        return .array(
            found.map { found in
                // The protocol's numbers: 2 reads, 3 writes.
                [
                    "range": encoding.range(found.mention.span, in: place.file),
                    "kind": found.mention.role == .read ? 2 : 3,
                ]
            })
    }
}
