/// A mistake in something that a person wrote (VCL, the campaign file, a template). Collected, not thrown one by one.
package struct Diagnostic: Sendable, Hashable {
    package enum Severity: String, Sendable, Codable, CaseIterable, Comparable {
        case info, warning, error

        package static func < (left: Severity, right: Severity) -> Bool {
            allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
        }
    }

    /// `vcl/unknown-variable`: the area, then what is wrong; also the name of its manual page.
    package let rule: String
    package let severity: Severity
    package let span: Span
    package let message: String
    /// What to type instead.
    package let hint: String?
    /// Changes that would answer it, the best first.
    package let fixes: [Fix]

    package init(
        _ rule: String, _ severity: Severity = .error, at span: Span, _ message: String, hint: String? = nil,
        fixes: [Fix] = []
    ) {
        self.rule = rule
        self.severity = severity
        self.span = span
        self.message = message
        self.hint = hint
        self.fixes = fixes
    }

    /// The same with another severity.
    package func with(_ severity: Severity) -> Diagnostic {
        Diagnostic(rule, severity, at: span, message, hint: hint, fixes: fixes)
    }
}

extension Sequence<Diagnostic> {
    package var hasErrors: Bool {
        for one in self where one.severity == .error { return true }
        return false
    }

    /// By file and place, as people read.
    package var inReadingOrder: [Diagnostic] {
        sorted { ($0.span.file, $0.span.startOffset, $0.rule) < ($1.span.file, $1.span.startOffset, $1.rule) }
    }
}

extension [Diagnostic] {
    /// Each once, of a list in reading order, where equal ones stand close to each other.
    package var withoutRepetitions: [Diagnostic] {
        var kept: [Diagnostic] = []
        for one in self {
            let close = kept.reversed().prefix {
                ($0.span.file, $0.span.startOffset, $0.rule) == (
                    one.span.file, one.span.startOffset, one.rule
                )
            }
            if !close.contains(one) { kept.append(one) }
        }
        return kept
    }
}

/// A diagnostic with its place resolved, for JSON and for readers that do not have the sources.
package struct PlacedDiagnostic: Sendable, Codable, Hashable {
    package let rule: String
    package let severity: Diagnostic.Severity
    package let file: String
    package let line: Int
    package let column: Int
    package let endLine: Int
    package let endColumn: Int
    package let message: String
    package let hint: String?
    /// The line of the source that the caret stands under.
    package let source: String

    package init(_ diagnostic: Diagnostic, in sources: SourceSet) {
        rule = diagnostic.rule
        severity = diagnostic.severity
        message = diagnostic.message
        hint = diagnostic.hint
        guard let found = sources.file(of: diagnostic.span) else {
            (file, line, column, endLine, endColumn, source) = ("", 0, 0, 0, 0, "")
            return
        }
        file = found.name
        (line, column) = found.position(of: diagnostic.span.start)
        (endLine, endColumn) = found.position(of: diagnostic.span.end)
        source = found.lineText(line)
    }

    /// A line as a terminal may show it: what controls it is made visible.
    private static func shown(_ line: String) -> String {
        guard line.unicodeScalars.contains(where: { $0.value < 0x20 && $0 != "\t" || $0.value == 0x7F })
        else {
            return line
        }
        var text = ""
        for scalar in line.unicodeScalars {
            let controls = scalar.value < 0x20 && scalar != "\t" || scalar.value == 0x7F
            text.unicodeScalars.append(controls ? "\u{FFFD}" : scalar)
        }
        return text
    }

    /// The text that people see: place, message, the line with a caret, the hint.
    package func rendered(colour: Bool = false) -> String {
        let paint = { (code: String, text: String) in colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        let tint = severity == .error ? "31;1" : severity == .warning ? "33;1" : "36;1"
        var out = paint("1", "\(file):\(line):\(column):") + " " + paint(tint, severity.rawValue + ":")
        out += " \(message) [\(rule)]\n"
        let number = String(line)
        out += "  \(number) | \(PlacedDiagnostic.shown(source))\n"
        let lead = source.prefix(column - 1).map { $0 == "\t" ? "\t" : " " }.joined()
        let last = endLine == line ? endColumn : source.count + 1
        let wave = String(repeating: "~", count: max(0, last - column - 1))
        let margin = String(repeating: " ", count: number.count + 2)
        out += "\(margin) | \(lead)\(paint(tint, "^" + wave))\n"
        if let hint { out += "\(margin) = hint: \(hint)\n" }
        return out
    }
}

extension Sequence<Diagnostic> {
    /// Placed, in reading order, each once.
    package func placed(in sources: SourceSet) -> [PlacedDiagnostic] {
        inReadingOrder.withoutRepetitions.map { PlacedDiagnostic($0, in: sources) }
    }
}

extension Sequence<PlacedDiagnostic> {
    package func rendered(colour: Bool = false) -> String { map { $0.rendered(colour: colour) }.joined() }
}
