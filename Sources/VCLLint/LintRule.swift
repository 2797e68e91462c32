package import Diagnostics

/// One thing that a program can be told about: one row, which the linter, the manual and the tests read.
package struct LintRule: Sendable, Hashable {
    /// `vcl/unused-table`; what stands behind the slash is the name of its manual page.
    package let id: String
    /// How bad it is unless the options say otherwise. For what the compiler reports, the worst that it may be.
    package let severity: Diagnostic.Severity
    /// One line, without a full stop.
    package let summary: String
    /// Ids under which falco knows it; ignore comments may name either.
    package let aliases: [String]
    /// Whether `--fix` answers it.
    package let isFixable: Bool

    init(
        _ id: String, _ severity: Diagnostic.Severity, _ summary: String, _ aliases: [String] = [],
        fixable: Bool = false
    ) {
        self.id = id
        self.severity = severity
        self.summary = summary
        self.aliases = aliases
        isFixable = fixable
    }

    /// The name of its page in the manual.
    package var page: String { String(id.drop { $0 != "/" }.dropFirst()) }
}

/// All rules, by subject.
package enum LintRules {
    package static let all: [LintRule] =
        (syntax + names + types + declarations + unused + flow + regexes + tables + caching + security
        + style).sorted { $0.id < $1.id }

    package static let byID: [String: LintRule] = Dictionary(
        all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

    /// The rules that an id of ours, the same without `vcl/`, or an id of falco's names.
    package static func named(_ name: String) -> [LintRule] {
        if let rule = byID[name] ?? byID["vcl/" + name] { return [rule] }
        return byAlias[name] ?? []
    }

    private static let byAlias: [String: [LintRule]] = {
        var found: [String: [LintRule]] = [:]
        for rule in all { for alias in rule.aliases { found[alias, default: []].append(rule) } }
        return found
    }()
}
