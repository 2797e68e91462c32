package import Diagnostics
import Kernel
import VCL
package import VCLLint
package import VCLRuntime
package import VCLSimulator
import VCLTesting

/// A program with everything that the pipeline looks at.
package struct Candidate: Sendable {
    package var main: SourceFile
    package var model: ServiceModel
    package var dictionaries: [String: [String: String]]
    /// `*.test.vcl` and `*.test.yaml`.
    package var tests: [SourceFile] = []
    /// The program's own files, whose format is checked and whose text is compared.
    package var files: [SourceFile] = []

    package init(main: SourceFile, model: ServiceModel, dictionaries: [String: [String: String]]) {
        self.main = main
        self.model = model
        self.dictionaries = dictionaries
    }
}

/// What a program goes through before it goes live: lint, format, tests, the floor of coverage, and how it differs from the
/// one that is live.
package struct Pipeline: Sendable {
    package let candidate: Candidate
    /// What is active now, to compare with.
    package var live: Candidate?
    /// Requests that both programs are given.
    package var requests: [SimulatedRequest] = []
    /// Percent of statements that the tests must reach.
    package var floor: Double?
    package var levels = LintOptions()
    package let clock: @Sendable () -> Int64

    package init(_ candidate: Candidate, clock: @escaping @Sendable () -> Int64) {
        self.candidate = candidate
        self.clock = clock
    }

    package func run() -> PipelineReport {
        var report = PipelineReport()
        report.stages.append(timed { lint(&report) })
        // What does not compile has nothing to test.
        guard !report.findings.contains(where: { $0.severity == .error }) else { return report }
        report.stages.append(timed { format(&report) })
        report.stages.append(timed { test(&report) })
        if let floor { report.stages.append(timed { cover(floor, report) }) }
        if let live { report.stages.append(timed { compare(live, &report) }) }
        return report
    }

    private func timed(_ body: () -> PipelineReport.Stage) -> PipelineReport.Stage {
        let began = clock()
        var stage = body()
        stage.duration = clock() - began
        return stage
    }

    // MARK: stages

    private func lint(_ report: inout PipelineReport) -> PipelineReport.Stage {
        let result = Linter.lint(main: candidate.main, model: candidate.model, options: levels)
        report.findings = result.placed
        let errors = report.findings.count { $0.severity == .error }
        let others = report.findings.count - errors
        let text =
            report.findings.isEmpty ? "nothing found" : "\(errors) errors, \(others) warnings and notes"
        return .init(name: "lint", passed: errors == 0, summary: text)
    }

    private func format(_ report: inout PipelineReport) -> PipelineReport.Stage {
        report.unformatted = candidate.files.filter { file in
            guard case .formatted(let text) = Formatter.format(file) else { return false }
            return Array(text.utf8) != file.bytes
        }.map(\.name)
        let names = report.unformatted.joined(separator: ", ")
        return .init(
            name: "format", passed: report.unformatted.isEmpty,
            summary: report.unformatted.isEmpty ? "formatted" : "not formatted: \(names)",
            hint: "hq vcl fmt")
    }

    private func test(_ report: inout PipelineReport) -> PipelineReport.Stage {
        var units = UnitTests(main: candidate.main, model: candidate.model, clock: clock)
        units.dictionaries = candidate.dictionaries
        let runner = TestRunner(units)
        report.results = candidate.tests.map { runner.run($0) }
        let all = report.results.flatMap(\.results)
        let failed = all.count { if case .failed = $0.outcome { true } else { false } }
        let broken = report.results.count { $0.failed && $0.results.isEmpty }
        var parts = ["\(all.count { $0.outcome == .passed }) passed"]
        if failed > 0 { parts.append("\(failed) failed") }
        if broken > 0 { parts.append("\(broken) files do not run") }
        return .init(
            name: "tests", passed: failed + broken == 0,
            summary: candidate.tests.isEmpty ? "there are none" : parts.joined(separator: ", "))
    }

    private func cover(_ floor: Double, _ report: PipelineReport) -> PipelineReport.Stage {
        let share = report.coverage.statements()
        let percent = candidate.tests.isEmpty ? 0 : share.percent
        return .init(
            name: "coverage", passed: percent >= floor,
            summary:
                "\(CoverageReport.rounded(percent))% of statements, the floor is \(CoverageReport.rounded(floor))%"
        )
    }

    private func compare(_ live: Candidate, _ report: inout PipelineReport) -> PipelineReport.Stage {
        let old = Dictionary(live.files.map { ($0.name, $0) }) { first, _ in first }
        let new = Dictionary(candidate.files.map { ($0.name, $0) }) { first, _ in first }
        report.textDifference = Set(old.keys).union(new.keys).sorted().compactMap { name in
            let texts = [old[name], new[name]].map {
                $0.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
            }
            let text = LineDiff.unified(texts[0], texts[1], from: "live/\(name)", to: name)
            return text.isEmpty ? nil : text
        }.joined(separator: "\n")
        report.asked = requests.count
        let now = clock()
        guard
            let before = try? SimulatedEdge(
                main: live.main, model: live.model, dictionaries: live.dictionaries, now: now),
            let after = try? SimulatedEdge(
                main: candidate.main, model: candidate.model, dictionaries: candidate.dictionaries, now: now)
        else { return .init(name: "difference", passed: true, summary: "what is live does not compile") }
        report.behaviour = BehaviourDifference.compare(before: before, after: after, requests: requests)
        let lines = report.textDifference.split(separator: "\n").count {
            ($0.hasPrefix("+") || $0.hasPrefix("-")) && !$0.hasPrefix("+++") && !$0.hasPrefix("---")
        }
        return .init(
            name: "difference", passed: true,
            summary:
                "\(lines) lines; \(report.behaviour.count) of \(requests.count) requests are answered differently"
        )
    }
}
