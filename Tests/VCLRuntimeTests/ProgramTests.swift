import Diagnostics
import HTTP1
import Kernel
import Testing
import VCL

@testable import VCLRuntime

/// Compiles and runs a program in the tests.
struct Bench {
    let context: Context

    init(
        _ text: String, url: String = "/a/b.html?x=1&y=2", headers: [(String, String)] = [],
        dictionaries: [Table] = []
    ) throws {
        var model = ServiceModel()
        model.dictionaries = dictionaries.map(\.name)
        let compiler = Compiler(model: model)
        guard let program = compiler.compile(SourceFile(name: "t.vcl", text: text)) else {
            throw Failure(.invalid, compiler.diagnostics.placed(in: compiler.sources).rendered())
        }
        let tables = Dictionary(uniqueKeysWithValues: dictionaries.map { ($0.name, $0) })
        context = Context(
            snapshot: Snapshot(number: 1, program: program, dictionaries: tables),
            random: SeededRandom(seed: 0))
        context.reset(snapshot: context.snapshot)
        context.req.method = Bytes("GET")
        context.req.target = context.arena.copy(url)
        context.clientAddress = IPAddress("192.0.2.9")!
        context.now = 1_475_000_000_000_000_000
        for (name, value) in headers {
            context.req.headers.append(
                HeaderField(name: context.arena.copy(name), value: context.arena.copy(value)))
        }
    }

    func run(_ scope: Scope = .recv) -> Flow { context.snapshot.program.run(scope, context) }

    func header(_ name: String) -> String? {
        let value = context.req.headers[HeaderName(context.arena.copy(name))]
        return value.isSet ? value.string : nil
    }

    /// The value of one expression as text.
    static func evaluate(
        _ expression: String, url: String = "/a/b.html?x=1&y=2", headers: [(String, String)] = []
    ) throws -> String? {
        let bench = try Bench(
            "table t { \"k\": \"v\" } sub vcl_recv { set req.http.Out = \(expression); }", url: url,
            headers: headers)
        _ = bench.run()
        return bench.header("Out")
    }
}

@Suite struct ProgramTests {
    @Test(
        arguments: [
            ("\"a\" req.url.path \"b\"", "a/a/b.htmlb"), ("\"a\" + 5", "a5"), ("{\"x\"y\"}", "x\"y"),
            ("{z\"q\"}r\"z}", "q\"}r"),
            ("\"%41%u00e9%u{1F600}\"", "Aé😀"), ("1.5", "1.500"), ("-7", "-7"), ("true", "1"),
            ("10s", "10.000"), ("client.ip", "192.0.2.9"),
            ("now", "Tue, 27 Sep 2016 18:13:20 GMT"),
            ("req.url.basename req.url.ext req.url.dirname", "b.htmlhtml/a"),
            ("if(req.url ~ \"^/a/(.)\", re.group.1, \"no\")", "b"),
            ("regsub(req.url, \"([xy])=\\d\", \"<\\1>\")", "/a/b.html?<x>&y=2"),
            ("regsuball(req.url, \"[xy]=\", \"\")", "/a/b.html?1&2"),
            ("regsuball(\"abc\", \"x*\", \"-\")", "-a-b-c-"),
            ("std.tolower(\"ÀbC\") std.toupper(\"abc\")", "ÀbcABC"), ("substr(\"hello\", -3, 2)", "ll"),
            ("std.strlen(\"abc\")", "3"),
            ("urlencode(\"a b/é\")", "a%20b%2F%C3%A9"), ("urldecode(\"a%20b+c%zz\")", "a b c%zz"),
            ("digest.base64(\"hello\")", "aGVsbG8="),
            ("digest.base64_decode(\"aGVsbG8=\")", "hello"), ("json.escape({\"a\"\\b\"})", "a\\\"\\\\b"),
            ("xml_escape(\"<a>\")", "&lt;a&gt;"),
            ("digest.hash_md5(\"\")", "d41d8cd98f00b204e9800998ecf8427e"), ("table.lookup(t, \"k\")", "v"),
            ("table.lookup(t, \"q\", \"d\")", "d"),
            ("table.contains(t, \"k\")", "1"), ("querystring.get(req.url, \"y\")", "2"),
            ("querystring.sort(\"/?b&a\")", "/?a&b"),
            ("querystring.regfilter(req.url, \"^x\")", "/a/b.html?y=2"), ("std.atoi(\"42x\")", "42"),
            ("std.strtol(\"0x1F\", 0)", "31"),
            ("std.ip(\"nope\", \"10.0.0.1\")", "10.0.0.1"),
            ("time.add(now, 1h)", "Tue, 27 Sep 2016 19:13:20 GMT"),
            ("std.strstr(\"abcdef\", \"cd\")", "cdef"), ("subfield(\"a=1, b=2\", \"b\")", "2"),
        ] as [(String, String)])
    func evaluates(expression: String, value: String) throws {
        #expect(try Bench.evaluate(expression) == value)
    }

