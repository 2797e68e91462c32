import Diagnostics
import Testing
import VCL

@Suite struct ParserTests {
    private func parse(_ text: String) -> (tree: SyntaxTree, messages: [String]) {
        let source = SourceFile(name: "t.vcl", text: text)
        let (tree, diagnostics) = Parser.parse(source, file: 0)
        let messages = diagnostics.map { mistake in
            let place = source.position(of: mistake.span.start)
            return "\(place.line):\(place.column) \(mistake.message)"
        }
        return (tree, messages)
    }

    @Test func readsEveryDeclaration() {
        let (tree, messages) = parse(
            """
            import std;
            include "other.vcl";
            acl staff { "192.0.2.0"/24; ! "192.0.2.7"; "2001:db8::"/32; }
            backend F_origin { .host = "127.0.0.1"; .port = "8081"; .probe = { .request = "GET / HTTP/1.1"; .interval = 10s; } }
            director d random { .quorum = 50%; { .backend = F_origin; .weight = 2; } }
            table redirects { "/a": "/b", "/c": "/d" }
            table flags BOOL { "on": true, }
            penaltybox p { }
            ratecounter r {}
            sub vcl_recv {
            #FASTLY recv
              declare local var.n INTEGER;
              set var.n += 1;
              if (req.http.Cookie:name == "x" && !(req.url ~ "^/a") || client.ip ~ staff) { return (pass); } else if (true) { esi; }
              else { error 601 "a" req.url "b" + now; }
              switch (req.url) { case "1": log "x"; break; case ~ "2": fallthrough; default: restart; }
              std.collect(req.http.A, ", ");
              goto out; out:
              synthetic {"<p>"it"</p>"} {xyz"a "} b"xyz};
              return(lookup);
            }
            sub f(STRING var.a) INTEGER { return 5; }
            """)
        #expect(messages == [])
        #expect(tree.declarations.count == 11)
    }

    @Test func goesOnAfterAMistakeWithoutFollowOnNoise() {
        let (tree, messages) = parse(
            """
            sub vcl_recv {
              set req.url "/";
              set req.http.A = "a"
              set req.http.B = "b";
              if req.http.C { esi; }
              return(lookup);
            }
            sbu other { }
            sub vcl_deliver { set resp.http.X = ; }
            """)
        #expect(
            messages == [
                "2:15 expected an operator such as '=', found \"/\"",
                "3:23 expected ';', found 'set'",
                "5:6 expected '(', found 'req.http.C'",
                "8:1 expected a declaration, found 'sbu'",
                "9:37 expected a value, found ';'",
            ])
        #expect(tree.declarations.count == 2)
    }

    @Test(arguments: [
        "\"", "{\"", "/*", "sub", "sub a {", "sub a { if (", "\u{0}", "é", "table t { \"a\"", "acl a { !",
        "sub a { set",
    ])
    func endsOnBrokenInput(text: String) {
        #expect(!parse(text).messages.isEmpty)
    }

    @Test func refusesDeepNesting() {
        let deep = String(repeating: "(", count: 100_000)
        #expect(parse("sub a { log \(deep)").messages.first?.contains("nested deeper") == true)
        let blocks = String(repeating: "if (a) {", count: 10_000)
        #expect(parse("sub a { \(blocks)").messages.first?.contains("nested deeper") == true)
    }
}
