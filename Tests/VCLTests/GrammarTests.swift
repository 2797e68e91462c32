import Diagnostics
import Testing
import VCL

/// Each form of the language beside the tree that it means.
@Suite struct GrammarTests {
    @Test(arguments: GrammarTests.expressions)
    func readsAnExpression(text: String, dump: String) {
        let found = Reading.expression(text)
        #expect(found.messages == [])
        #expect(found.dump == dump)
    }

    @Test(arguments: GrammarTests.statements)
    func readsAStatement(text: String, dump: String) {
        let found = Reading.body(text)
        #expect(found.messages == [])
        #expect(found.dump == dump)
    }

    @Test(arguments: GrammarTests.declarations)
    func readsADeclaration(text: String, dump: String) {
        let found = Reading.program(text)
        #expect(found.messages == [])
        #expect(found.dump == dump)
    }

    @Test(arguments: [
        "=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>=", "rol=", "ror=", "&&=", "||=",
    ])
    func readsEveryOperatorOfSet(symbol: String) {
        #expect(Reading.body("set var.a \(symbol) 1;").dump == "(set var.a \(symbol) 1)")
        let glued = symbol.hasPrefix("ro") ? "(set var.a\(symbol.dropLast()) = 1)" : "(set var.a \(symbol) 1)"
        #expect(Reading.body("set var.a\(symbol)1;").dump == glued)
    }

    static let expressions: [(String, String)] = [
        ("0", "0"), ("42", "42"), ("0xFF", "0xFF"), ("0x1e", "0x1e"), ("-7", "(- 7)"),
        ("1.5", "1.5"), ("1e3", "1e3"), ("1.5e-10", "1.5e-10"), ("2E+3", "2E+3"), ("0xA.8p3", "0xA.8p3"),
        ("0x1p-2", "0x1p-2"), ("-1.5", "(- 1.5)"),
        ("10ms", "10ms"), ("10s", "10s"), ("1.5m", "1.5m"), ("2h", "2h"), ("3d", "3d"), ("4y", "4y"),
        ("50%", "50%"), ("true", "true"), ("req.restarts", "req.restarts"),
        ("\"\"", "\"\""), ("\"a b\"", "\"a b\""), ("\"%u{1F600}%20\\\"", "\"%u{1F600}%20\\\""),
        ("{\"a \"b\" c\"}", "{\"a \"b\" c\"}"), ("{xyz\"a\"} \"xy}\"xyz}", "{xyz\"a\"} \"xy}\"xyz}"),
        ("{_1\"\n\"_1}", "{_1\"\n\"_1}"),
        ("\"a\" \"b\"", "(join \"a\" \"b\")"), ("\"a\"\"b\"", "(join \"a\" \"b\")"),
        ("\"a\" + req.url + now", "(join \"a\" req.url now)"),
        ("\"a\" req.url + 5", "(join \"a\" req.url 5)"),
        ("\"a\" + -5", "(join \"a\" (- 5))"), ("{\"a\"}{\"b\"}", "(join {\"a\"} {\"b\"})"),
        ("req.http.Cookie:name", "req.http.Cookie:name"), ("req.http.X-1-a_b", "req.http.X-1-a_b"),
        ("req.http.Cookie:a.b-c", "req.http.Cookie:a.b-c"), ("F_a-1", "F_a-1"),
        ("!req.http.A", "(! req.http.A)"), ("!!a", "(! (! a))"),
        ("!req.url ~ \"a\"", "(! (~ req.url \"a\"))"), ("a == b", "(== a b)"),
        ("a != \"b\" c", "(!= a (join \"b\" c))"),
        ("a ~ b && c !~ \"d\"", "(&& (~ a b) (!~ c \"d\"))"), ("a || b && c", "(|| a (&& b c))"),
        ("a < 1 || b <= 2 || c > 3", "(|| (|| (< a 1) (<= b 2)) (> c 3))"), ("a >= 1", "(>= a 1)"),
        ("(a || b) && c", "(&& (group (|| a b)) c)"), ("((a))", "(group (group a))"),
        ("f()", "(call f)"), ("f(a, \"b\" c, 1)", "(call f a (join \"b\" c) 1)"), ("f(a,)", "(call f a)"),
        ("std.ip(req.http.A, \"0.0.0.0\") ~ staff", "(~ (call std.ip req.http.A \"0.0.0.0\") staff)"),
        ("if(a == b, \"x\", \"y\")", "(call if (== a b) \"x\" \"y\")"),
        ("\"a\" if(a, \"x\", \"y\") \"b\"", "(join \"a\" (call if a \"x\" \"y\") \"b\")"),
        ("C!= d", "(!= C d)"), ("W!~ \"a\"", "(!~ W \"a\")"),
        ("\"a\"\nif(b, c, d)\nif(e, \"f\", g)", "(join \"a\" (call if b c d) (call if e \"f\" g))"),
        ("re.group.1", "re.group.1"), ("error", "error"), ("a\n b", "(join a b)"),
    ]

