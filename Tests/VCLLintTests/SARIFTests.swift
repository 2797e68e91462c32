import Diagnostics
import Foundation
import Testing

@testable import VCLLint

@Suite struct SARIFTests {
    private let result = Linter.lint(
        main: SourceFile(
            name: "vcl/my main.vcl",
            text: "sub vcl_recv {\n#FASTLY recv\n  declare local var.a STRING;\n  error 850;\n}\n"))

    @Test func namesEachRuleAndPlacesEachFinding() throws {
        let log = SARIFLog(result, version: "1.2")
        let run = try #require(log.runs.first)
        #expect(run.tool.driver.rules.map(\.id) == LintRules.all.map(\.id))
        #expect(run.results.map(\.ruleId) == ["vcl/unused-variable", "vcl/error-status"])
        #expect(run.results.map(\.level) == ["warning", "note"])
        for one in run.results {
            let index = try #require(one.ruleIndex)
            #expect(run.tool.driver.rules[index].id == one.ruleId)
        }
        let place = try #require(run.results[0].locations.first?.physicalLocation)
        #expect(place.artifactLocation.uri == "vcl/my%20main.vcl")
        #expect(place.region == .init(startLine: 3, startColumn: 17, endLine: 3, endColumn: 22))
    }

    @Test func carriesTheFixes() throws {
        let log = SARIFLog(result, version: "1.2")
        let change = try #require(log.runs[0].results[0].fixes?.first?.artifactChanges.first)
        let whole = SARIFLog.Region(startLine: 3, startColumn: 1, endLine: 4, endColumn: 1)
        #expect(change.replacements.map(\.deletedRegion) == [whole])
        #expect(change.replacements.map(\.insertedContent.text) == [""])
        #expect(log.runs[0].results[1].fixes == nil)
    }

    @Test func isTheJSONThatTheStandardAsksFor() throws {
        let data = try JSONEncoder().encode(SARIFLog(result, version: "1.2"))
        let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object["version"] as? String == "2.1.0")
        #expect((object["$schema"] as? String)?.contains("sarif-schema-2.1.0") == true)
        #expect((object["runs"] as? [[String: Any]])?.count == 1)
    }
}
