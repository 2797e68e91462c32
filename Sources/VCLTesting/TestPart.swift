import Diagnostics
import VCL
import VCLRuntime

/// Tests that are compiled together: those outside of every `describe`, or those of one.
struct TestPart {
    let isGroup: Bool
    let declarations: [Declaration]
    let names: Set<String>
    /// The hooks' names, by the state before or after whose tests they run.
    var before: [Scope: String] = [:]
    var after: [Scope: String] = [:]
    let tests: [TestCase]
    let roots: [String: Scopes]
}

extension UnitTests {
    /// The tests outside of every `describe`, if there are any, then each `describe`.
    func parts(of tree: SyntaxTree, in file: SourceFile) -> [TestPart] {
        let groups = tree.declarations.compactMap { declaration -> TestPart? in
            guard case .describe(let inner) = declaration.kind else { return nil }
            return part(inner, group: file.text(declaration.name.span), tree, file)
        }
        let single = tree.declarations.filter { if case .describe = $0.kind { false } else { true } }
        let alone = rounds(single, file).map { part($0, group: nil, tree, file) }.filter { !$0.tests.isEmpty }
        return alone + groups
    }

    /// Several subs of a file may have one name: each round has the next of each name, and everything that is no sub.
    private func rounds(_ declarations: [Declaration], _ file: SourceFile) -> [[Declaration]] {
        var seen: [String: Int] = [:]
        var rounds: [[Declaration]] = [[]]
        var common: [Declaration] = []
        for declaration in declarations {
            guard case .sub = declaration.kind else {
                common.append(declaration)
                continue
            }
            let round = seen[file.text(declaration.name.span), default: 0]
            seen[file.text(declaration.name.span)] = round + 1
            if round == rounds.count { rounds.append([]) }
            rounds[round].append(declaration)
        }
        return rounds.map { common + $0 }
    }

    private func part(_ declarations: [Declaration], group: String?, _ tree: SyntaxTree, _ file: SourceFile)
        -> TestPart
    {
        var (tests, roots): ([TestCase], [String: Scopes]) = ([], [:])
        var hooks: [Bool: [Scope: String]] = [:]
        for declaration in declarations {
            let name = file.text(declaration.name.span)
            switch declaration.kind {
            case .hook(let before, let scope, _):
                guard let state = Scope(rawValue: file.text(scope.span)) else { continue }
                hooks[before, default: [:]][state] = name
                roots[name] = Scopes(state)
            // What takes arguments or returns a value is there for the tests to call.
            case .sub(nil, let parameters, _) where parameters.isEmpty:
                let comments = tree.leadingComments(of: declaration).map { file.text($0.span) }
                let said = TestAnnotations(comments: comments, sub: name)
                roots[name] = said.scopes.reduce(into: Scopes(rawValue: 0)) { $0.insert(Scopes($1)) }
                tests += said.scopes.map {
                    TestCase(
                        name: said.suite ?? name, group: group, sub: name, scope: $0,
                        isSkipped: said.isExcluded(by: tags))
                }
            default: break
            }
        }
        return TestPart(
            isGroup: group != nil, declarations: declarations,
            names: Set(declarations.map { file.text($0.name.span) }), before: hooks[true] ?? [:],
            after: hooks[false] ?? [:], tests: tests, roots: roots)
    }
}