    static let statements: [(String, String)] = [
        ("declare local var.a STRING;", "(declare var.a STRING)"),
        ("declare local var.a INTEGER = 5;", "(declare var.a INTEGER) (set var.a = 5)"),
        ("declare block var.a RTIME;", "(declare-block var.a RTIME)"),
        ("unset req.http.X-*;", "(unset req.http.X-*)"), ("remove req.http.A;", "(unset req.http.A)"),
        ("unset req.http.Cookie:a;", "(unset req.http.Cookie:a)"),
        ("add resp.http.Set-Cookie = \"a=\" var.b;", "(add resp.http.Set-Cookie (join \"a=\" var.b))"),
        ("call a;", "(call a)"), ("call a();", "(call a)"), ("call a(1, \"b\");", "(call a 1 \"b\")"),
        ("error;", "(error)"), ("error 404;", "(error 404)"),
        ("error 404 \"a\" b;", "(error 404 (join \"a\" b))"),
        ("error var.status;", "(error var.status)"), ("error 601 {\"x\"};", "(error 601 {\"x\"})"),
        ("restart;", "(restart)"), ("esi;", "(esi)"), ("return;", "(return)"),
        ("return(lookup);", "(return() (group lookup))"), ("return (error);", "(return() (group error))"),
        ("return deliver_stale;", "(return deliver_stale)"), ("return \"a\" b;", "(return (join \"a\" b))"),
        ("synthetic \"a\";", "(synthetic \"a\")"), ("synthetic {\"a\"} b;", "(synthetic (join {\"a\"} b))"),
        ("synthetic.base64 \"YQ==\";", "(synthetic.base64 \"YQ==\")"),
        (
            "log \"syslog \" req.service_id \" x :: \" a;",
            "(log (join \"syslog \" req.service_id \" x :: \" a))"
        ),
        ("goto out; out:", "(goto out) (label out)"),
        ("std.collect(req.http.A);", "(do (call std.collect req.http.A))"),
        ("import boltsort;", "(import boltsort)"), ("include \"a.vcl\";", "(include \"a.vcl\")"),
        ("include \"snippet::b\";", "(include \"snippet::b\")"), ("{ esi; { } }", "(block (esi) (block))"),
        ("#FASTLY recv\nesi;", "(macro recv) (esi)"), ("  # FASTLY RECV  \nesi;", "(macro recv) (esi)"),
        ("#FASTLY\tfetch extra\n", "(macro fetch)"), ("#FASTLY\n#FASTLYrecv\n", ""),
        ("if (a) { }", "(if a (then))"),
        ("if (a) { esi; } else { restart; }", "(if a (then (esi)) (else (restart)))"),
        (
            "if (a) { } else if (b) { } elsif (c) { } elseif (d) { } else { }",
            "(if a (then) b (then) c (then) d (then) (else))"
        ),
        ("if (a) { } esi;", "(if a (then)) (esi)"),
        (
            "switch (a) { case \"1\": esi; break; default: break; }",
            "(switch a (case \"1\" (esi) (break)) (case default (break)))"
        ),
        (
            "switch (a) { case \"1\": case ~ \"^2\": fallthrough; case 3: break; }",
            "(switch a (case \"1\") (case (~ \"^2\") (fallthrough)) (case 3 (break)))"
        ),
        ("set req.http.A = b ; log \"x\";", "(set req.http.A = b) (log \"x\")"),
        ("set a = if(b, c, d);", "(set a = (call if b c d))"),
        ("set a = b; C! W! esi;", "(set a = b) (esi)"),
    ]

