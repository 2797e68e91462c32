package import Diagnostics

/// What the linter found, in reading order.
package struct LintResult: Sendable {
    package let findings: [Diagnostic]
    package let sources: SourceSet
    /// Findings that a comment in the program asks not to tell.
    package let ignored: Int

    package var placed: [PlacedDiagnostic] { findings.placed(in: sources) }

    /// The sources with the safe fixes applied, once. `Linter.fixing` goes on until nothing is left.
    package var fixed: SourceSet { sources.applying(safeFixesOf: findings) }
}
