package import Diagnostics
package import VCL
package import VCLRuntime

/// Reads a program as a whole: what the compiler says of it, and what the checks find in its tree. Pure: the same program
/// has the same findings in the same order.
package enum Linter {
    package static func lint(
        main: SourceFile, model: ServiceModel = ServiceModel(), options: LintOptions = LintOptions()
    ) -> LintResult {
        let (main, model) = wrapped(main, model, options)
        let compiler = Compiler(model: model)
        _ = compiler.compile(main)
        let program = LintedProgram(compiler, model: model, options: options)
        var findings = Findings(program.sources)
        for check in checks { check(program, &findings) }
        let all = compiler.diagnostics + findings.all
        let told = all.filter { program.sources.file(of: $0.span)?.name != wrapperName }
        return result(told, program.sources, options)
    }

    private static func result(_ found: [Diagnostic], _ sources: SourceSet, _ options: LintOptions)
        -> LintResult
    {
        let levels = options.resolved
        var comments = IgnoreComments(sources)
        var seen: Set<Diagnostic> = []
        var ignored = 0
        var kept: [Diagnostic] = []
        for diagnostic in found {
            let level = levels[diagnostic.rule]
            if level == .off || !seen.insert(diagnostic).inserted { continue }
            if comments.covers(diagnostic) {
                ignored += 1
                continue
            }
            kept.append(level?.severity.map { diagnostic.with($0) } ?? diagnostic)
        }
        return LintResult(findings: kept.inReadingOrder, sources: sources, ignored: ignored)
    }

    static let checks: [@Sendable (LintedProgram, inout Findings) -> Void] = [
        Unused.check, LocalVariables.check, Labels.check, Reachability.check, Conditions.check,
        Returns.check, Captures.check, Patterns.check, Lists.check, Backends.check, Macros.check,
        TableKeys.check, Redirects.check, Headers.check, Varying.check, CacheKeys.check, Cookies.check,
        Secrets.check, Visitors.check, Purging.check, Names.check,
    ]

    // MARK: bare snippets

    /// The file that stands around a bare snippet; nothing is told about it.
    static let wrapperName = "(around the snippet)"

    /// A main file without declarations is a snippet: it is checked inside the sub of its state.
    private static func wrapped(_ main: SourceFile, _ model: ServiceModel, _ options: LintOptions) -> (
        SourceFile, ServiceModel
    ) {
        guard let scope = options.snippetScope ?? snippetScope(of: main) else { return (main, model) }
        var model = model
        model.snippets[scope.rawValue, default: []].append(main)
        let around = SourceFile(
            name: wrapperName, text: "sub \(scope.subroutine) {\n#FASTLY \(scope.rawValue)\n}\n")
        return (around, model)
    }

    /// The state that a bare snippet's name ends with (`recv.vcl`, `geo_recv.vcl`, `deliver/headers.vcl`); nil for a
    /// file that holds declarations.
    package static func snippetScope(of file: SourceFile) -> Scope? {
        let words = file.name.lowercased().split { !$0.isLetter }.map(String.init)
        guard let scope = words.reversed().lazy.compactMap({ Scope(rawValue: $0) }).first else { return nil }
        let (tree, mistakes) = Parser.parse(file, file: 0)
        return tree.declarations.isEmpty && !mistakes.isEmpty ? scope : nil
    }

    // MARK: fixing

    /// Rounds of fixing; each makes the program shorter or simpler, so that this is never reached.
    private static let mostRounds = 20

    /// The program with all safe fixes applied, again and again until there are none, and what is left to say. Files keep
    /// their names; only those that changed are in `changed`.
    package static func fixing(
        main: SourceFile, model: ServiceModel = ServiceModel(), options: LintOptions = LintOptions()
    ) -> (changed: [SourceFile], result: LintResult) {
        var (main, model) = (main, model)
        var changed: [String: SourceFile] = [:]
        var result = lint(main: main, model: model, options: options)
        for _ in 0..<mostRounds where result.findings.contains(where: { $0.fixes.contains(where: \.isSafe) })
        {
            let different = zip(result.sources.files, result.fixed.files).filter { $0.bytes != $1.bytes }
            // A file that is included twice stands twice among the sources.
            let files = Dictionary(different.map { ($1.name, $1) }) { first, _ in first }
            if files.isEmpty { break }
            changed.merge(files) { $1 }
            main = files[main.name] ?? main
            model.prelude = model.prelude.map { files[$0.name] ?? $0 }
            model.snippets = model.snippets.mapValues { $0.map { files[$0.name] ?? $0 } }
            model.includes = model.includes.mapValues { files[$0.name] ?? $0 }
            if let read = model.readInclude { model.readInclude = { read($0).map { files[$0.name] ?? $0 } } }
            result = lint(main: main, model: model, options: options)
        }
        return (changed.values.sorted { $0.name < $1.name }, result)
    }
}
