import Diagnostics

/// What the checks report. The rule's row says how bad it is.
struct Findings {
    private(set) var all: [Diagnostic] = []
    private let sources: SourceSet
    /// For each file whether it was made by a machine.
    private let generated: [Bool]

    init(_ sources: SourceSet, generatedPrefix: String) {
        self.sources = sources
        generated = sources.files.map { $0.name.hasPrefix(generatedPrefix) }
    }

    mutating func add(
        _ rule: String, _ span: Span, _ message: String, hint: String? = nil, fixes: [Fix] = [],
        as severity: Diagnostic.Severity? = nil
    ) {
        guard let row = LintRules.byID[rule] else { preconditionFailure("no rule is named \(rule)") }
        if Int(span.file) < generated.count, generated[Int(span.file)] { return }
        all.append(Diagnostic(rule, severity ?? row.severity, at: span, message, hint: hint, fixes: fixes))
    }

    /// A fix that takes something out, with its line where nothing else stands there.
    func removal(_ what: String, _ span: Span, safe: Bool) -> Fix {
        Fix(what, safe: safe, [Fix.Edit(sources.wholeLines(span), "")])
    }
}
