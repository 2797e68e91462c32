package import Diagnostics
import VCL
package import VCLRuntime

/// Reads a program as a whole: what the compiler says of it, and what the checks find in its tree. Pure: the same program
/// has the same findings in the same order. A bare snippet comes with the service around it, like any other program.
package enum Linter {
    package static func lint(
        main: SourceFile, model: ServiceModel = ServiceModel(), options: LintOptions = LintOptions()
    ) -> LintResult {
        let compiler = Compiler(model: model)
        _ = compiler.compile(main)
        let program = LintedProgram(compiler, model: model, options: options)
        var findings = Findings(program.sources, generatedPrefix: options.generatedPrefix)
        for check in checks { check(program, &findings) }
        if options.isLast {
            for one in [compiler, program] as [AnyObject] { _ = Unmanaged.passRetained(one) }
        }
        return result(compiler.diagnostics + findings.all, program.sources, options)
    }

    private static func result(_ found: [Diagnostic], _ sources: SourceSet, _ options: LintOptions)
        -> LintResult
    {
        let levels = options.resolved
        var comments = IgnoreComments(sources)
        var ignored = 0
        var kept: [Diagnostic] = []
        for diagnostic in found.inReadingOrder.withoutRepetitions {
            let level = levels[diagnostic.rule]
            if level == .off { continue }
            if comments.covers(diagnostic) {
                ignored += 1
                continue
            }
            kept.append(level?.severity.map { diagnostic.with($0) } ?? diagnostic)
        }
        return LintResult(findings: kept, sources: sources, ignored: ignored)
    }

    static let checks: [@Sendable (LintedProgram, inout Findings) -> Void] = [
        Unused.check, LocalVariables.check, Labels.check, Reachability.check, Conditions.check,
        Returns.check, Captures.check, Patterns.check, Lists.check, Backends.check, Macros.check,
        TableKeys.check, Redirects.check, Headers.check, Varying.check, CacheKeys.check, Cookies.check,
        Secrets.check, Visitors.check, Purging.check, Names.check,
    ]

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
