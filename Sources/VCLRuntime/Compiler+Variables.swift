import Diagnostics
import HTTP1
import Kernel
import VCL

extension Compiler {
    func inScope(
        _ scopes: Scopes, _ name: @autoclosure () -> String, _ span: Span, _ context: SubContext
    ) -> Bool {
        let outside = context.scopes.subtracting(scopes)
        guard !outside.isEmpty else { return true }
        report(
            "vcl/scope", span,
            "'\(name())' does not exist in \(outside.names.map { "vcl_" + $0 }.joined(separator: ", "))",
            hint: scopes.isEmpty ? nil : "it can be used in " + scopes.names.joined(separator: ", "))
        return false
    }

    /// A name that stands for a value: a literal, a variable, a header, a declared thing.
    func name(_ span: Span, _ context: SubContext) -> Code? { name(word(span), span, context) }

    func name(_ name: Word, _ span: Span, _ context: SubContext) -> Code? {
        switch meaning(name) {
        case .constant(let code): return code
        case .local: return local(name, span, context)?.read
        case .header(let header):
            return inScope(header.reference.place.readScopes, name.text, span, context)
                ? .string(header.read) : nil
        case .variable(let row): return value(row, span, context)
        case .other: return declared(name.text, span, context)
        }
    }

    private func declared(_ word: String, _ span: Span, _ context: SubContext) -> Code? {
        // A counter's and a backend's own variables have names of several parts.
        if word.utf8.contains(UInt8(ascii: ".")) {
            if let row = RateVariables.named(word, ratecounters, literals) {
                return value(row, span, context)
            }
            if let code = ofBackend(word, span, context) { return isObserved ? code.replaceable(word) : code }
        }
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

    private func value(_ row: Variable, _ span: Span, _ context: SubContext) -> Code? {
        guard let get = row.get else {
            report("vcl/variable", span, "'\(row.name)' can be set, not read")
            return nil
        }
        guard inScope(row.scopes, row.name, span, context) else { return nil }
        return isObserved ? get.replaceable(row.name) : get
    }

    private func meaning(_ word: Word) -> Word.Meaning {
        if let known = word.meaning { return known }
        let found = newMeaning(word)
        word.meaning = found
        return found
    }

    private func newMeaning(_ word: Word) -> Word.Meaning {
        let bytes = word.bytes
        if bytes == "true" { return .constant(.bool { _ in true }) }
        if bytes == "false" { return .constant(.bool { _ in false }) }
        if bytes.hasPrefix("var.") { return .local }
        if let header = HeaderReference(bytes) { return .header(KnownHeader(header, literals)) }
        if bytes.hasPrefix("re.group."), let index = Int(word.text.dropFirst(9)), index < Regex.groups {
            return .constant(.string { $0.group(index) })
        }
        return Variables.byName[word.text].map { .variable($0) } ?? .other
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

    private func local(_ word: Word, _ span: Span, _ context: SubContext) -> Local? {
        if let found = context.local(word) { return found }
        report(
            "vcl/unknown-variable", span, "'\(word.text)' is not declared in '\(context.sub.text)'",
            hint: nearest(word.text, among: context.locals.map(\.word.text)).map { "did you mean '\($0)'?" }
                ?? "write 'declare local \(word.text) STRING;'")
        return nil
    }

    // MARK: set

    func set(_ target: Name, _ symbol: Name, _ value: Expression, _ context: SubContext) -> StepCode? {
        guard let destination = destination(word(target.span), target.span, context) else { return nil }
        guard bytes(symbol.span) == "=" else {
            return update(destination, text(symbol), symbol, value, context)
        }
        let code =
            destination.takesHeaderText
            ? headerText(value, context) : converted(value, to: destination.type, context)
        return code.flatMap { assign(destination, $0) }
    }

    private func update(
        _ destination: Destination, _ operation: String, _ symbol: Name, _ value: Expression,
        _ context: SubContext
    ) -> StepCode? {
        guard let current = current(destination) else {
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
        return assign(destination, result)
    }

    /// Where `set` writes.
    private enum Destination {
        case local(Local)
        case header(KnownHeader)
        /// A header that programs may write without effect.
        case ignored(KnownHeader)
        case variable(Variable, Variable.Setter)

        var type: ValueType {
            switch self {
            case .local(let local): local.type
            case .header, .ignored: .string
            case .variable(_, let setter): setter.type
            }
        }

        var takesHeaderText: Bool { if case .header = self { true } else { false } }
    }

    private func destination(_ name: Word, _ span: Span, _ context: SubContext) -> Destination? {
        switch meaning(name) {
        case .local: return local(name, span, context).map { .local($0) }
        case .header(let header):
            guard inScope(header.reference.place.writeScopes, name.text, span, context) else { return nil }
            guard !header.isProtected else {
                protected(name.text, span)
                return nil
            }
            let isIgnored = header.isOfConnection && hasNoEffect(header.reference, name.text, span)
            return isIgnored ? .ignored(header) : .header(header)
        case .variable(let row):
            guard let setter = row.set else {
                report("vcl/variable", span, "'\(name.text)' can be read, not set")
                return nil
            }
            guard inScope(row.scopes, name.text, span, context) else { return nil }
            return .variable(row, setter)
        case .constant, .other:
            if name.text.hasPrefix("re.group.") {
                report("vcl/variable", span, "'\(name.text)' can be read, not set")
            } else {
                unknown(name.text, span)
            }
            return nil
        }
    }

    /// What stands in a destination before it is set; nil for what cannot be read.
    private func current(_ destination: Destination) -> Code? {
        switch destination {
        case .local(let local): local.read
        case .header(let header), .ignored(let header): .string(header.read)
        case .variable(let row, _): row.get
        }
    }

    private func assign(_ destination: Destination, _ code: Code) -> StepCode? {
        switch destination {
        case .local(let local): return store(code.neverNotSet, in: local)
        case .ignored: return { _ in .next }
        case .variable(_, let setter): return assign(setter, code)
        case .header(let header):
            guard let value = code.asString else { return nil }
            let write = header.write
            return {
                write($0, value($0))
                return .next
            }
        }
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
        guard header.isProtected else { return true }
        protected(word, span)
        return false
    }

    private func protected(_ word: String, _ span: Span) {
        report("vcl/protected-header", span, "'\(word)' belongs to the server and cannot be changed")
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
        let (word, span) = (word(target.span), target.span)
        if word.bytes.hasSuffix(Bytes("*")), let all = HeaderReference(word.bytes, wildcard: true) {
            guard inScope(all.place.writeScopes, word.text, span, context) else { return nil }
            return erasing(all.eraser(literals))
        }
        if case .header(let header) = meaning(word) {
            guard inScope(header.reference.place.writeScopes, word.text, span, context) else { return nil }
            guard !header.isProtected else {
                protected(word.text, span)
                return nil
            }
            let isIgnored = header.isOfConnection && hasNoEffect(header.reference, word.text, span)
            return isIgnored ? { _ in .next } : erasing(header.erase)
        }
        guard let row = Variables.byName[word.text] else {
            unknown(word.text, span)
            return nil
        }
        guard let erase = row.unset else {
            report("vcl/variable", span, "'\(word.text)' cannot be unset")
            return nil
        }
        return inScope(row.scopes, word.text, span, context) ? erase : nil
    }

    private func erasing(_ erase: @escaping @Sendable (Context) -> Void) -> StepCode {
        {
            erase($0)
            return .next
        }
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
        let name = HeaderName(literals.store(header.name))
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
