import Diagnostics

/// What a person chose about the linter.
package struct LintOptions: Sendable {
    package enum Level: String, Sendable, CaseIterable {
        case off, info, warning, error

        var severity: Diagnostic.Severity? { Diagnostic.Severity(rawValue: rawValue) }
    }

    /// By rule id, with or without `vcl/`, or by falco's id.
    package var levels: [String: Level] = [:]
    /// What the names of sources begin with that nobody wrote; the checks say nothing about those.
    package var generatedPrefix = "generated "
    /// Hosts that are the campaign's own; a redirect to `https://` one of them is one within the site.
    package var hosts: [String] = []

    /// Whether the process ends with this: what was made to find the findings is then left to the system, because taking a
    /// program apart costs a tenth of looking at it.
    package var isLast = false

    package init() {}

    /// The names in `levels` that no rule has.
    package var unknownRules: [String] { levels.keys.filter { LintRules.named($0).isEmpty }.sorted() }

    /// By rule id.
    var resolved: [String: Level] {
        var found: [String: Level] = [:]
        for (name, level) in levels { for rule in LintRules.named(name) { found[rule.id] = level } }
        return found
    }
}
