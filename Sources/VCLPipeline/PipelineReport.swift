package import Diagnostics
import Kernel
package import VCLSimulator
package import VCLTesting

/// What the pipeline found.
package struct PipelineReport: Sendable {
    package struct Stage: Sendable, Hashable {
        package let name: String
        package let passed: Bool
        package let summary: String
        package var hint: String?
        /// Nanoseconds.
        package var duration: Int64 = 0

        init(name: String, passed: Bool, summary: String, hint: String? = nil) {
            self.name = name
            self.passed = passed
            self.summary = summary
            self.hint = passed ? nil : hint
        }
    }

    package var stages: [Stage] = []
    package var findings: [PlacedDiagnostic] = []
    package var unformatted: [String] = []
    package var results: [TestFileResult] = []
    /// In the unified format; empty where there is nothing to compare with, or nothing differs.
    package var textDifference = ""
    package var behaviour: [BehaviourDifference] = []
    /// Requests that both programs were given.
    package var asked = 0

    package var passed: Bool { stages.allSatisfy(\.passed) }
    package var coverage: Coverage { results.reduce(into: Coverage()) { $0.merge($1.coverage) } }

    /// The first thing that is wrong, in a sentence.
    package var reason: String? {
        guard let stage = stages.first(where: { !$0.passed }) else { return nil }
        if stage.name == "tests", let failure = failures.first { return "\(stage.summary): \(failure)" }
        if stage.name == "lint", let first = findings.first(where: { $0.severity == .error }) {
            return "\(stage.summary): \(first.file):\(first.line): \(first.message)"
        }
        return "\(stage.name): \(stage.summary)"
    }

    /// Each test that failed, as `file: name: why`.
    package var failures: [String] {
        results.flatMap { file in
            file.results.compactMap { one in
                guard case .failed(let failure) = one.outcome else { return nil }
                return "\(file.file): \(one.test.name): \(failure.message)"
            }
                + (file.diagnostics.hasErrors
                    ? file.diagnostics.placed(in: file.sources).map { "\($0.file):\($0.line): \($0.message)" }
                    : [])
        }
    }

    // MARK: Markdown

    /// For a comment on a change.
    package var markdown: String {
        var out = "## VCL: \(passed ? "good" : "not good")\n\n| | stage | |\n| --- | --- | --- |\n"
        for stage in stages {
            out += "| \(stage.passed ? "✅" : "❌") | \(stage.name) | \(PipelineReport.cell(stage.summary)) |\n"
        }
        let told = findings.filter { $0.severity != .info }
        if !told.isEmpty {
            out += PipelineReport.fold(
                "Findings", told.rendered(), open: findings.contains { $0.severity == .error })
        }
        if !failures.isEmpty {
            out += PipelineReport.fold("Failed tests", failures.joined(separator: "\n"), open: true)
        }
        if !behaviour.isEmpty {
            out += "\n### Answers that differ\n\n| request | what differs |\n| --- | --- |\n"
            for one in behaviour {
                let changes = one.changes.map { PipelineReport.cell($0) }.joined(separator: "<br>")
                out += "| \(one.request.method) \(PipelineReport.cell(one.request.url)) | \(changes) |\n"
            }
        }
        if !textDifference.isEmpty {
            out += "\n<details><summary>Text</summary>\n\n```diff\n\(textDifference)\n```\n\n</details>\n"
        }
        return out
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ").markup
    }

    private static func fold(_ title: String, _ text: String, open: Bool) -> String {
        "\n<details\(open ? " open" : "")><summary>\(title)</summary>\n\n```\n\(text)\n```\n\n</details>\n"
    }

    // MARK: JUnit

    /// The stages as a suite of their own, then the tests.
    package var junit: String {
        var suite = "  <testsuite name=\"pipeline\" tests=\"\(stages.count)\""
        suite += " failures=\"\(stages.count { !$0.passed })\" errors=\"0\" skipped=\"0\">\n"
        for stage in stages {
            suite += "    <testcase name=\"\(stage.name)\" classname=\"pipeline\">"
            if !stage.passed {
                let detail = stage.name == "lint" ? findings.rendered() : stage.summary
                suite += "<failure message=\"\(stage.summary.markup)\">\(detail.markup)</failure>"
            }
            suite += "</testcase>\n"
        }
        let tests = JUnit.document(results)
        let open = "<testsuites>\n"
        guard let place = tests.firstRange(of: open) else { return tests }
        return tests[..<place.upperBound] + suite + "  </testsuite>\n" + tests[place.upperBound...]
    }
}
