import Diagnostics
import HTTP1
import Kernel
import VCL

extension Compiler {
    func inScope(_ scopes: Scopes, _ name: String, _ span: Span, _ context: SubContext) -> Bool {
        let outside = context.scopes.subtracting(scopes)
        guard !outside.isEmpty else { return true }
        report(
            "vcl/scope", span,
            "'\(name)' does not exist in \(outside.names.map { "vcl_" + $0 }.joined(separator: ", "))",
            hint: scopes.isEmpty ? nil : "it can be used in " + scopes.names.joined(separator: ", "))
        return false
    }

    /// A name that stands for a value: a literal, a variable, a header, a declared thing.
    func name(_ span: Span, _ context: SubContext) -> Code? { name(sources.text(span), span, context) }

    func name(_ word: String, _ span: Span, _ context: SubContext) -> Code? {
        if word == "true" { return .bool { _ in true } }
        if word == "false" { return .bool { _ in false } }
        if word.hasPrefix("var.") { return local(word, span, context).map { read($0) } }
        if let header = HeaderReference(word) {
            guard inScope(header.place.readScopes, word, span, context) else { return nil }
            return .string(header.reader(parts.literals))
        }
        if word.hasPrefix("re.group."), let index = Int(word.dropFirst(9)), index < Regex.groups {
            return .string { $0.group(index) }
        }
        if let row = Variables.byName[word] ?? RateVariables.named(word, ratecounters, parts.literals) {
            guard let get = row.get else {
                report("vcl/variable", span, "'\(word)' can be set, not read")
                return nil
            }
            guard inScope(row.scopes, word, span, context) else { return nil }
            return isObserved ? get.replaceable(word) : get
        }
        if let code = ofBackend(word, span, context) { return isObserved ? code.replaceable(word) : code }
        if let own = addition?.variables[word] { return own }
        if let place = backendIndex[word] { return .backend { _ in Int64(place) } }
        if let place = aclIndex[word] { return .acl { _ in Int64(place) } }
        if let place = tableIndex[word] { return .table(place) }
        if model.isPartial, word.hasPrefix("F_"), let place = assumedBackend(word, span) {
            return .backend { _ in Int64(place) }
        }
        unknown(word, span)
        return nil
    }

    /// `backend.NAME.healthy` and its kin, of a backend or director that is declared.
    private func ofBackend(_ word: String, _ span: Span, _ context: SubContext) -> Code? {
        guard let (pattern, subject) = Variables.pattern(of: word), let make = pattern.backendCode,
            let place = backendIndex[subject], inScope(pattern.scopes, word, span, context)
        else { return nil }
        return make(place)
    }

    private func unknown(_ word: String, _ span: Span) {
        let candidates = Array(Variables.byName.keys) + Array(backendIndex.keys) + Array(aclIndex.keys)
        report(
            "vcl/unknown-variable", span, "unknown variable '\(word)'",
            hint: nearest(word, among: candidates).map { "did you mean '\($0)'?" })
    }

    private func local(_ word: String, _ span: Span, _ context: SubContext) -> Local? {
        if let found = context.variables[word] { return found }
        report(
            "vcl/unknown-variable", span, "'\(word)' is not declared in '\(context.name)'",
            hint: nearest(word, among: context.variables.keys).map { "did you mean '\($0)'?" }
                ?? "write 'declare local \(word) STRING;'")
        return nil
    }

    private func read(_ local: Local) -> Code {
        let slot = local.slot
        switch local.type {
        case .string: return .string { $0.strings[slot] }
        case .bool: return .bool { $0.integers[slot] != 0 }
        case .integer: return .integer { $0.integers[slot] }
        case .time: return .time { $0.integers[slot] }
        case .rtime: return .rtime { $0.integers[slot] }
        case .backend: return .backend { $0.integers[slot] }
        case .float: return .float { $0.floats[slot] }
        case .ip: return .ip { $0.addresses[slot] }
        case .acl, .table, .regex, .id, .void:
            preconditionFailure("no local variable has the type \(local.type)")
        }
    }

    // MARK: set

    func set(_ target: Name, _ symbol: Name, _ value: Expression, _ context: SubContext) -> StepCode? {
        let word = text(target)
        let operation = text(symbol)
        guard let destination = destination(word, target.span, context) else { return nil }
        guard operation == "=" else {
            return update(destination, operation, symbol, value, context)
        }
        let code =
            destination.isHeader
            ? headerText(value, context) : converted(value, to: destination.type, context)
        return code.flatMap { destination.assign($0) }
    }

    private func update(
        _ destination: Destination, _ operation: String, _ symbol: Name, _ value: Expression,
        _ context: SubContext
    ) -> StepCode? {
        guard let current = destination.get else {
            report("vcl/operator", symbol.span, "'\(operation)' needs a variable that can be read")
            return nil
        }
        let operand: ValueType = destination.type == .time ? .rtime : destination.type
        let scales = destination.type == .rtime && ["*=", "/="].contains(operation)
        guard let code = scales ? expression(value, context) : converted(value, to: operand, context) else {
            return nil
        }
        guard let result = Arithmetic.combine(current, operation, code) else {
            report(
                "vcl/operator", symbol.span,
                "'\(operation)' does not exist for a \(destination.type.rawValue)")
            return nil
        }
        return destination.assign(result)
    }

