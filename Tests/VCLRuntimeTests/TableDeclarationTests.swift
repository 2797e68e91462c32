import Diagnostics
import Testing
import VCL

@testable import VCLRuntime

@Suite struct TableDeclarationTests {
    @Test(
        arguments: [
            ("table t NUMBER { }", "no table can hold values of type 'NUMBER'"),
            ("table t BOOL { \"a\": 1 }", "a value of this table is true or false"),
            ("table t BOOL { \"a\": yes }", "a value of this table is true or false"),
            ("table t INTEGER { \"a\": \"1\" }", "a value of this table is an INTEGER such as 42"),
            ("table t FLOAT { \"a\": \"x\" }", "a value of this table is a FLOAT such as 1.5"),
            ("table t RTIME { \"a\": 10 }", "a value of this table is an RTIME such as 10s"),
            ("table t IP { \"a\": \"x\" }", "a value of this table is an IP address in quotes"),
            ("table t ACL { \"a\": nobody }", "no acl is named 'nobody'"),
            ("table t BACKEND { \"a\": F_origin }", "no backend is named 'F_origin'"),
            ("table t REGEX { \"a\": \"(\" }", "this pattern is broken: missing closing parenthesis"),
            ("table t { \"a\": 1 }", "a value of this table is a string in quotes"),
            ("table t { } table t { }", "'t' is declared twice"),
            ("ratecounter r { } ratecounter r { }", "'r' is declared twice"),
            ("table t { \"a\": \"1\", \"a\": \"2\" }", "the key \"a\" stands twice; the later one counts"),
        ])
    func explainsMistakes(text: String, message: String) {
        let compiler = Compiler()
        _ = compiler.compile(SourceFile(name: "t.vcl", text: text))
        #expect(compiler.diagnostics.map(\.message) == [message])
    }

    @Test func takesTheLaterOfTwoEntriesOfAnyType() throws {
        let bench = try Bench(
            """
            table t INTEGER { "a": 1, "a": 2 }
            sub vcl_recv { set req.http.N = table.lookup_integer(t, "a", 0); }
            """)
        _ = bench.run()
        #expect(bench.header("N") == "2")
    }
}
