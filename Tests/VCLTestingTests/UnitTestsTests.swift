import Diagnostics
import Testing
import VCL
import VCLRuntime

@testable import VCLTesting

@Suite struct UnitTestsTests {
    static let program = """
        backend F_a { .host = "a.example"; .port = "80"; }
        backend F_b { .host = "b.example"; .port = "80"; .always_use_host_header = true; }
        table flags { "banner": "on" }
        sub greet { set req.http.Greeting = "hello"; }
        sub doubled(INTEGER var.n) INTEGER {
          set var.n *= 2;
          return var.n;
        }
        sub vcl_recv {
          #FASTLY recv
          call greet;
          if (req.url.path == "/old") { error 801 "/new"; }
          if (req.url.path == "/again") { restart; }
          if (table.lookup(flags, "banner", "off") == "on") { set req.http.Banner = "1"; }
          set req.http.Region = server.region;
          if (req.url.path == "/pass") { return(pass); }
          return(lookup);
        }
        sub vcl_error {
          #FASTLY error
          synthetic "moved";
          return(deliver);
        }
        """

    /// The outcome of each test: "pass", "skip", or the failure's message.
    static func outcomes(_ tests: String, tags: [String] = []) -> [String: String] {
        var runner = UnitTests(
            main: SourceFile(name: "main.vcl", text: program), model: ServiceModel(),
            clock: { 1_767_225_600_000_000_000 })
        runner.environment = { $0 == "STAGE" ? "dev" : nil }
        runner.tags = tags
        let result = runner.run(SourceFile(name: "main.test.vcl", text: tests))
        if result.diagnostics.hasErrors {
            return ["": result.diagnostics.placed(in: result.sources).rendered()]
        }
        return Dictionary(
            result.results.map { one in
                switch one.outcome {
                case .passed: (one.test.name, "pass")
                case .skipped: (one.test.name, "skip")
                case .failed(let failure): (one.test.name, failure.message)
                }
            }, uniquingKeysWith: { first, second in first == "pass" ? second : first })
    }

    @Test(arguments: [
        (
            "testing.call_subroutine(\"vcl_recv\"); assert.state(lookup); assert.equal(req.http.Greeting, \"hello\");",
            "pass"
        ),
        (
            "set req.url = \"/pass\"; testing.call_subroutine(\"vcl_recv\"); assert.state(pass); assert.not_state(lookup);",
            "pass"
        ),
        (
            "set req.url = \"/old\"; testing.call_subroutine(\"vcl_recv\"); assert.error(801, \"/new\");",
            "pass"
        ),
        (
            "set req.url = \"/old\"; testing.call_subroutine(\"vcl_recv\"); assert.error(802);",
            "expected the status 802, found 801"
        ),
        (
            "set req.url = \"/again\"; testing.call_subroutine(\"vcl_recv\"); assert.restart(); assert.not_error();",
            "pass"
        ),
        ("assert.equal(testing.call_subroutine(\"doubled\", 21), 42);", "pass"),
        (
            "declare local var.n INTEGER; set var.n = testing.call_subroutine(\"doubled\", 4); assert.equal(var.n, 8);",
            "pass"
        ),
        ("assert.equal(req.http.None, \"x\");", "expected \"x\", found nothing (not set)"),
        ("assert.equal(\"1\", 1);", "expected a INTEGER, found a STRING"),
        ("assert(req.http.None, \"no header\");", "no header (expected something, found nothing)"),
        ("assert.true(req.url == \"/\"); assert.false(req.http.None);", "expected a BOOL, found a STRING"),
        (
            "testing.table_set(flags, \"banner\", \"off\"); testing.call_subroutine(\"vcl_recv\"); assert.is_notset(req.http.Banner);",
            "pass"
        ),
        (
            "testing.inject_variable(\"server.region\", \"Asia\"); testing.call_subroutine(\"vcl_recv\"); assert.equal(req.http.Region, \"Asia\");",
            "pass"
        ),
        ("testing.fixed_time(\"2023-09-08 16:59:00\"); assert.equal(now.sec, \"1694192340\");", "pass"),
        ("testing.override_host(\"x.example\"); assert.equal(req.http.Host, \"x.example\");", "pass"),
        ("set req.backend = F_b; assert.equal(testing.origin_host_header, \"b.example\");", "pass"),
        (
            "testing.call_subroutine(\"vcl_recv\"); assert.subroutine_called(\"greet\", 1); assert.not_subroutine_called(\"doubled\");",
            "pass"
        ),
        (
            "testing.mock(\"greet\", \"other\"); testing.call_subroutine(\"vcl_recv\"); assert.equal(req.http.Greeting, \"hi\");",
            "pass"
        ),
        (
            "testing.mock(\"greet\", \"other\"); testing.restore_all_mocks(); testing.call_subroutine(\"vcl_recv\"); assert.equal(req.http.Greeting, \"hello\");",
            "pass"
        ),
        (
            "assert.equal(testing.get_env(\"STAGE\"), \"dev\"); assert.is_notset(testing.get_env(\"NONE\"));",
            "pass"
        ),
        (
            "assert.contains(\"abc\", \"b\"); assert.starts_with(\"abc\", \"ab\"); assert.ends_with(\"abc\", \"bc\"); assert.equal_fold(\"A\", \"a\"); assert.match(\"abc\", \"^a.c$\"); assert.not_match(\"abc\", \"x\");",
            "pass"
        ),
        ("assert.match(client.ip, \"1\");", "argument 1 must be a STRING, not a IP"),
        (
            "assert.is_json({\"{\"a\": [1, 2.5e3, null]}\"}); assert.is_json(\"[1,2,]\");",
            "\"[1,2,]\" is no JSON"
        ),
        ("assert.equal(testing.inspect(\"obj.status\"), 200);", "pass"),
        ("set req.nothing = \"1\";", "unknown variable 'req.nothing'"),
    ])
    func judges(_ body: String, _ expected: String) {
        let tests = "sub other { set req.http.Greeting = \"hi\"; }\n// @scope: recv\nsub test_it { \(body) }"
        #expect(UnitTestsTests.outcomes(tests)["test_it"] == expected)
    }