    /// Where `set` writes.
    struct Destination {
        let type: ValueType
        let get: Code?
        var isHeader = false
        let assign: (Code) -> StepCode?
    }

    private func destination(_ word: String, _ span: Span, _ context: SubContext) -> Destination? {
        if word.hasPrefix("var.") {
            guard let local = local(word, span, context) else { return nil }
            return Destination(type: local.type, get: read(local)) { code in
                guard let store = self.store(code.neverNotSet, in: local) else { return nil }
                return {
                    store($0)
                    return .next
                }
            }
        }
        if let header = HeaderReference(word) {
            guard inScope(header.place.writeScopes, word, span, context) else { return nil }
            guard isOpen(header, word, span) else { return nil }
            if hasNoEffect(header, word, span) {
                return Destination(type: .string, get: .string(header.reader(parts.literals))) { _ in
                    { _ in .next }
                }
            }
            let write = header.writer(parts.literals)
            return Destination(type: .string, get: .string(header.reader(parts.literals)), isHeader: true) {
                code in
                guard let value = code.asString else { return nil }
                return {
                    write($0, value($0))
                    return .next
                }
            }
        }
        guard let row = Variables.byName[word] else {
            if word.hasPrefix("re.group.") {
                report("vcl/variable", span, "'\(word)' can be read, not set")
            } else {
                unknown(word, span)
            }
            return nil
        }
        guard let setter = row.set else {
            report("vcl/variable", span, "'\(word)' can be read, not set")
            return nil
        }
        guard inScope(row.scopes, word, span, context) else { return nil }
        return Destination(type: setter.type, get: row.get) { self.assign(setter, $0) }
    }

    /// Whether changing this header comes to nothing; tells when so.
    private func hasNoEffect(_ header: HeaderReference, _ word: String, _ span: Span) -> Bool {
        guard header.isOfConnection else { return false }
        warn(
            "vcl/protected-header", span,
            "changing '\(word)' has no effect: the edge keeps connections by its own rules")
        return true
    }

    /// Whether a program may change this header; tells when not.
    private func isOpen(_ header: HeaderReference, _ word: String, _ span: Span) -> Bool {
        guard !header.wildcard, header.isProtected else { return true }
        report("vcl/protected-header", span, "'\(word)' belongs to the server and cannot be changed")
        return false
    }

    private func assign(_ setter: Variable.Setter, _ code: Code) -> StepCode? {
        switch (setter, code) {
        case (.string(let write), .string(let value)):
            return {
                write($0, value($0))
                return .next
            }
        case (.bool(let write), .bool(let value)):
            return {
                write($0, value($0))
                return .next
            }
        case (.integer(let write), .integer(let value)), (.time(let write), .time(let value)),
            (.rtime(let write), .rtime(let value)), (.backend(let write), .backend(let value)):
            return {
                write($0, value($0))
                return .next
            }
        case (.float(let write), .float(let value)):
            return {
                write($0, value($0))
                return .next
            }
        case (.ip(let write), .ip(let value)):
            return {
                write($0, value($0))
                return .next
            }
        default: return nil
        }
    }

    func unset(_ target: Name, _ context: SubContext) -> StepCode? {
        let word = text(target)
        if let header = HeaderReference(word, wildcard: true) {
            guard inScope(header.place.writeScopes, word, target.span, context),
                isOpen(header, word, target.span)
            else { return nil }
            if !header.wildcard, hasNoEffect(header, word, target.span) { return { _ in .next } }
            let erase = header.eraser(parts.literals)
            return {
                erase($0)
                return .next
            }
        }
        guard let row = Variables.byName[word] else {
            unknown(word, target.span)
            return nil
        }
        guard let erase = row.unset else {
            report("vcl/variable", target.span, "'\(word)' cannot be unset")
            return nil
        }
        return inScope(row.scopes, word, target.span, context) ? erase : nil
    }

    func add(_ target: Name, _ value: Expression, _ context: SubContext) -> StepCode? {
        let word = text(target)
        guard let header = HeaderReference(word), header.subfield == nil else {
            report(
                "vcl/variable", target.span, "'add' works on headers alone",
                hint: "for example 'add resp.http.Set-Cookie = ...;'")
            return nil
        }
        guard inScope(header.place.writeScopes, word, target.span, context),
            isOpen(header, word, target.span), let code = headerText(value, context)?.asString
        else { return nil }
        if hasNoEffect(header, word, target.span) { return { _ in .next } }
        let name = HeaderName(parts.literals.store(header.name))
        let place = header.place
        return { context in
            let value = code(context)
            place.modify(context) {
                $0.append(HeaderField(name, value: HeaderReference.clean(value, in: context.arena)))
            }
            return .next
        }
    }
}