    @Test func tellsNotSetFromEmpty() throws {
        let bench = try Bench(
            """
            sub vcl_recv {
              if (req.http.None) { set req.http.A = "set"; }
              if (req.http.None == "") { set req.http.B = "equal"; }
              if (req.http.None != "x") { set req.http.C = "differs"; }
              set req.http.Empty = "";
              if (req.http.Empty) { set req.http.D = "set"; }
              unset req.http.Empty;
              if (!req.http.Empty) { set req.http.E = "gone"; }
            }
            """)
        _ = bench.run()
        #expect(bench.header("A") == nil && bench.header("B") == nil)
        #expect(bench.header("C") == "differs" && bench.header("D") == "set" && bench.header("E") == "gone")
    }

    @Test func readsAndWritesSubfields() throws {
        let bench = try Bench(
            """
            sub vcl_recv {
              set req.http.Seen = req.http.Cookie:b;
              set req.http.Cookie:c = "3";
              unset req.http.Cookie:a;
              unset req.http.X-*;
            }
            """, headers: [("Cookie", "a=1; b=2"), ("X-One", "1"), ("x-two", "2")])
        _ = bench.run()
        #expect(bench.header("Seen") == "2")
        #expect(bench.header("Cookie") == "b=2; c=3")
        #expect(bench.header("X-One") == nil && bench.header("X-Two") == nil)
    }

    @Test func computes() throws {
        let bench = try Bench(
            """
            sub vcl_recv {
              declare local var.i INTEGER; declare local var.f FLOAT; declare local var.t TIME; declare local var.r RTIME;
              set var.i = 10; set var.i *= 3; set var.i -= 4; set var.i /= 5; set var.i <<= 4; set var.i rol= 60;
              set var.f = var.i; set var.f += 0.5;
              set var.r = 1h; set var.r += 30m; set var.t = now; set var.t -= var.r;
              set req.http.I = var.i; set req.http.F = var.f; set req.http.R = var.r; set req.http.T = var.t;
              set var.i = 1; set var.i /= 0; set req.http.Z = var.i fastly.error;
            }
            """)
        _ = bench.run()
        #expect(bench.header("I") == "5")
        #expect(bench.header("F") == "5.500")
        #expect(bench.header("R") == "5400.000")
        #expect(bench.header("T") == "Tue, 27 Sep 2016 16:43:20 GMT")
        #expect(bench.header("Z") == "0EDIV0")
    }

    @Test func branchesSwitchesAndJumps() throws {
        let bench = try Bench(
            """
            sub vcl_recv {
              switch (req.url.ext) { case "css": set req.http.A = "css"; break; case ~ "^ht": set req.http.A = "page"; fallthrough; default: set req.http.A = req.http.A "+"; }
              if (req.url ~ "zzz") { set req.http.B = "1"; } elsif (client.ip ~ staff) { set req.http.B = "2"; } else { set req.http.B = "3"; }
              goto end;
              set req.http.C = "never";
              end:
              call leaves;
              error 601 "to " req.url;
            }
            acl staff { "192.0.2.0"/24; ! "192.0.2.7"; }
            sub leaves { if (true) { return; } error 500; }
            """)
        #expect(bench.run() == .error)
        #expect(bench.context.errorStatus == 601)
        #expect(bench.context.errorResponse.string == "to /a/b.html?x=1&y=2")
        #expect(bench.header("A") == "page+" && bench.header("B") == "2" && bench.header("C") == nil)
    }

    @Test func callsFunctionalSubs() throws {
        let bench = try Bench(
            """
            sub twice(STRING var.s, INTEGER var.n) STRING { declare local var.r STRING; set var.r = var.s var.s var.n; return var.r; }
            sub vcl_recv { set req.http.A = twice("ab", 7) "!"; }
            """)
        _ = bench.run()
        #expect(bench.header("A") == "abab7!")
    }

    @Test func looksUpDictionariesAndSeesTheirChange() throws {
        let bench = try Bench(
            "sub vcl_recv { set req.http.To = table.lookup(redirects, req.url.path); }",
            dictionaries: [Table(name: "redirects", entries: [(key: "/a/b.html", value: "/one")])])
        _ = bench.run()
        #expect(bench.header("To") == "/one")
        let changed = Table(name: "redirects", entries: [(key: "/a/b.html", value: "/two")])
        bench.context.snapshot = bench.context.snapshot.replacing(changed, number: 2)
        _ = bench.run()
        #expect(bench.header("To") == "/two")
    }

