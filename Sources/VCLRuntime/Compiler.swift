package import Diagnostics
import Kernel
package import VCL

/// What a program consists of besides its main file.
package struct ServiceModel: Sendable {
    /// Tables whose content the campaign's dictionaries supply.
    package var dictionaries: [String] = []
    /// Access lists whose content the campaign's dictionaries of addresses supply.
    package var accessLists: [String] = []
    /// Code for the `#FASTLY` macros, by scope.
    package var snippets: [String: [SourceFile]] = [:]
    /// Files that `include` may name.
    package var includes: [String: SourceFile] = [:]
    /// Declarations that stand before the main file: backends made from the campaign file, for example.
    package var prelude: [SourceFile] = []
    /// Whether the program was given without its service: tables, ACLs, backends and subs that it only names may be there,
    /// so that naming them is a warning.
    package var isPartial = false
    /// Whether the program is to be served by an edge of ours, which does not speak TLS to backends yet.
    package var servedHere = false
    /// Finds what `includes` does not hold, when the program lies in files.
    package var readInclude: (@Sendable (String) -> SourceFile?)?

    package init() {}
}

/// Checks a program and turns it into closures. One pass over the tree does both, so that what was checked and what runs
/// cannot differ. A program with an error is never returned.
package final class Compiler {
    package private(set) var sources = SourceSet()
    package private(set) var diagnostics: [Diagnostic] = []
    /// All declarations of all files, included ones in their place, for those who look at a program as a whole.
    package private(set) var declarations: [Declaration] = []
    /// What stands for the `#FASTLY` macros and the includes inside subs, by the place of each.
    package private(set) var inlined: [Span: [Statement]] = [:]
    let model: ServiceModel
    var parts = ProgramParts()
    let literals = LiteralPool()
    var locals = LocalCounts()
    let words = Words()

    var backendIndex: [String: Int] = [:]
    var aclIndex: [String: Int] = [:]
    var tableIndex: [String: Int] = [:]
    var ratecounters: Set<String> = []
    var penaltyboxes: Set<String> = []
    /// By name, once all are collected.
    var subs: [Subroutine] = []
    var includeDepth = 0
    var isInsideMacro = false
    var probe: Probe?
    /// Whether statements and calls tell an observer of themselves.
    let isObserved: Bool
    let addition: Extension?
    var sites: [Site] = []
    /// The subs that are run from outside. Their mistakes are their own: a test that is wrong fails alone.
    var roots: [String: Scopes] = [:]
    var faults: [Int: [Diagnostic]] = [:]

    /// Includes inside includes.
    static let deepestInclude = 16

    package init(model: ServiceModel = ServiceModel(), observed: Bool = false, addition: Extension? = nil) {
        self.model = model
        isObserved = observed
        self.addition = addition
    }

    /// The program, or nil when there are errors; `diagnostics` and `sources` say which.
    package func compile(_ main: SourceFile) -> Program? { compile(main, with: [], roots: [:]) }

    /// The program together with the declarations of a test file. Its names win over the program's; `roots` are the subs that
    /// are run from outside, with the states whose variables they use.
    package func compile(_ main: SourceFile, with tests: [Declaration], roots: [String: Scopes]) -> Program? {
        for (index, name) in model.dictionaries.enumerated() {
            tableIndex[name] = index
            parts.tables.append((name, nil))
        }
        for (index, name) in model.accessLists.enumerated() {
            aclIndex[name] = index
            parts.acls.append((name, nil))
        }
        declarations = (model.prelude + [main]).flatMap { read($0) }
        let shadowed = Set(tests.map { text($0.name) })
        collect(
            shadowed.isEmpty
                ? declarations : declarations.filter { !shadowed.contains(text($0.name)) } + tests)
        self.roots = roots
        numberSubs()
        resolveScopes()
        for sub in subs where sub.code == nil { compileSub(sub, from: []) }
        let states = Scope.allCases.map { word($0.subroutine).sub?.code }
        guard !diagnostics.hasErrors else { return nil }
        return Program(
            parts: parts, literals: literals, states: states, locals: locals,
            observed: isObserved ? observedSubs() : nil)
    }

    private func observedSubs() -> ObservedSubs {
        ObservedSubs(
            names: subs.map(\.text), spans: subs.map(\.name.span), returns: subs.map(\.returns),
            codes: subs.map { faults[$0.number] == nil ? $0.code : nil },
            parameters: subs.map(\.parameterSlots), sites: sites, faults: faults)
    }

    // MARK: sources

    func read(_ file: SourceFile) -> [Declaration] {
        let index = addSource(file)
        let (tree, found) = Parser.parse(file, file: index)
        diagnostics += found
        return tree.declarations.flatMap { declaration -> [Declaration] in
            guard case .include(let path) = declaration.kind else { return [declaration] }
            guard let included = include(path) else { return [] }
            includeDepth += 1
            defer { includeDepth -= 1 }
            return read(included)
        }
    }

    func keep(_ statements: [Statement], inlinedAt span: Span) {
        if !statements.isEmpty { inlined[span] = statements }
    }

    package func addSource(_ file: SourceFile) -> Int {
        words.add(file)
        return sources.add(file)
    }

    func add(_ found: [Diagnostic]) { diagnostics += found }

    func include(_ path: Expression) -> SourceFile? {
        guard let name = literalText(path) else {
            report("vcl/include", path.span, "an include names its file in quotes")
            return nil
        }
        guard includeDepth < Compiler.deepestInclude else {
            report(
                "vcl/include", path.span, "includes are nested deeper than \(Compiler.deepestInclude) levels")
            return nil
        }
        if let found = model.includes[name] ?? model.includes[name + ".vcl"] ?? model.readInclude?(name) {
            return found
        }
        if name.hasPrefix("snippet::"), let found = model.snippets[String(name.dropFirst(9))]?.first {
            return found
        }
        let hint = nearest(name, among: model.includes.keys).map { "did you mean '\($0)'?" }
        report("vcl/include", path.span, "no file '\(name)' to include", hint: hint)
        return nil
    }

    // MARK: telling

    func report(_ rule: String, _ span: Span, _ message: String, hint: String? = nil) {
        diagnostics.append(Diagnostic(rule, at: span, message, hint: hint))
    }

    /// Takes back what was reported since there were `count` mistakes.
    func retract(to count: Int) -> [Diagnostic] {
        defer { diagnostics.removeSubrange(count...) }
        return Array(diagnostics[count...])
    }

    /// A name that nothing declares: a mistake, or, where the service is not known, a warning. True for the latter.
    func missing(_ rule: String, _ span: Span, _ message: String, hint: String?) -> Bool {
        guard model.isPartial else {
            report(rule, span, message, hint: hint)
            return false
        }
        warn(
            rule, span, message + " in these files",
            hint: hint ?? "the service may have it; give its folder or plan")
        return true
    }

    /// The place of a backend that the service is taken to have.
    func assumedBackend(_ name: String, _ span: Span) -> Int? {
        let hint = nearest(name, among: backendIndex.keys).map { "did you mean '\($0)'?" }
        guard missing("vcl/unknown-backend", span, "no backend is named '\(name)'", hint: hint) else {
            return nil
        }
        // Behind the directors there is no backend, so that its place has neither name nor host.
        let place = parts.backends.count + parts.directors.count
        backendIndex[name] = place
        return place
    }

    func warn(_ rule: String, _ span: Span, _ message: String, hint: String? = nil) {
        diagnostics.append(Diagnostic(rule, .warning, at: span, message, hint: hint))
    }

    /// The value of a string literal, or nil for any other expression.
    func literalText(_ expression: Expression) -> String? {
        guard case .string = expression.kind else { return nil }
        return word(expression.span).value
    }
}

