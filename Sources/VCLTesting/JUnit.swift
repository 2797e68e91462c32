package import Diagnostics
import Kernel
import VCL
import VCLRuntime

/// The results as the XML that build servers read (JUnit's format, as Jenkins and GitLab document it).
package enum JUnit {
    package static func document(_ results: [TestFileResult]) -> String {
        var out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
        for file in results { out += suite(file) }
        return out + "</testsuites>\n"
    }

    private static func suite(_ file: TestFileResult) -> String {
        let all = file.results
        let failed = all.count { if case .failed = $0.outcome { true } else { false } }
        let skipped = all.count { $0.outcome == .skipped }
        let mistakes = file.diagnostics.placed(in: file.sources) + file.programMistakes
        let errors = mistakes.isEmpty ? 0 : 1
        let time = seconds(all.reduce(0) { $0 + $1.duration })
        var out =
            "  <testsuite name=\"\(file.file.markup)\" tests=\"\(all.count + errors)\" failures=\"\(failed)\""
        out += " errors=\"\(errors)\" skipped=\"\(skipped)\" time=\"\(time)\">\n"
        if errors > 0 {
            let text = mistakes.rendered().markup
            out +=
                "    <testcase name=\"compiles\" classname=\"\(file.file.markup)\"><error>\(text)</error></testcase>\n"
        }
        for one in all { out += testCase(one, file) }
        return out + "  </testsuite>\n"
    }

    private static func testCase(_ one: TestResult, _ file: TestFileResult) -> String {
        let name = [
            one.test.group, one.test.scope.map { "\(one.test.name) (\($0.rawValue))" } ?? one.test.name,
        ].compactMap(\.self)
        var out =
            "    <testcase name=\"\(name.joined(separator: ": ").markup)\" classname=\"\(file.file.markup)\""
        out += " time=\"\(seconds(one.duration))\">"
        switch one.outcome {
        case .passed: break
        case .skipped: out += "<skipped/>"
        case .failed(let failure):
            out +=
                "<failure message=\"\(failure.message.markup)\">\(failure.rendered(in: file.sources).markup)</failure>"
        }
        if !one.logs.isEmpty { out += "<system-out>\(one.logs.joined(separator: "\n").markup)</system-out>" }
        return out + "</testcase>\n"
    }

    /// With the microseconds that are left of it.
    private static func seconds(_ nanoseconds: Int64) -> String {
        let micros = nanoseconds / 1000
        let rest = String(micros % 1_000_000)
        return "\(micros / 1_000_000)." + String(repeating: "0", count: 6 - rest.count) + rest
    }
}

extension TestFailure {
    /// As a mistake of the test file is shown: the place, the line and a caret.
    package func rendered(in sources: SourceSet, colour: Bool = false) -> String {
        [Diagnostic("vcl/test", at: span, message)].placed(in: sources).rendered(colour: colour)
    }
}
