import Diagnostics
import Kernel
import Testing
import VCLRuntime
import VCLSimulator

@testable import VCLPipeline

@Suite struct PipelineTests {
    private static let good = """
        backend F_a {
          .host = "a.example";
          .port = "80";
        }

        sub vcl_recv {
          #FASTLY recv
          set req.backend = F_a;
          if (req.url.path == "/old") {
            error 801 "/new";
          }
          return(lookup);
        }

        """

    private func candidate(_ text: String, test: String? = nil) -> Candidate {
        let file = SourceFile(name: "main.vcl", text: text)
        var candidate = Candidate(main: file, model: ServiceModel(), dictionaries: [:])
        candidate.files = [file]
        if let test { candidate.tests = [SourceFile(name: "main.test.vcl", text: test)] }
        return candidate
    }

    private func run(_ candidate: Candidate, live: Candidate? = nil, floor: Double? = nil) -> PipelineReport {
        var pipeline = Pipeline(candidate, clock: { 0 })
        pipeline.live = live
        pipeline.floor = floor
        pipeline.requests = [SimulatedRequest(url: "/"), SimulatedRequest(url: "/old")]
        return pipeline.run()
    }

    private static let test = """
        // @scope: recv
        sub test_lookup { testing.call_subroutine("vcl_recv"); assert.state(lookup); }
        """

    @Test func passesAGoodProgram() {
        let report = run(candidate(PipelineTests.good, test: PipelineTests.test), floor: 50)
        #expect(report.passed, "\(report.stages)")
        #expect(report.stages.map(\.name) == ["lint", "format", "tests", "coverage"])
        #expect(report.reason == nil)
    }

    @Test func saysWhatIsWrongFirst() {
        let broken = run(candidate(PipelineTests.good.replacing("F_a;", with: "F_b;")))
        #expect(!broken.passed && broken.stages.map(\.name) == ["lint"])
        #expect(
            broken.reason?.contains("main.vcl:8: unknown variable 'F_b'") == true, "\(broken.reason ?? "")")
        let failing = run(
            candidate(PipelineTests.good, test: PipelineTests.test.replacing("lookup)", with: "pass)")))
        #expect(failing.reason?.contains("expected the state pass, found lookup") == true)
        let uncovered = run(candidate(PipelineTests.good, test: PipelineTests.test), floor: 90)
        #expect(uncovered.reason == "coverage: 75.0% of statements, the floor is 90.0%")
        let untidy = run(candidate(PipelineTests.good.replacing("  return", with: "return")))
        #expect(untidy.reason == "format: not formatted: main.vcl")
    }

    @Test func comparesWithWhatIsLive() {
        let changed = candidate(PipelineTests.good.replacing("801 \"/new\"", with: "404 \"gone\""))
        let report = run(changed, live: candidate(PipelineTests.good))
        #expect(report.passed)
        #expect(report.textDifference.contains("-    error 801 \"/new\";\n+    error 404 \"gone\";"))
        #expect(report.behaviour.map(\.request.url) == ["/old"])
        #expect(report.stages.last?.summary == "2 lines; 1 of 2 requests are answered differently")
        #expect(report.markdown.contains("| GET /old | status 801 -&gt; 404"))
        #expect(report.junit.contains("<testsuite name=\"pipeline\" tests=\"4\" failures=\"0\""))
    }
}
