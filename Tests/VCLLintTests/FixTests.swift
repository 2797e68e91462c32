import Diagnostics
import Testing
import VCLRuntime

@testable import VCLLint

@Suite struct FixTests {
    private func fixed(_ text: String) -> String {
        let (changed, _) = Linter.fixing(main: SourceFile(name: "main.vcl", text: text))
        return changed.first.map { String(decoding: $0.bytes, as: UTF8.self) } ?? text
    }

    @Test func appliesSafeFixesUntilNoneIsLeft() {
        let text = """
            acl staff {
              "192.0.2.0"/24;
              "192.0.2.9";
            }
            sub vcl_recv {
            #FASTLY recv
              declare local var.a STRING;
              if (req.request == "POST" && client.ip ~ staff) {
                return(pass);
                unset req.http.Cookie;
              }
              out:
              return(lookup);
            }

            """
        #expect(
            fixed(text) == """
                acl staff {
                  "192.0.2.0"/24;
                }
                sub vcl_recv {
                #FASTLY recv
                  if (req.method == "POST" && client.ip ~ staff) {
                    return(pass);
                  }
                  return(lookup);
                }

                """)
    }

    @Test func leavesAloneWhatWouldChangeTheProgram() {
        let text = """
            table unused {
              "a": "b",
            }
            sub vcl_fetch {
              declare local var.a STRING;
              set var.a = beresp.http.A;
              set beresp.http.Vary = "Accept-Encoding";
              return(deliver);
              #FASTLY fetch
            }

            """
        #expect(fixed(text) == text)
    }

    @Test func fixesFilesThatAreIncludedAndSnippetsToo() {
        var model = ServiceModel()
        model.includes["a"] = SourceFile(name: "a.vcl", text: "sub f {\ndeclare local var.a STRING;\n}\n")
        model.snippets["recv"] = [SourceFile(name: "s.vcl", text: "declare local var.b STRING;\ncall f;\n")]
        let main = SourceFile(name: "main.vcl", text: "include \"a\";\nsub vcl_recv {\n#FASTLY recv\n}\n")
        let (changed, result) = Linter.fixing(main: main, model: model)
        #expect(changed.map(\.name) == ["a.vcl", "s.vcl"])
        #expect(changed.map { String(decoding: $0.bytes, as: UTF8.self) } == ["sub f {\n}\n", "call f;\n"])
        #expect(result.findings.isEmpty)
    }

    @Test(arguments: ManualPage.all) func whatIsFixedStillCompilesOrNeverDid(_ page: ManualPage) {
        let main = SourceFile(name: "main.vcl", text: page.bad)
        let (changed, result) = Linter.fixing(main: main, model: page.model)
        let before = Linter.lint(main: main, model: page.model)
        if changed.isEmpty { return }
        #expect(!result.findings.contains { $0.fixes.contains(where: \.isSafe) })
        #expect(before.findings.hasErrors || !result.findings.hasErrors)
    }

    @Test func aFixInTheMiddleOfALineTakesNothingElseWithIt() {
        let text =
            "sub vcl_recv {\n#FASTLY recv\n unset req.http.A; declare local var.a STRING; unset req.http.B;\n}\n"
        #expect(
            fixed(text) == "sub vcl_recv {\n#FASTLY recv\n unset req.http.A;  unset req.http.B;\n}\n")
    }
}
