import Diagnostics
import VCL
import VCLRuntime

/// Decides what can be offered at a place.
struct CompletionSource {
    let context: CompletionContext
    let program: ProgramView
    /// The sub around the place, its states (none when it is not known) and the type that it returns.
    let owner: String
    let scopes: Scopes
    private let returns: String

    init(_ context: CompletionContext, _ program: ProgramView, owner: String) {
        self.context = context
        self.program = program
        self.owner = owner
        if let scope = CompletionSource.scope(ofHook: owner) {
            scopes = Scopes(scope)
        } else {
            scopes = program.scopes[owner] ?? []
        }
        returns = program.first(Symbol(kind: .sub, name: owner))?.declared.type ?? ""
    }

    /// `before_recv@120`
    private static func scope(ofHook owner: String) -> Scope? {
        guard let name = owner.split(separator: "@").first, owner.contains("@") else { return nil }
        return name.split(separator: "_", maxSplits: 1).last.flatMap { Scope(rawValue: String($0)) }
    }

    func offers() -> [Completion] {
        guard let container = context.containers.last else { return declarations() }
        switch container.word {
        case .sub: return statement()
        case .describe: return declarations()
        case .backend, .director: return properties(container)
        case .table where context.statement.last?.kind == .colon:
            switch container.type {
            case "BACKEND": return names(.backend)
            case "ACL": return names(.acl)
            case "BOOL": return CompletionSource.truths
            default: return []
            }
        default: return []
        }
    }

    // MARK: outside of subs

    private func declarations() -> [Completion] {
        switch (context.first, context.statement.count) {
        case (_, 0): CompletionTexts.declarations
        case (.sub, 1):
            Scope.allCases.map { Completion($0.subroutine, .function, "the state \($0.rawValue)") }
        case (.director, 2): CompletionTexts.directors
        case (.table, 2): CompletionSource.types
        case (.sub, _): CompletionSource.types
        default: []
        }
    }

    private func properties(_ container: CompletionContext.Container) -> [Completion] {
        guard let first = context.statement.first else {
            return container.word == .backend
                ? CompletionTexts.backendProperties : CompletionTexts.directorProperties
        }
        guard context.statement.count == 2 else { return [] }
        let name = context.index.file.text(first.span)
        if name == ".backend" { return names(.backend).filter { $0.label != container.name } }
        return CompletionTexts.truths.contains(name) ? CompletionSource.truths : []
    }

    static let truths: [Completion] = [
        Completion("true", .constant, "BOOL"), Completion("false", .constant, "BOOL"),
    ]

    static let types: [Completion] = ValueType.allCases.filter { $0 != .void && $0 != .table }.map {
        Completion($0.rawValue, .type)
    }

    // MARK: statements

    private func statement() -> [Completion] {
        let count = context.statement.count
        switch context.first {
        case .none where count == 0: return CompletionTexts.statements + functions { _ in true }
        case .set:
            if count == 1 { return targets(.set) }
            return count > 2 ? expression(expected: type(of: context.word(1))) : []
        case .add: return count == 1 ? headers() : count > 2 ? expression() : []
        case .unset, .remove: return count == 1 ? targets(.unset) : []
        case .declare: return declare(count)
        case .call: return count == 1 ? subs() : context.calls.isEmpty ? [] : expression()
        case .goto: return labels()
        case .return: return states(count)
        case .else where count == 1: return [Completion("if", .keyword)]
        case .include, .import, .restart, .esi, .break, .fallthrough, .default, .case: return []
        case .if, .elsif, .elseif, .elif, .switch, .else: return context.calls.isEmpty ? [] : expression()
        case .none: return context.calls.isEmpty ? [] : expression()
        default: return expression()
        }
    }

    private func declare(_ count: Int) -> [Completion] {
        switch count {
        case 1: [Completion("local", .keyword)]
        case 2: [Completion("var.", .variable)]
        case 3: CompletionSource.types
        default: []
        }
    }

    private func states(_ count: Int) -> [Completion] {
        guard returns.isEmpty else { return expression(expected: returns) }
        guard count == 1 || (count == 2 && !context.calls.isEmpty) else { return [] }
        let known = scopes.names.compactMap { Scope(rawValue: $0) }
        let allowed = Action.allCases.filter { action in
            known.allSatisfy { Action.allowed(in: $0).contains(action) }
        }
        return allowed.map { Completion($0.rawValue, .state, rank: 1) }
    }

    private func subs() -> [Completion] {
        let own = names(.sub).filter { !$0.label.hasPrefix("vcl_") && $0.label != owner }
        return own.map { offer in
            let declared = program.first(Symbol(kind: .sub, name: offer.label))?.declared
            let parameters = (declared?.parameters ?? []).map { "\($0.type) \($0.name)" }
            var offer = offer
            offer.snippet = parameters.isEmpty ? nil : snippet(offer.label, parameters)
            return offer
        }
    }

    private func labels() -> [Completion] {
        program.inside(owner, .label).map { Completion($0.symbol.name, .value, symbol: $0.symbol) }
    }

    /// The declared things of one kind.
    func names(_ kind: Symbol.Kind, rank: Int = 2) -> [Completion] {
        program.names(kind).map { name in
            let symbol = Symbol(kind: kind, name: name)
            let declared = program.first(symbol)?.declared
            let detail = [declared?.keyword ?? kind.rawValue, declared?.detail ?? "of the service"]
            return Completion(
                name, kind == .sub ? .function : .value, detail.joined(separator: " ").trimmingSpace,
                symbol: symbol, rank: rank)
        }
    }

    /// `name(${1:STRING}, ${2:INTEGER})`, or the name alone where its parenthesis stands already.
    func snippet(_ name: String, _ arguments: [String]) -> String {
        guard !context.isCalled else { return name }
        let places = arguments.enumerated().map { "${\($0 + 1):\($1)}" }
        return "\(name)(\(places.joined(separator: ", ")))$0"
    }
}