/// A declared subroutine; several declarations of one reserved name are one, in their order.
final class Subroutine {
    let name: Name
    let text: String
    var bodies: [[Statement]]
    /// What its statements call, built-in functions too.
    var calls: [Name]
    let returns: ValueType?
    let parameters: [(type: ValueType, name: Name)]
    /// Its place among the subs.
    var number = 0
    /// The states from which it can be reached; empty when it is never called.
    var scopes: Scopes = []
    var code: StepCode?
    /// Whether its own statements match patterns, so that its caller's groups must be kept.
    var matches = false
    var parameterSlots: [Local] = []

    init(
        name: Name, text: String, body: [Statement], calls: [Name], returns: ValueType?,
        parameters: [(type: ValueType, name: Name)]
    ) {
        self.name = name
        self.text = text
        bodies = [body]
        self.calls = calls
        self.returns = returns
        self.parameters = parameters
    }
}

/// A local variable of the sub of this number, with its storage: its place in the list that holds values of its kind.
final class Local: Sendable {
    let type: ValueType
    let slot: Int
    let sub: Int
    let read: Code

    /// Nil for a type that no variable has.
    init?(_ type: ValueType, _ slot: Int, in sub: Int) {
        switch type {
        case .string: read = .string { $0.strings[slot] }
        case .bool: read = .bool { $0.integers[slot] != 0 }
        case .integer: read = .integer { $0.integers[slot] }
        case .time: read = .time { $0.integers[slot] }
        case .rtime: read = .rtime { $0.integers[slot] }
        case .backend: read = .backend { $0.integers[slot] }
        case .float: read = .float { $0.floats[slot] }
        case .ip: read = .ip { $0.addresses[slot] }
        case .acl, .table, .regex, .id, .void: return nil
        }
        self.type = type
        self.slot = slot
        self.sub = sub
    }
}
