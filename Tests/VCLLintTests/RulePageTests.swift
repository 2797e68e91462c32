import Diagnostics
import Foundation
import Testing

@testable import VCLLint

/// The examples of the manual are the tests of the rules.
@Suite struct RulePageTests {
    private func lint(_ page: ManualPage, _ text: String) -> LintResult {
        Linter.lint(main: SourceFile(name: "main.vcl", text: text), model: page.model)
    }

    @Test func everyRuleHasAPageAndEveryPageARule() {
        #expect(ManualPage.all.map(\.name).sorted() == LintRules.all.map(\.page).sorted())
    }

    @Test(arguments: ManualPage.all) func theBadExampleIsToldAbout(_ page: ManualPage) {
        let rule = "vcl/" + page.name
        let result = lint(page, page.bad)
        let found = Set(result.findings.map(\.rule))
        #expect(found.contains(rule), "\(result.placed.rendered())")
        #expect(found.subtracting(page.also).subtracting([rule]).isEmpty, "\(result.placed.rendered())")
    }

    @Test(arguments: ManualPage.all) func theGoodExampleIsNot(_ page: ManualPage) {
        #expect(!page.good.isEmpty)
        let result = lint(page, page.good)
        let found = Set(result.findings.map(\.rule)).subtracting(page.also)
        #expect(found.isEmpty, "\(result.placed.rendered())")
        #expect(!result.findings.contains { $0.rule == "vcl/" + page.name }, "\(result.placed.rendered())")
    }

    @Test(arguments: ManualPage.all) func thePageSaysWhatTheRowSays(_ page: ManualPage) throws {
        let rule = try #require(LintRules.byID["vcl/" + page.name])
        #expect(page.text.hasPrefix("# \(rule.id)\n\n**\(rule.severity.rawValue)**"))
        for alias in rule.aliases { #expect(page.text.contains("`\(alias)`")) }
        #expect(page.text.contains("`--fix`") == rule.isFixable)
    }

    @Test func theIndexListsEveryRule() throws {
        let file = ManualPage.root.appending(path: "docs/guide/vcl-rules.md")
        let index = try String(contentsOf: file, encoding: .utf8)
        for rule in LintRules.all {
            let severity = rule.severity.rawValue + (rule.isFixable ? ", fixable" : "")
            let row = "| [\(rule.id)](vcl-rules/\(rule.page).md) | \(severity) | \(rule.summary) |"
            #expect(index.contains(row + "\n"), "\(row)")
        }
    }

    @Test(arguments: ManualPage.all) func silenceCanBeAskedForByName(_ page: ManualPage) {
        let rule = "vcl/" + page.name
        let before = lint(page, page.bad).findings.filter { $0.rule == rule }
        let text = "# hq-ignore-start \(rule)\n" + page.bad
        let result = lint(page, text)
        #expect(!result.findings.contains { $0.rule == rule })
        #expect(result.ignored == before.count)
    }
}
