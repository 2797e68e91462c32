import Foundation
import Testing

@testable import VCLLint

@Suite struct RuleTableTests {
    @Test func noIdStandsTwice() {
        #expect(LintRules.byID.count == LintRules.all.count)
    }

    /// The ids that the front end, the compiler and the linter report, read from their sources.
    @Test func everyIdInTheSourcesHasARowAndEveryRowAnIdInTheSources() throws {
        var reported: Set<String> = []
        for module in ["VCL", "VCLRuntime", "VCLLint"] {
            let folder = ManualPage.root.appending(path: "Sources/" + module)
            let files = try #require(
                FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            for case let file as URL in files where file.pathExtension == "swift" {
                if file.lastPathComponent.hasPrefix("LintRules") { continue }
                let text = try String(contentsOf: file, encoding: .utf8)
                reported.formUnion(text.matches(of: /"(vcl\/[a-z0-9-]+)"/).map { String($0.1) })
            }
        }
        // Two rules of the compiler's are named at run time: "vcl/unknown-\(what)".
        reported.formUnion(["acl", "penaltybox", "ratecounter"].map { "vcl/unknown-" + $0 })
        // What a test file of a program has wrong is told by its runner.
        reported.remove("vcl/test")
        #expect(reported == Set(LintRules.all.map(\.id)))
    }

    @Test(arguments: RuleTableTests.falco) func everyIdOfFalcosIsTheAliasOfARule(_ id: String) {
        #expect(!LintRules.named(id).isEmpty)
    }

    @Test func anIdMayBeWrittenWithoutItsArea() {
        #expect(LintRules.named("unused-acl").map(\.id) == ["vcl/unused-acl"])
        #expect(LintRules.named("nothing/such").isEmpty)
    }

    /// The rule ids of falco's linter.
    static let falco: [String] = [
        "acl/syntax", "acl/duplicated", "backend/syntax", "backend/duplicated", "backend/notfound",
        "backend/prober-configuration", "director/syntax", "director/duplicated", "director/props-random",
        "director/props-fallback", "director/props-hash", "director/props-client", "director/props-chash",
        "director/backend-required", "table/syntax", "table/type-variation", "table/duplicated",
        "subroutine/syntax", "subroutine/boilerplate-macro", "subroutine/duplicated",
        "subroutine/invalid-return-type", "subroutine/unrecognize-call-scope", "subroutine/recursive-call",
        "subroutine/forbid-vcl-pipe", "penaltybox/syntax", "penaltybox/duplicated",
        "penaltybox/nonempty-block", "ratecounter/syntax", "ratecounter/duplicated",
        "ratecounter/nonempty-block", "declare-statement/syntax", "declare-statement/invalid-type",
        "declare-statement/duplicated", "set-statement/syntax", "operator/assignment",
        "unset-statement/syntax", "remote-statement/syntax", "operator/conditional",
        "restart-statement/scope", "add-statement/syntax", "call-statement/syntax",
        "call-statement/subroutine-notfound", "error-statement/scope", "error-statement/code",
        "synthetic-statement/scope", "synthetic-base64-statement/scope", "goto/duplicated", "goto/syntax",
        "condition/literal", "valid-ip", "function/arguments", "function/argument-type",
        "include/module-not-found", "include/module-load-failed", "regex/matched-value-override",
        "unused/declaration", "unused/variable", "unused/goto", "disallow-empty-return",
        "goto/forbidden-backward-jump", "operator/time-calculation", "deprecated",
        "regex/uncaptured-variable", "set-statement/overwrite-vary", "regex/url-extension",
    ]
}