    static let declarations: [(String, String)] = [
        ("import std;", "(import std)"), ("include \"a\";", "(include \"a\")"),
        ("acl a { }", "(acl a)"),
        (
            "acl a { \"localhost\"; ! \"192.0.2.7\"; \"192.0.2.0\"/24; !\"2001:db8::\"/32; {\"::1\"}; }",
            "(acl a \"localhost\" !\"192.0.2.7\" \"192.0.2.0\"/24 !\"2001:db8::\"/32 {\"::1\"})"
        ),
        (
            "backend F_a { .host = \"a\"; .ssl = true; .connect_timeout = 1s; .probe = { .request = \"GET / HTTP/1.1\"\n\"Host: a\" \"Connection: close\"; .window = 5; } }",
            "(backend F_a (.host \"a\") (.ssl true) (.connect_timeout 1s) (.probe (.request (join \"GET / HTTP/1.1\" \"Host: a\" \"Connection: close\")) (.window 5)))"
        ),
        ("backend a { .probe = { }; .host = \"b\"; }", "(backend a (.probe) (.host \"b\"))"),
        (
            "director d random { .quorum = 50%; .retries = 3; { .backend = F_a; .weight = 2; } { .backend = F_b; .weight = 1; } }",
            "(director d random (.quorum 50%) (.retries 3) (member (.backend F_a) (.weight 2)) (member (.backend F_b) (.weight 1)))"
        ),
        ("director d fallback { { .backend = F_a; } }", "(director d fallback (member (.backend F_a)))"),
        (
            "director d hash { { .backend = F_a; .weight = 1; } }",
            "(director d hash (member (.backend F_a) (.weight 1)))"
        ),
        ("director d client { .quorum = 20%; }", "(director d client (.quorum 20%))"),
        (
            "director d chash { .key = client; .seed = 4; .vnodes_per_node = 256; { .backend = F_a; .id = \"s1\"; } }",
            "(director d chash (.key client) (.seed 4) (.vnodes_per_node 256) (member (.backend F_a) (.id \"s1\")))"
        ),
        (
            "director d shield { .shield = \"iad-va-us\"; .is_ssl = true; }",
            "(director d shield (.shield \"iad-va-us\") (.is_ssl true))"
        ),
        ("table t { }", "(table t)"),
        ("table t { \"a\": \"b\", \"c\": {\"d\"} }", "(table t (\"a\" \"b\") (\"c\" {\"d\"}))"),
        ("table t STRING { \"a\": \"b\", }", "(table t STRING (\"a\" \"b\"))"),
        ("table t BOOL { \"a\": true, \"b\": false, }", "(table t BOOL (\"a\" true) (\"b\" false))"),
        ("table t INTEGER { \"a\": -1, \"b\": 0x10 }", "(table t INTEGER (\"a\" (- 1)) (\"b\" 0x10))"),
        ("table t FLOAT { \"a\": 1.5 }", "(table t FLOAT (\"a\" 1.5))"),
        ("table t RTIME { \"a\": 10s }", "(table t RTIME (\"a\" 10s))"),
        ("table t IP { \"a\": \"192.0.2.1\" }", "(table t IP (\"a\" \"192.0.2.1\"))"),
        ("table t ACL { \"a\": staff }", "(table t ACL (\"a\" staff))"),
        ("table t BACKEND { \"a\": F_a }", "(table t BACKEND (\"a\" F_a))"),
        ("penaltybox p { }", "(penaltybox p)"), ("ratecounter r {}", "(ratecounter r)"),
        ("sub a { }", "(sub a)"), ("sub a BOOL { return true; }", "(sub a -> BOOL (return true))"),
        ("sub a(STRING var.x, INTEGER var.y) { }", "(sub a [STRING var.x, INTEGER var.y])"),
        ("sub a() IP { }", "(sub a -> IP)"),
        ("pragma optional_param geoip_opt_in true;\nC!\nW!\nsub a { }", "(sub a)"),
        (
            "describe cached { before_recv { set req.http.A = \"b\"; } // @scope: recv\nsub test_recv { assert.true(true); } after_recv { } }",
            "(describe cached (before recv (set req.http.A = \"b\")) (sub test_recv (do (call assert.true true))) (after recv))"
        ),
        ("sub default { call error; }", "(sub default (call error))"),
    ]

    @Test func keepsTheCommentsBeforeADeclaration() throws {
        let source = SourceFile(
            name: "t.vcl",
            text: """
                // head

                // @scope: recv
                /* @suite: one */ sub a { /* inside */ } // trails
                # of b
                sub b { } sub c { }
                describe d {
                  // @tag: x
                  sub e { }
                }
                """)
        let (tree, messages) = Parser.parse(source, file: 0)
        #expect(messages.isEmpty)
        let texts = tree.declarations.map { tree.leadingComments(of: $0).map { source.text($0.span) } }
        #expect(texts == [["// head", "// @scope: recv", "/* @suite: one */"], ["# of b"], [], []])
        guard case .describe(let inner) = tree.declarations[3].kind else {
            Issue.record("no describe")
            return
        }
        #expect(tree.leadingComments(of: inner[0]).map { source.text($0.span) } == ["// @tag: x"])
    }
}
