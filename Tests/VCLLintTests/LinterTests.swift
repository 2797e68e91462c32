import Diagnostics
import Testing
import VCLRuntime
import VCLService

@testable import VCLLint

@Suite struct LinterTests {
    private func lint(_ text: String, _ options: LintOptions = LintOptions()) -> LintResult {
        Linter.lint(main: SourceFile(name: "main.vcl", text: text), options: options)
    }

    private func recv(_ body: String) -> String { "sub vcl_recv {\n#FASTLY recv\n\(body)\n}\n" }

    private func rules(_ text: String, _ options: LintOptions = LintOptions()) -> [String] {
        lint(text, options).findings.map(\.rule)
    }

    // MARK: options

    @Test func aRuleCanBeSwitchedOffOrMadeWorse() {
        let text = recv("declare local var.a STRING;")
        #expect(rules(text) == ["vcl/unused-variable"])
        var options = LintOptions()
        options.levels["unused/variable"] = .off
        #expect(rules(text, options) == [])
        options.levels = ["unused-variable": .error]
        #expect(lint(text, options).findings.map(\.severity) == [.error])
        #expect(options.unknownRules == [])
        options.levels["unusd-variable"] = .off
        #expect(options.unknownRules == ["unusd-variable"])
    }

    // MARK: ignore comments

    @Test(arguments: [
        "declare local var.a STRING; // hq-ignore",
        "declare local var.a STRING; # hq-ignore vcl/unused-variable",
        "declare local var.a STRING; /* falco-ignore unused/variable */",
        "// hq-ignore-next-line\ndeclare local var.a STRING;",
        "/* falco-ignore-next-line unused/variable, goto/syntax */\ndeclare local var.a STRING;",
        "# hq-ignore-start\n\ndeclare local var.a STRING;\n# hq-ignore-end",
        "# hq-ignore-start unused-variable\ndeclare local var.a STRING;",
        "# hq-ignore-start unused-variable, probe\n# hq-ignore-end probe\ndeclare local var.a STRING;",
    ]) func aCommentSilences(_ body: String) {
        let result = lint(recv(body))
        #expect(result.findings.isEmpty, "\(result.placed.rendered())")
        #expect(result.ignored == 1)
    }

    @Test(arguments: [
        "declare local var.a STRING; // hq-ignore vcl/probe",
        "declare local var.a STRING; // hq-ignore vcl/unusd-variable",
        "// hq-ignore\ndeclare local var.a STRING;",
        "// hq-ignore-next-line\n\ndeclare local var.a STRING;",
        "# hq-ignore-start\n# hq-ignore-end\ndeclare local var.a STRING;",
        "# hq-ignore-start unused-variable, probe\n# hq-ignore-end unused-variable\ndeclare local var.a STRING;",
        "log \"hq-ignore\"; declare local var.a STRING;",
    ]) func nothingElseIsSilenced(_ body: String) {
        #expect(rules(recv(body)) == ["vcl/unused-variable"])
    }

    // MARK: the whole model

    @Test func aFindingInASnippetNamesIt() {
        var model = ServiceModel()
        model.snippets["recv"] = [SourceFile(name: "snippets/geo.vcl", text: "declare local var.a STRING;\n")]
        let result = Linter.lint(main: SourceFile(name: "main.vcl", text: recv("")), model: model)
        #expect(
            result.placed.map { "\($0.file):\($0.line):\($0.column) \($0.rule)" } == [
                "snippets/geo.vcl:1:15 vcl/unused-variable"
            ])
    }

    @Test func aBareSnippetIsCheckedInTheStateOfItsType() {
        func rules(_ text: String, _ kind: FastlyService.Snippet.Kind) -> [String] {
            let (main, model) = BareSnippet.program(SourceFile(name: "a.vcl", text: text), kind)
            let result = Linter.lint(main: main, model: model)
            #expect(result.placed.allSatisfy { $0.file == "a.vcl" }, "\(result.placed.rendered())")
            return result.findings.map(\.rule)
        }
        #expect(rules("set resp.http.A = \"1\";\n", .deliver) == [])
        #expect(rules("set resp.http.A = \"1\";\n", .recv) == ["vcl/scope"])
        #expect(rules("declare local var.a STRING;\n", .recv) == ["vcl/unused-variable"])
    }

    @Test func ofAPartNobodyCanSayWhatTheRestUses() {
        #expect(rules("acl staff { \"::1\"; }\nsub clean { unset req.http.Cookie; }\n") == [])
    }

    @Test func nothingIsToldAboutWhatTheCampaignFileMakes() {
        var model = ServiceModel()
        model.prelude = [
            SourceFile(name: "campaign", text: "backend a { .host = \"a\"; }\nbackend b { .host = \"b\"; }\n")
        ]
        #expect(
            Linter.lint(main: SourceFile(name: "main.vcl", text: recv("")), model: model).findings.isEmpty)
    }

    @Test func backendsInDirectorsAndHealthChecksAreUsed() {
        let text = """
            backend F_a { .host = "a"; }
            backend F_b { .host = "b"; }
            backend F_c { .host = "c"; }
            director pool random { { .backend = F_b; .weight = 1; } }
            """
        #expect(rules(text + "\n" + recv("set req.backend = pool;")) == ["vcl/unused-backend"])
    }

    @Test func findingsStandInReadingOrder() {
        let text =
            recv("declare local var.a STRING;\nreturn(lookup);\nunset req.http.Cookie;")
            + "acl a { \"::1\"; }\n"
        #expect(rules(text) == ["vcl/unused-variable", "vcl/unreachable", "vcl/unused-acl"])
    }

    @Test func mistakesOfTheCompilerAndOfTheLinterComeTogether() {
        #expect(
            rules(recv("set req.ulr = \"/\";\ndeclare local var.a STRING;"))
                == ["vcl/unknown-variable", "vcl/unused-variable"])
    }

    @Test func capturesAreFollowedThroughComparisons() {
        let asked =
            "if (req.http.A == re.group.1 && req.http.B ~ \"(b)\" && re.group.1 == \"b\") { restart; }"
        #expect(rules(recv(asked)) == ["vcl/capture-not-set", "vcl/restart-loop"])
    }

    @Test func endsOnHalfPrograms() {
        let text =
            recv("if (req.url ~ \"^/(a)\" && table.contains(t, req.url.path)) { error 601 re.group.1; }")
            + "table t { \"/A\": \"/b\", }\nacl x { \"::/0\"; ! \"10.0.0.0\"/8; }\ndirector d hash { { .backend = "
        let bytes = Array(text.utf8)
        for count in 0...bytes.count {
            _ = Linter.lint(main: SourceFile(name: "main.vcl", bytes: Array(bytes[..<count])))
        }
    }

    @Test func knowsTheListsOfAddressesThatTheServiceSupplies() {
        var model = ServiceModel()
        model.accessLists = ["blocked", "unused"]
        let result = Linter.lint(
            main: SourceFile(
                name: "main.vcl",
                text: "sub vcl_recv {\n#FASTLY recv\nif (client.ip ~ blocked) { error 403; }\n}"),
            model: model)
        #expect(result.findings.map(\.rule) == ["vcl/unused-dictionary"])
        #expect(result.findings.first?.message.contains("'unused'") == true)
    }
}
