import Diagnostics
import Journey
import VCLLint

/// Findings in the format that code hosts show beside the code (OASIS SARIF 2.1.0).
enum SARIF {
    static func document(_ findings: [PlacedDiagnostic]) -> String {
        let used = Set(findings.map(\.rule))
        let rules = LintRules.all.filter { used.contains($0.id) }
        let driver = JSON.object([
            "name": .string("hq vcl lint"), "version": .string(HQ.version),
            "rules": .array(rules.map { rule($0) }),
        ])
        let run = JSON.object([
            "tool": .object(["driver": driver]), "columnKind": .string("unicodeCodePoints"),
            "results": .array(findings.map { result($0) }),
        ])
        return JSON.object([
            "$schema": .string("https://json.schemastore.org/sarif-2.1.0.json"), "version": .string("2.1.0"),
            "runs": .array([run]),
        ]).text
    }

    private static func rule(_ rule: LintRule) -> JSON {
        .object([
            "id": .string(rule.id), "shortDescription": .object(["text": .string(rule.summary)]),
            "defaultConfiguration": .object(["level": .string(level(rule.severity))]),
        ])
    }

    private static func level(_ severity: Diagnostic.Severity) -> String {
        severity == .info ? "note" : severity.rawValue
    }

    private static func result(_ finding: PlacedDiagnostic) -> JSON {
        let hint = finding.hint.map { ". Hint: \($0)" } ?? ""
        let region = JSON.object([
            "startLine": .integer(Int64(max(1, finding.line))),
            "startColumn": .integer(Int64(max(1, finding.column))),
            "endLine": .integer(Int64(max(1, finding.endLine))),
            "endColumn": .integer(Int64(max(1, finding.endColumn))),
        ])
        let place = JSON.object([
            "artifactLocation": .object(["uri": .string(finding.file)]), "region": region,
        ])
        return .object([
            "ruleId": .string(finding.rule), "level": .string(level(finding.severity)),
            "message": .object(["text": .string(finding.message + hint)]),
            "locations": .array([.object(["physicalLocation": place])]),
        ])
    }
}
