import Diagnostics
import VCL
import VCLRuntime

extension CompletionSource {
    enum Use { case read, set, unset }

    /// Whether something that exists in these states can be used wherever the sub runs.
    private func exists(_ rowScopes: Scopes) -> Bool { scopes.subtracting(rowScopes).isEmpty }

    // MARK: values

    /// What can stand for a value; `expected` is the type that is wanted, when it is known.
    func expression(expected: String? = nil) -> [Completion] {
        var wanted = expected
        if let call = context.calls.last, let name = call.name {
            wanted = argumentType(name, call.argument)
            if wanted == "TABLE" { return names(.table) }
        }
        if WrittenHeader(context.word) != nil { return headers() }
        var found: [Completion] = []
        switch context.statement.last?.kind {
        case .match, .notMatch: found += names(.acl)
        case .equalEqual, .notEqual:
            // `if (req.backend == F_origin)`: the type of what stands before.
            wanted = type(of: context.word(context.statement.count - 2)) ?? wanted
        default: break
        }
        switch wanted {
        case "ACL": return found + names(.acl)
        case "BACKEND": found += names(.backend, rank: 1)
        case "BOOL": found += CompletionSource.truths
        case "ID": found += names(.ratecounter) + names(.penaltybox)
        default: break
        }
        found += targets(.read) + functions { $0.returns != .void }
        return found.map { offer in
            var offer = offer
            if let wanted, offer.rank > 2, offer.detail == wanted || offer.detail.hasPrefix(wanted + " ") {
                offer.rank = 3
            }
            return offer
        }
    }

    private func argumentType(_ function: String, _ argument: Int) -> String? {
        if let sub = program.first(Symbol(kind: .sub, name: function))?.declared {
            return argument < sub.parameters.count ? sub.parameters[argument].type : nil
        }
        guard let row = Functions.byName[function], !row.arguments.isEmpty else { return nil }
        return row.arguments[min(argument, row.arguments.count - 1)].typeName
    }

    /// The type of a variable, or nil when nobody knows it.
    func type(of word: String) -> String? {
        if word.hasPrefix("var.") {
            return program.first(Symbol(kind: .local, name: word, owner: owner))?.declared.type
        }
        if WrittenHeader(word) != nil { return ValueType.string.rawValue }
        return Variables.byName[word].map { BuiltIns.type($0) }
            ?? Variables.pattern(of: word)?.pattern.type.rawValue
    }

    // MARK: variables

    /// Variables that can be read, set or unset here.
    func targets(_ use: Use) -> [Completion] {
        if WrittenHeader(context.word) != nil { return headers() }
        let locals =
            use == .unset
            ? []
            : program.inside(owner, .local).map {
                Completion($0.symbol.name, .variable, $0.type, symbol: $0.symbol, rank: 1)
            }
        let rows = Variables.all.filter { row in
            let fits =
                switch use {
                case .read: row.get != nil
                case .set: row.set != nil
                case .unset: row.unset != nil
                }
            return fits && exists(row.scopes)
        }
        let built = rows.map { row in
            var offer = Completion(
                row.name, .field, BuiltIns.type(row), symbol: Symbol(kind: .variable, name: row.name), rank: 4
            )
            if row.isDeprecated { (offer.isDeprecated, offer.rank) = (true, 9) }
            return offer
        }
        return locals + built + messages() + families(use)
    }

    /// Variables that hold the name of something declared: `backend.F_origin.healthy`.
    private func families(_ use: Use) -> [Completion] {
        guard use == .read else { return [] }
        return Variables.patterns.filter { exists($0.scopes) }.flatMap { row -> [Completion] in
            let names: [String] =
                switch row.subject {
                case .backend: program.names(.backend)
                case .rateCounter: program.names(.ratecounter)
                case .header: []
                case .group: (0...10).map(String.init)
                }
            return names.map { name in
                let label = row.prefix + name + row.suffix
                let symbol = Symbol(kind: .variable, name: label)
                return Completion(label, .field, row.type.rawValue, symbol: symbol)
            }
        }
    }

    /// `req.http.` and the others that exist here, to go on with a header's name.
    private func messages() -> [Completion] {
        BuiltIns.messageScopes.sorted { $0.key < $1.key }.filter { exists($0.value) }
            .map { Completion("\($0.key).http.", .property, "a header", rank: 4) }
    }

    /// Headers that the program names, of the message that is being typed or of all that exist here; or the
    /// fields of one.
    func headers() -> [Completion] {
        guard let typed = WrittenHeader(context.word) else { return messages() }
        guard exists(BuiltIns.messageScopes[typed.message] ?? .all) else { return [] }
        let all = program.parts.flatMap { part in
            part.index.mentions.filter {
                $0.symbol.kind == .header
                    && !($0.span.start <= context.offset && context.offset <= $0.span.end
                        && part.index === context.index)
            }.compactMap { WrittenHeader(part.index.file.text($0.span)) }
        }
        var seen: Set<String> = []
        if typed.subfield != nil {
            let fields = all.filter { $0.name.lowercased() == typed.name.lowercased() }
                .compactMap(\.subfield).filter { seen.insert($0).inserted }
            return fields.sorted().map {
                Completion("\(typed.message).http.\(typed.name):\($0)", .field, "STRING", rank: 1)
            }
        }
        let names = all.map(\.name).filter {
            !$0.isEmpty && !$0.hasSuffix("*") && seen.insert($0.lowercased()).inserted
        }
        return names.sorted().map { name in
            let label = "\(typed.message).http.\(name)"
            let symbol = Symbol(kind: .header, name: label.lowercased())
            return Completion(label, .field, "STRING", symbol: symbol, rank: 1)
        }
    }

    // MARK: functions

    /// Built-in functions that exist here, and the program's own functional subs.
    func functions(_ fits: (Function) -> Bool) -> [Completion] {
        let built = Functions.all.filter { exists($0.scopes) && fits($0) }.map { row in
            Completion(
                row.name, .function, row.signature,
                snippet: snippet(row.name, Array(BuiltIns.parameters(row).prefix(row.required))),
                symbol: Symbol(kind: .function, name: row.name))
        }
        let own = program.names(.sub).compactMap { name -> Completion? in
            let symbol = Symbol(kind: .sub, name: name)
            guard let declared = program.first(symbol)?.declared, !declared.type.isEmpty, name != owner else {
                return nil
            }
            let parameters = declared.parameters.map { "\($0.type) \($0.name)" }
            return Completion(
                name, .function, "\(declared.type) \(name)(\(parameters.joined(separator: ", ")))",
                snippet: snippet(name, parameters), symbol: symbol, rank: 2)
        }
        return own + built
    }
}
