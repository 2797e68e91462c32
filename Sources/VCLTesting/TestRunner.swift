package import Diagnostics
import Kernel
import VCLRuntime
import VCLSimulator

/// Runs the test files of one program, both kinds: `*.test.vcl` (subs) and `*.test.yaml` (whole requests).
package struct TestRunner: Sendable {
    package var units: UnitTests

    package init(_ units: UnitTests) { self.units = units }

    package static let endings: [String] = [".test.vcl", ".test.yaml"]

    package func run(_ file: SourceFile) -> TestFileResult {
        file.name.hasSuffix(".yaml") ? runRequests(file) : units.run(file)
    }

    private func runRequests(_ file: SourceFile) -> TestFileResult {
        var result = TestFileResult(file: file.name)
        result.sources = SourceSet([file])
        let (tests, mistakes) = RequestTestReader.read(file)
        guard !mistakes.hasErrors else {
            result.diagnostics = mistakes
            return result
        }
        let runner = RequestTests(
            main: units.main, model: units.completeModel, dictionaries: units.dictionaries, clock: units.clock
        )
        for test in tests where units.filter.map({ test.name.contains($0) }) ?? true {
            do {
                let found = try runner.run(test) { subs, sources, hits in
                    result.coverage.add(subs, hits, sources, leavingOut: file.name)
                    result.programSources = sources
                }
                result.results.append(TestRunner.result(found))
            } catch {
                // The program itself is wrong: that is one mistake, not one for each test.
                result.programMistakes = error.diagnostics
                return result
            }
        }
        return result
    }

    private static func result(_ found: RequestTestResult) -> TestResult {
        let test = TestCase(name: found.name, group: nil, sub: "", scope: nil, isSkipped: false)
        guard let first = found.mistakes.first else {
            return TestResult(test: test, outcome: .passed, duration: found.duration, logs: [])
        }
        let message = found.mistakes.map(\.message).joined(separator: "; ")
        return TestResult(
            test: test, outcome: .failed(TestFailure(message: message, span: first.span)),
            duration: found.duration, logs: [])
    }
}
