import Diagnostics

/// A result in the form that code hosts show beside the lines of a change: SARIF 2.1.0 (OASIS). Values alone; whoever writes
/// it encodes it as JSON.
package struct SARIFLog: Codable, Sendable {
    package var schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
    package var version = "2.1.0"
    package var runs: [Run]

    enum CodingKeys: String, CodingKey {
        case schema = "$schema"
        case version, runs
    }

    package struct Run: Codable, Sendable {
        package var tool: Tool
        package var columnKind = "unicodeCodePoints"
        package var results: [Result]
    }

    package struct Tool: Codable, Sendable {
        package var driver: Driver
    }

    package struct Driver: Codable, Sendable {
        package var name = "hq vcl lint"
        package var version: String
        package var rules: [Rule]
    }

    package struct Rule: Codable, Sendable {
        package var id: String
        package var shortDescription: Message
        package var help: Message
        package var defaultConfiguration: Configuration
    }

    package struct Configuration: Codable, Sendable {
        package var level: String
    }

    package struct Message: Codable, Sendable {
        package var text: String
    }

    package struct Result: Codable, Sendable {
        package var ruleId: String
        package var ruleIndex: Int?
        package var level: String
        package var message: Message
        package var locations: [Location]
        package var fixes: [Change]?
    }

    package struct Location: Codable, Sendable {
        package var physicalLocation: PhysicalLocation
    }

    package struct PhysicalLocation: Codable, Sendable {
        package var artifactLocation: Artifact
        package var region: Region
    }

    package struct Artifact: Codable, Sendable {
        package var uri: String
    }

    /// One-based; the end is excluded.
    package struct Region: Codable, Sendable, Equatable {
        package var startLine: Int
        package var startColumn: Int
        package var endLine: Int
        package var endColumn: Int
    }

    package struct Change: Codable, Sendable {
        package var description: Message
        package var artifactChanges: [ArtifactChange]
    }

    package struct ArtifactChange: Codable, Sendable {
        package var artifactLocation: Artifact
        package var replacements: [Replacement]
    }

    package struct Replacement: Codable, Sendable {
        package var deletedRegion: Region
        package var insertedContent: Message
    }
}

extension SARIFLog {
    /// `version` is that of the program that made it.
    package init(_ result: LintResult, version: String) {
        let rules = LintRules.all.map { rule in
            Rule(
                id: rule.id, shortDescription: Message(text: rule.summary),
                help: Message(text: "see docs/guide/vcl-rules/\(rule.page).md"),
                defaultConfiguration: Configuration(level: SARIFLog.level(rule.severity)))
        }
        let places = Dictionary(uniqueKeysWithValues: rules.enumerated().map { ($1.id, $0) })
        let results = result.findings.map { finding in
            Result(
                ruleId: finding.rule, ruleIndex: places[finding.rule],
                level: SARIFLog.level(finding.severity),
                message: Message(text: finding.message + (finding.hint.map { "; \($0)" } ?? "")),
                locations: SARIFLog.location(finding.span, result.sources).map {
                    [Location(physicalLocation: $0)]
                }
                    ?? [],
                fixes: finding.fixes.isEmpty ? nil : finding.fixes.map { SARIFLog.change($0, result.sources) }
            )
        }
        runs = [Run(tool: Tool(driver: Driver(version: version, rules: rules)), results: results)]
    }

    private static func level(_ severity: Diagnostic.Severity) -> String {
        switch severity {
        case .info: "note"
        case .warning: "warning"
        case .error: "error"
        }
    }

    private static func location(_ span: Span, _ sources: SourceSet) -> PhysicalLocation? {
        guard let file = sources.file(of: span) else { return nil }
        let start = file.position(of: span.start)
        let end = file.position(of: span.end)
        return PhysicalLocation(
            artifactLocation: Artifact(uri: reference(file.name)),
            region: Region(
                startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column))
    }

    private static func change(_ fix: Fix, _ sources: SourceSet) -> Change {
        let changes = fix.edits.compactMap { edit -> ArtifactChange? in
            guard let place = location(edit.span, sources) else { return nil }
            return ArtifactChange(
                artifactLocation: place.artifactLocation,
                replacements: [
                    Replacement(
                        deletedRegion: place.region, insertedContent: Message(text: edit.replacement))
                ])
        }
        return Change(description: Message(text: fix.description), artifactChanges: changes)
    }

    /// A file's name as a URI reference: what may not stand in one is written as `%XX`.
    private static func reference(_ name: String) -> String {
        var out = ""
        for byte in name.utf8 {
            let isPlain =
                byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte &- 0x30 < 10 || "/._-~".utf8.contains(byte)
            if isPlain {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                out += "%" + (digits.utf8.count < 2 ? "0" : "") + digits
            }
        }
        return out
    }
}