    @Test func readsAnnotationsAndTags() {
        let tests = """
            // @scope: error
            // @suite: says moved
            sub a { testing.call_subroutine("vcl_error"); assert.equal(testing.synthetic_body, "moved"); }
            # @skip
            sub b { assert.true(false); }
            // @tag: prod
            sub c { assert.true(true); }
            // @tag: !prod
            sub d { assert.true(true); }
            """
        #expect(
            UnitTestsTests.outcomes(tests) == ["says moved": "pass", "b": "skip", "c": "skip", "d": "pass"])
        #expect(UnitTestsTests.outcomes(tests, tags: ["prod"])["c"] == "pass")
        #expect(UnitTestsTests.outcomes(tests, tags: ["prod"])["d"] == "skip")
    }

    @Test func testsOfAGroupShareARequestAndRunBetweenItsHooks() {
        let tests = """
            describe journey {
              before_recv { set req.http.Before = req.http.Before "x"; }
              after_recv { testing.restore_all_mocks(); }
              sub other { set req.http.Greeting = "hi"; }
              // @scope: recv
              sub first { testing.mock("greet", "other"); testing.call_subroutine("vcl_recv"); assert.equal(req.http.Greeting, "hi"); }
              // @scope: recv
              sub second { testing.call_subroutine("vcl_recv"); assert.equal(req.http.Greeting, "hello"); assert.equal(req.http.Before, "(null)xxx"); }
            }
            """
        let found = UnitTestsTests.outcomes(tests)
        #expect(found["first"] == "pass")
        #expect(found["second"] == "pass")
    }

    @Test func aWrongTestFailsAloneAndAWrongProgramFailsAll() {
        let found = UnitTestsTests.outcomes(
            "sub test_a { set var.x = 1; }\nsub test_b { assert.true(true); }")
        #expect(found["test_a"] == "'var.x' is not declared in 'test_a'")
        #expect(found["test_b"] == "pass")
    }

    @Test func countsWhatRan() {
        let runner = UnitTests(
            main: SourceFile(name: "main.vcl", text: UnitTestsTests.program), model: ServiceModel(),
            clock: { 0 })
        let result = runner.run(
            SourceFile(
                name: "main.test.vcl",
                text: "// @scope: recv\nsub t { testing.call_subroutine(\"vcl_recv\"); }"))
        #expect(result.coverage.files == ["main.vcl"])
        #expect(result.coverage.statements() == Coverage.Share(reached: 9, all: 16))
        #expect(result.coverage.branches() == Coverage.Share(reached: 4, all: 8))
        #expect(result.coverage.lines(of: "main.vcl")[12] == 0)
    }

    @Test func knowsTheListsOfAddressesThatTheServiceSupplies() {
        var model = ServiceModel()
        model.accessLists = ["blocked"]
        var runner = UnitTests(
            main: SourceFile(
                name: "main.vcl",
                text: "sub vcl_recv { if (req.http.IP ~ blocked) { set req.http.Held = \"yes\"; } }"),
            model: model, clock: { 0 })
        runner.dictionaries = ["blocked": ["192.0.2.0/24": "", "!192.0.2.9": ""]]
        let tests = """
            // @scope: recv
            sub held {
              set req.http.IP = "192.0.2.8";
              testing.call_subroutine("vcl_recv");
              assert.equal(req.http.Held, "yes");
            }
            // @scope: recv
            sub not_held {
              set req.http.IP = "192.0.2.9";
              testing.call_subroutine("vcl_recv");
              assert.not_equal(req.http.Held, "yes");
            }
            """
        let result = runner.run(SourceFile(name: "main.test.vcl", text: tests))
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
        #expect(result.results.count == 2)
        for one in result.results {
            if case .failed(let failure) = one.outcome { Issue.record("\(failure.message)") }
        }
    }
}