    @Test func letsNobodyAddALine() throws {
        let bench = try Bench(
            "sub vcl_recv { set req.http.A = urldecode(\"x%0d%0aEvil: 1\"); set req.url = urldecode(\"/a%20HTTP/1.1\"); }"
        )
        _ = bench.run()
        #expect(bench.header("A") == "x")
        #expect(bench.context.req.target == "/a")
    }

    @Test(
        arguments: [
            (
                "sub vcl_recv { set req.ulr = \"/\"; }", "unknown variable 'req.ulr'",
                "did you mean 'req.url'?"
            ),
            (
                "sub vcl_recv { set beresp.ttl = 5s; }", "'beresp.ttl' does not exist in vcl_recv",
                "it can be used in fetch"
            ),
            (
                "sub vcl_fetch { set beresp.ttl = 5; }", "expected a value of type RTIME, found a INTEGER",
                "give it a unit, such as 5s"
            ),
            (
                "sub vcl_recv { return(deliver); }", "vcl_recv cannot end with 'deliver'",
                "it may end with lookup, pass, error, restart, upgrade"
            ),
            (
                "sub vcl_recv { call helpr; } sub helper { esi; }", "no sub is named 'helpr'",
                "did you mean 'helper'?"
            ),
            (
                "sub a { call b; } sub b { call a; }", "'a' calls itself (a -> b -> a)",
                "VCL has no recursion; use restart, or unroll it"
            ),
            (
                "sub vcl_recv { if (req.url ~ \"(\") { esi; } }",
                "this pattern is broken: missing closing parenthesis", nil
            ),
            (
                "sub vcl_recv { if (now) { esi; } }", "a condition is a BOOL or a STRING, not a TIME",
                "compare it, as in 'now > 0'"
            ),
            (
                "sub vcl_recv { set req.http.A = table.lookup(redirect, \"a\"); } table redirects { }",
                "no table or dictionary is named 'redirect'", "did you mean 'redirects'?"
            ),
            (
                "sub vcl_recv { set req.http.A = std.tolwer(\"a\"); }", "unknown function 'std.tolwer'",
                "did you mean 'std.tolower'?"
            ),
            (
                "sub vcl_recv { set req.http.A = std.tolower(); }",
                "'std.tolower' takes 1 argument, found 0", "STRING std.tolower(STRING)"
            ),
            (
                "sub vcl_deliver { set resp.http.Content-Length = \"5\"; }",
                "'resp.http.Content-Length' belongs to the server and cannot be changed", nil
            ),
            ("sub vcl_revc { }", "there is no state 'vcl_revc'", "did you mean 'vcl_recv'?"),
            (
                "acl a { \"300.1.1.1\"; }", "'300.1.1.1' is no IP address",
                "write an address such as \"192.0.2.0\"/24"
            ),
            ("backend b { .hots = \"x\"; }", "a backend has no property '.hots'", "did you mean '.host'?"),
        ] as [(String, String, String?)])
    func explainsMistakes(text: String, message: String, hint: String?) {
        let compiler = Compiler()
        #expect(compiler.compile(SourceFile(name: "t.vcl", text: text)) == nil)
        #expect(
            compiler.diagnostics.contains { $0.message == message && $0.hint == hint },
            "\(compiler.diagnostics.map { ($0.message, $0.hint) })")
    }
}

@Suite struct TableTests {
    @Test func findsEachKeyAndNothingElse() {
        let table = Table(name: "t", entries: (0..<5000).map { (key: "/key/\($0)", value: "value \($0)") })
        #expect(table.count == 5000)
        for index in [0, 1, 2500, 4999] {
            #expect("/key/\(index)".withBytes { table.lookup($0).string } == "value \(index)")
        }
        #expect("/key/5000".withBytes { !table.lookup($0).isSet })
        #expect(!table.lookup(.notSet).isSet)
        #expect(!Table(name: "e", entries: []).lookup(Bytes("")).isSet)
    }

    @Test func letsTheLaterOfTwoCount() {
        let table = Table(name: "t", entries: [(key: "a", value: "1"), (key: "a", value: "2")])
        #expect(table.count == 1)
        #expect(table.lookup(Bytes("a")) == "2")
    }
}

@Suite struct DirectorTests {
    let director = Director(
        name: "d", policy: .random, quorum: 50,
        members: [.init(backend: 0, weight: 1), .init(backend: 1, weight: 2), .init(backend: 2, weight: 1)])

    @Test func sharesByWeight() {
        let picks = (0..<4).map { director.pick(key: 0, random: UInt64($0)) { _ in true } }
        #expect(picks == [0, 1, 1, 2])
    }

    @Test func answersWithNoneBelowItsQuorum() {
        #expect(director.pick(key: 0, random: 0) { $0 == 0 } == nil)
        #expect(director.pick(key: 0, random: 0) { $0 == 1 } == 1)
    }
}
