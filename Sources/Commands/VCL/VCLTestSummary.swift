import Diagnostics
import Journey
import Kernel
import VCL
import VCLTesting

/// What a run of tests came to, for people and for tools.
struct VCLTestSummary {
    let results: [TestFileResult]
    let took: Duration
    let coverage: Coverage

    init(results: [TestFileResult], took: Duration) {
        self.results = results
        self.took = took
        coverage = results.reduce(into: Coverage()) { $0.merge($1.coverage) }
    }

    var failed: Bool { results.contains { $0.failed } }

    private func count(_ belongs: (TestResult.Outcome) -> Bool) -> Int {
        results.reduce(0) { $0 + $1.results.count { belongs($0.outcome) } }
    }

    private var passedCount: Int { count { $0 == .passed } }
    private var skippedCount: Int { count { $0 == .skipped } }
    private var failedCount: Int { count { if case .failed = $0 { true } else { false } } }

    // MARK: text

    func text(colour: Bool, withCoverage: Bool) -> String {
        let paint = { (code: String, text: String) in colour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
        var out = ""
        // A program with mistakes keeps every file from running; they are told once.
        var told: Set<PlacedDiagnostic> = []
        for file in results {
            out += paint("1", file.file) + "\n"
            let new = file.mistakes.filter { told.insert($0).inserted }
            out +=
                new.isEmpty && !file.mistakes.isEmpty
                ? "  does not run, as above\n" : new.rendered(colour: colour)
            for one in file.results { out += line(one, file, colour, paint) }
        }
        var parts = [paint(failedCount == 0 ? "32;1" : "1", "\(passedCount) passed")]
        if failedCount > 0 { parts.append(paint("31;1", "\(failedCount) failed")) }
        if skippedCount > 0 { parts.append("\(skippedCount) skipped") }
        out += "\n" + parts.joined(separator: ", ") + " in \(milliseconds(took)) ms"
        if withCoverage { out += "\n" + coverageText }
        return out
    }

    private func line(
        _ one: TestResult, _ file: TestFileResult, _ colour: Bool, _ paint: (String, String) -> String
    ) -> String {
        let name = [one.test.group, one.test.name].compactMap(\.self).joined(separator: ": ")
        let scope = (one.test.scope?.rawValue ?? "request").padding(8)
        switch one.outcome {
        case .passed: return "  \(paint("32", "✓")) \(scope)\(name)\n"
        case .skipped: return "  - \(scope)\(name) (skipped)\n"
        case .failed(let failure):
            let detail = failure.rendered(in: file.sources, colour: colour).split(separator: "\n").map {
                "      \($0)\n"
            }
            let logs = one.logs.map { "      log: \($0)\n" }
            return "  \(paint("31", "✗")) \(scope)\(name)\n" + detail.joined() + logs.joined()
        }
    }

    private var coverageText: String {
        var lines = [
            "coverage: statements \(CoverageReport.share(coverage.statements())), branches \(CoverageReport.share(coverage.branches()))"
        ]
        for file in coverage.files {
            let missed = coverage.lines(of: file).filter { $0.value == 0 }.map(\.key).sorted()
            let places = missed.isEmpty ? "" : ", not run: lines \(VCLTestSummary.ranges(missed))"
            lines.append("  \(file): \(CoverageReport.share(coverage.statements(in: file)))\(places)")
        }
        return lines.joined(separator: "\n")
    }

    /// `3-5, 9`
    static func ranges(_ numbers: [Int]) -> String {
        var found: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = found.last, last.upperBound + 1 == number {
                found[found.count - 1] = last.lowerBound...number
            } else {
                found.append(number...number)
            }
        }
        return found.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ", ")
    }

    private func milliseconds(_ duration: Duration) -> String {
        let tenths = duration / .microseconds(100)
        return "\(Int(tenths) / 10).\(Int(tenths) % 10)"
    }

    // MARK: JSON

    func json(withCoverage: Bool) throws -> JSON {
        var members: [String: JSON] = [
            "passed": .integer(Int64(passedCount)), "failed": .integer(Int64(failedCount)),
            "skipped": .integer(Int64(skippedCount)),
            "milliseconds": .number(took / .milliseconds(1)),
            "files": .array(try results.map { try json($0) }),
        ]
        if withCoverage {
            members["coverage"] = .object([
                "statements": json(coverage.statements()), "branches": json(coverage.branches()),
                "files": .object(
                    Dictionary(
                        uniqueKeysWithValues: coverage.files.map { ($0, json(coverage.statements(in: $0))) })),
            ])
        }
        return .object(members)
    }

    private func json(_ share: Coverage.Share) -> JSON {
        .object([
            "reached": .integer(Int64(share.reached)), "all": .integer(Int64(share.all)),
            "percent": .number(share.percent),
        ])
    }

    private func json(_ file: TestFileResult) throws -> JSON {
        .object([
            "file": .string(file.file),
            "diagnostics": .array(file.mistakes.map(\.json)),
            "tests": .array(try file.results.map { try json($0, file) }),
        ])
    }

    private func json(_ one: TestResult, _ file: TestFileResult) throws -> JSON {
        var members: [String: JSON] = [
            "name": .string(one.test.name), "scope": one.test.scope.map { .string($0.rawValue) } ?? .null,
            "milliseconds": .number(Double(one.duration) / 1e6), "logs": .array(one.logs.map { .string($0) }),
        ]
        if let group = one.test.group { members["group"] = .string(group) }
        switch one.outcome {
        case .passed: members["outcome"] = .string("passed")
        case .skipped: members["outcome"] = .string("skipped")
        case .failed(let failure):
            members["outcome"] = .string("failed")
            members["failure"] = try JSON(
                encoding: [Diagnostic("vcl/test", at: failure.span, failure.message)].placed(
                    in: file.sources)[0])
        }
        return .object(members)
    }
}

extension TestFileResult {
    /// What kept the file from running.
    var mistakes: [PlacedDiagnostic] {
        (diagnostics.hasErrors ? diagnostics.placed(in: sources) : []) + programMistakes
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
