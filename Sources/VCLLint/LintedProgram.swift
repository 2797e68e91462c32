import Diagnostics
import VCL
import VCLRuntime

/// A program as the checks see it: its declarations, and everything that its subs do as flat lists in reading order, read
/// from the tree once. What macros and includes stand for is in its place.
///
/// Names are normal: headers in lower case and without a sub-field (`req.http.cookie`), local variables with their sub
/// (`var.x@vcl_recv`), so that one word is one thing.
final class LintedProgram {
    let sources: SourceSet
    private let compiler: Compiler
    var normals: [String: (name: String, subfield: String?)] = [:]
    let model: ServiceModel
    let options: LintOptions
    let declarations: [Declaration]
    let inlined: [Span: [Statement]]
    /// Whether this is all of a program: it has states, and every include was found. Of a part nobody can say what the rest
    /// uses.
    let isWhole: Bool
    var subs: [LintedSub] = []

    var mentions: [Mention] = []
    var assignments: [Assignment] = []
    var matches: [Match] = []
    var comparisons: [Comparison] = []
    var calls: [Call] = []
    var exits: [Exit] = []
    var literals: [Literal] = []
    var conditions: [EnclosingCondition] = []
    var locals: [LocalVariable] = []
    /// Whether a label or a goto stands anywhere.
    var hasJumps = false

    /// By normal name.
    private(set) lazy var reads: [String: [Mention]] = Dictionary(
        grouping: mentions.lazy.filter { $0.kind == .read }, by: \.name)
    private(set) lazy var assignmentsByTarget: [String: [Assignment]] = Dictionary(
        grouping: assignments, by: \.target)
    private(set) lazy var feeds: [String: [String]] = LintedProgram.feeds(of: self)
    private(set) lazy var lookups: [String: [Lookup]] = TableKeys.lookups(in: self)
    /// The texts of all literals in lower case, each on a line.
    private(set) lazy var lowercasedLiterals: String = Set(literals.map { text($0.span) }).joined(
        separator: "\n"
    )
    .lowercased()
    private(set) lazy var subsByName: [String: [LintedSub]] = Dictionary(grouping: subs, by: \.name)

    init(_ compiler: Compiler, model: ServiceModel, options: LintOptions) {
        sources = compiler.sources
        self.compiler = compiler
        declarations = compiler.declarations
        inlined = compiler.inlined
        let states = Set(Scope.allCases.map(\.subroutine))
        let sources = compiler.sources
        isWhole =
            !compiler.diagnostics.contains { $0.rule == "vcl/include" }
            && compiler.declarations.contains { declaration in
                guard case .sub = declaration.kind else { return false }
                return states.contains(sources.text(declaration.name.span))
            }
        self.model = model
        self.options = options
        for declaration in declarations {
            guard case .sub(let returns, _, let body) = declaration.kind else { continue }
            let name = sources.text(declaration.name.span)
            subs.append(
                LintedSub(
                    name: name, declaration: declaration, body: body, scopes: [],
                    state: Scope(subroutine: name), returnsValue: returns != nil))
        }
        ProgramReader(self).read()
        resolveScopes()
    }

    /// Gives each sub the states that reach it, through the calls of snippets too.
    private func resolveScopes() {
        var called: [String: Set<String>] = [:]
        for call in calls where call.place.sub >= 0 {
            called[subs[call.place.sub].name, default: []].insert(call.name)
        }
        var scopes: [String: Scopes] = [:]
        for state in Scope.allCases {
            var queue = [state.subroutine]
            while let name = queue.popLast() {
                guard scopes[name, default: []].insert(Scopes(state)).inserted else { continue }
                queue += called[name] ?? []
            }
        }
        for index in subs.indices { subs[index].scopes = scopes[subs[index].name] ?? [] }
    }

    /// Whether the campaign file made the text, which nobody can change by hand.
    func isGenerated(_ span: Span) -> Bool {
        guard let name = sources.file(of: span)?.name else { return false }
        return name.hasPrefix(options.generatedPrefix) || model.prelude.contains { $0.name == name }
    }

    func text(_ span: Span) -> String {
        span.end - span.start > LintedProgram.longestWord ? sources.text(span) : compiler.text(span)
    }

    func text(_ name: Name) -> String { compiler.text(name.span) }

    /// Bytes of what is worth to be remembered by the compiler, because it may come again.
    private static let longestWord = 64

    /// Local variables of the type IP, by their normal names.
    var addressVariables: [String] { locals.filter { $0.type == "IP" }.map(\.name) }

    /// The conditions around a place, innermost first, each with whether it failed there.
    func conditions(around index: Int) -> [(condition: Expression, failed: Bool)] {
        var found: [(Expression, Bool)] = []
        var at = index
        while at >= 0 {
            found.append((conditions[at].condition, conditions[at].failed))
            at = conditions[at].outer
        }
        return found
    }
}

/// One declaration of a sub; a state may have several, which run one after the other.
struct LintedSub {
    let name: String
    let declaration: Declaration
    let body: [Statement]
    /// The states that reach it.
    var scopes: Scopes
    /// The state that it is.
    let state: Scope?
    let returnsValue: Bool
}

/// Where something stands in the flow.
struct Place {
    /// Index in `subs`, -1 outside of subs.
    let sub: Int
    /// Index in `conditions` of the innermost one around it, -1 for none.
    let condition: Int
    /// Counts up in reading order.
    let order: Int
}

/// A name where it is used.
struct Mention {
    enum Kind { case read, set, add, unset }
    let name: String
    /// The sub-field of a header, in lower case.
    let subfield: String?
    let kind: Kind
    let span: Span
    let place: Place
}

/// A value that goes somewhere: `set`, `add`; an error's text goes to `obj.response`, a page to `synthetic`, what a
/// functional sub returns to `sub:NAME`.
struct Assignment {
    let target: String
    let span: Span
    let operation: String
    let value: Expression
    let place: Place
}

struct Match {
    let subject: Expression
    let pattern: Expression
    let negated: Bool
    let span: Span
    let place: Place
}

/// `==` and `!=`.
struct Comparison {
    let left: Expression
    let right: Expression
    let negated: Bool
    let place: Place
}

struct Call {
    let name: String
    let arguments: [Expression]
    let span: Span
    let place: Place
}

/// A statement that ends the state.
struct Exit {
    enum Kind: Equatable { case action(Action), error(status: Int64?), restart, none }
    let kind: Kind
    let span: Span
    let place: Place
}

struct Literal {
    let span: Span
    let isLong: Bool
    let place: Place
}

/// `declare local`.
struct LocalVariable {
    let name: String
    let span: Span
    let type: String
    let statement: Span
    let place: Place
}

struct EnclosingCondition {
    let condition: Expression
    /// True where it did not hold: in an else, or in a later branch.
    let failed: Bool
    let outer: Int
}
