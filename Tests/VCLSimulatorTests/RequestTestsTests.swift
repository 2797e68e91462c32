import Diagnostics
import Kernel
import Testing
import VCLRuntime

@testable import VCLSimulator

@Suite struct RequestTestsTests {
    static let program = """
        backend F_a { .host = "a.example"; .port = "80"; }
        backend F_b { .host = "b.example"; .port = "80"; }
        director pool random { { .backend = F_a; .weight = 1; } { .backend = F_b; .weight = 1; } }
        director ssl_shield shield { { .backend = F_a; } }
        table switches { "banner": "off" }
        ratecounter visits {}
        penaltybox bench {}
        sub vcl_recv {
          #FASTLY recv
          set req.backend = F_a;
          if (req.url.path == "/pool") { set req.backend = pool; }
          if (req.url.path == "/shielded" && fastly.ff.visits_this_service == 0) { set req.backend = ssl_shield; }
          if (req.url.path == "/limited" && ratelimit.check_rate(client.ip, visits, 1, 60, 10, bench, 2m)) { error 429 "slow down"; }
          if (req.url.path == "/proved") { set req.http.HQ-Challenge = "required"; }
          if (req.url.path == "/again" && req.restarts < 2) { restart; }
          if (req.url.path == "/old") { error 801 "/new"; }
          if (req.method != "GET" && req.method != "HEAD" && !req.is_purge) { return(pass); }
          return(lookup);
        }
        sub vcl_fetch {
          #FASTLY fetch
          if (req.url.path == "/page") { esi; }
          if (beresp.status >= 500 && stale.exists) { return(deliver_stale); }
          set beresp.stale_if_error = 1h;
          if (req.url.path == "/swr") { set beresp.stale_while_revalidate = 30s; }
          return(deliver);
        }
        sub vcl_error {
          #FASTLY error
          if (obj.status == 801) { set obj.status = 301; set obj.http.Location = obj.response; synthetic ""; return(deliver); }
          if (obj.status >= 500 && stale.exists) { return(deliver_stale); }
        }
        sub vcl_deliver {
          #FASTLY deliver
          if (table.lookup(switches, "banner") == "on") { set resp.http.X-Banner = "on"; }
          log "served " req.url;
        }
        """

    /// The mistakes of each test in the text, by its name.
    static func run(_ text: String) -> [String: [String]] {
        let (tests, diagnostics) = RequestTestReader.read(SourceFile(name: "t.test.yaml", text: text))
        if diagnostics.hasErrors { return ["": diagnostics.map(\.message)] }
        let runner = RequestTests(
            main: SourceFile(name: "main.vcl", text: program), model: ServiceModel(), dictionaries: [:],
            clock: { 0 })
        var found: [String: [String]] = [:]
        for test in tests {
            do { found[test.name] = try runner.run(test).mistakes.map(\.message) } catch {
                found[test.name] = [error.diagnostics.rendered()]
            }
        }
        return found
    }

    @Test func tellsWhatTheCacheDoesAsTimePasses() {
        let found = RequestTestsTests.run(
            """
            tests:
              - name: hit, then stale, then stale because the origin is away
                steps:
                  - origin: {headers: {Cache-Control: max-age=60, Surrogate-Key: one two}, body: hello}
                  - request: {url: /x}
                    expect: {status: 200, cache: MISS, body: hello, fetches: 1, backend: F_a, stored_for: 60s, states: [recv, hash, miss, fetch, deliver, log]}
                  - request: {url: /x}
                    expect: {cache: HIT, fetches: 0, headers: {Age: "0", Surrogate-Key: null, X-Cache-Hits: "1"}}
                  - after: 61s
                  - origin: {fails: connection refused}
                  - request: {url: /x}
                    expect: {cache: STALE, body: hello, headers: {Age: "61"}}
                  - origin: {status: 500}
                  - request: {url: /x}
                    expect: {cache: STALE, status: 200}
              - name: refreshed in the background
                steps:
                  - origin: {headers: {Cache-Control: max-age=10}, body: one}
                  - request: {url: /swr}
                  - after: 15s
                  - origin: {headers: {Cache-Control: max-age=10}, body: two}
                  - request: {url: /swr}
                    expect: {cache: STALE, body: one, fetches: 0}
                  - request: {url: /swr}
                    expect: {cache: HIT, body: two}
              - name: a soft purge leaves it stale, a hard one nothing
                steps:
                  - origin: {headers: {Cache-Control: max-age=60, Surrogate-Key: news}, body: one}
                  - request: {url: /x}
                  - purge: {key: news, soft: true}
                  - origin: {fails: timeout}
                  - request: {url: /x}
                    expect: {cache: STALE}
                  - purge: {key: news}
                  - request: {url: /x}
                    expect: {cache: ERROR, status: 503}
            """)
        #expect(found.values.allSatisfy(\.isEmpty) && found.count == 3, "\(found)")
    }

    @Test func servesTheCacheAloneWhileTheSwitchIsOn() {
        let found = RequestTestsTests.run(
            """
            tests:
              - name: stale at any age, and nothing else
                steps:
                  - origin: {headers: {Cache-Control: max-age=10}, body: one}
                  - request: {url: /x}
                  - origin: {headers: {Cache-Control: "max-age=10, must-revalidate"}, body: exact}
                  - request: {url: /exact}
                  - after: 30m
                  - shed: on
                  - request: {url: /x}
                    expect: {status: 200, cache: STALE, body: one, fetches: 0, states: [recv, hash, hit, deliver, log]}
                  # What must be asked for is no hit. This program's vcl_error decides to deliver it all the same.
                  - request: {url: /exact}
                    expect: {status: 200, cache: STALE, fetches: 0, states: [recv, hash, miss, error, deliver, log]}
                  - request: {url: /y}
                    expect: {status: 503, cache: ERROR, fetches: 0, headers: {Retry-After: "30"}, body: only the cache is served}
                  - request: {url: /y, method: POST}
                    expect: {status: 503, fetches: 0}
                  - shed: {except: [/y]}
                  - request: {url: /y/z}
                    expect: {status: 200, fetches: 1}
                  - request: {url: /yes}
                    expect: {status: 503}
                  - shed: off
                  - request: {url: /yes}
                    expect: {status: 200, fetches: 1}
              - name: health is not asked for while nothing is fetched
                steps:
                  - health: {F_a: false}
                  - shed: on
                  - request: {url: /y}
                    expect: {status: 503, headers: {Retry-After: "30"}}
            """)
        #expect(found.values.allSatisfy(\.isEmpty) && found.count == 2, "\(found)")
    }

    @Test func asksForProofsOfWork() {
        let found = RequestTestsTests.run(
            """
            tests:
              - name: of everybody in a flood
                challenge: {except: [/api/]}
                steps:
                  - origin: {headers: {Cache-Control: max-age=60}}
                  - request: {url: /x}
                    expect: {status: 200, challenged: false}
                  - flood: on
                  - request: {url: /x}
                    expect: {status: 403, challenged: true, cache: SYNTH, fetches: 0, states: [log], headers: {Cache-Control: no-store}, body: {contains: hq-proof}}
                  - request: {url: /x, proof: true}
                    expect: {status: 200, challenged: false, cache: HIT}
                  - request: {url: /api/v1}
                    expect: {status: 200, challenged: false}
                  - request: {url: /.well-known/acme-challenge/token}
                    expect: {challenged: false}
                  - flood: off
                  - request: {url: /x}
                    expect: {challenged: false}
              - name: of whom the program names, when the edge asks at all
                challenge: true
                steps:
                  - request: {url: /proved}
                    expect: {status: 403, challenged: true, states: [recv, log]}
                  - request: {url: /proved, proof: true}
                    expect: {status: 200, challenged: false, backend_headers: {HQ-Challenge: null}}
              - name: of nobody
                steps:
                  - request: {url: /proved}
                    expect: {status: 200, challenged: false, backend_headers: {HQ-Challenge: required}}
              - name: a flood that nobody notices
                steps:
                  - flood: on
            """)
        #expect(found["of everybody in a flood"] == [] && found["of nobody"] == [], "\(found)")
        #expect(found["of whom the program names, when the edge asks at all"] == [], "\(found)")
        #expect(
            found["a flood that nobody notices"]
                == ["no flood is noticed without 'challenge' in the test"])
    }

    @Test(arguments: [
        ("shed: {except: [donate]}", "'donate' is no beginning of a path"),
        ("shed: {exept: [/a]}", "shed has no key 'exept'"),
        ("shed: perhaps", "shed is true or false, not 'perhaps'"),
        ("flood: 3", "flood is true or false, not '3'"),
    ])
    func refusesWhatNoSwitchKnows(step: String, message: String) {
        let found = RequestTestsTests.run("tests: [{name: a, steps: [{\(step)}]}]")
        #expect(found[""]?.first == message, "\(found)")
    }

    @Test func drivesDictionariesHealthRatesShieldsAndESI() {
        let found = RequestTestsTests.run(
            """
            tests:
              - name: a switch that a test begins with
                dictionaries: {switches: {banner: "on"}}
                steps:
                  - request: {url: /}
                    expect: {headers: {X-Banner: "on"}}
              - name: a switch
                steps:
                  - request: {url: /}
                    expect: {headers: {X-Banner: null}}
                  - set: {switches: {banner: "on"}}
                  - request: {url: /}
                    expect: {headers: {X-Banner: "on"}, logs: [served /]}
              - name: health
                steps:
                  - health: {F_a: false}
                  - request: {url: /pool, method: POST}
                    expect: {backend: F_b, cache: PASS}
                  - health: {F_b: false}
                  - request: {url: /pool, method: POST}
                    expect: {status: 503, fetches: 0}
              - name: rates
                steps:
                  - request: {url: /limited}
                    expect: {status: 200}
                  - request: {url: /limited, client: 198.51.100.9}
                    expect: {status: 200}
              - name: a shield
                shield: true
                steps:
                  - origin: {headers: {Cache-Control: max-age=60}, body: from far}
                  - request: {url: /shielded}
                    expect: {status: 200, body: from far, cache: MISS}
                  - request: {url: /shielded}
                    expect: {cache: HIT}
              - name: esi
                steps:
                  - origin: {headers: {Cache-Control: max-age=60}, body: 'a<esi:include src="/part?x=1&amp;y=2"/>b<esi:remove>c</esi:remove>'}
                  - origins: {F_b: {body: never}}
                  - request: {url: /page}
                    expect: {body: {matches: "^aa<esi:include src=./part.*b$"}, fetches: 2}
              - name: restarts and redirects
                steps:
                  - request: {url: /again}
                    expect: {restarts: 2, status: 200}
                  - request: {url: /old}
                    expect: {status: 301, headers: {Location: /new}, cache: SYNTH, fetches: 0}
            """)
        #expect(found.values.allSatisfy(\.isEmpty) && found.count == 7, "\(found)")
    }

    @Test func saysWhatIsNotAsExpected() {
        let found = RequestTestsTests.run(
            """
            tests:
              - name: wrong
                steps:
                  - request: {url: /old}
                    expect: {status: 302, headers: {Location: /other, X-None: "1"}, cache: HIT, body: {contains: hello}}
            """)
        #expect(
            found["wrong"] == [
                "expected status 302, found 301", "expected header Location \"/other\", found \"/new\"",
                "expected header X-None \"1\", found none",
                "expected a body with \"hello\" in it, found \"\"",
                "expected cache HIT, found SYNTH",
            ])
    }

    @Test(arguments: [
        ("tests: [{name: a, steps: [{request: {url: x}}]}]", "'x' is no path"),
        ("tests: [{name: a, steps: [{reqest: {url: /}}]}]", "a step has no key 'reqest'"),
        ("tests: [{name: a, steps: [{after: 5}]}]", "after looks like 61s, not '5'"),
        (
            "tests: [{name: a, steps: [{request: {url: /}, expect: {cache: HOT}}]}]",
            "cache looks like HIT, not 'HOT'"
        ),
    ])
    func refusesWhatIsNoTest(_ text: String, _ message: String) {
        #expect(RequestTestsTests.run(text)[""]?.first == message)
    }

    @Test func tracesEachStep() throws {
        let edge = try SimulatedEdge(
            main: SourceFile(name: "main.vcl", text: RequestTestsTests.program), model: ServiceModel(),
            now: RequestTests.start)
        edge.tracing = true
        let found = edge.request(SimulatedRequest(url: "/old"))
        let recv = try #require(found.trace.first)
        #expect(recv.text == "vcl_recv" && recv.decision == "error")
        #expect(recv.steps.first?.variable == "req.backend" && recv.steps.first?.value == "F_a")
        let redirect = try #require(recv.steps.last)
        #expect(redirect.line == 16)
        #expect(redirect.steps.map(\.text) == ["req.url.path == \"/old\"", "error 801 \"/new\";"])
        #expect(found.trace.map(\.text) == ["vcl_recv", "vcl_error", "vcl_deliver", "vcl_log"])
    }
}

@Suite struct BehaviourDifferenceTests {
    private func edge(_ text: String) throws -> SimulatedEdge {
        try SimulatedEdge(
            main: SourceFile(name: "main.vcl", text: text), model: ServiceModel(), now: RequestTests.start)
    }

    @Test func tellsWhichAnswersDifferAndHow() throws {
        let common = "backend F_a { .host = \"a.example\"; } sub vcl_deliver {\n#FASTLY deliver\n"
        let found = BehaviourDifference.compare(
            before: try edge(common + "}"),
            after: try edge(
                common + "if (req.url == \"/b\") { set resp.http.X-New = \"1\"; set resp.status = 202; } }"),
            requests: [SimulatedRequest(url: "/a"), SimulatedRequest(url: "/b")])
        #expect(found.map(\.request.url) == ["/b"])
        #expect(found.first?.changes == ["status 200 -> 202", "header x-new: none -> 1"])
    }

    @Test func fillsTheListsOfAddressesThatTheServiceSupplies() throws {
        let (tests, diagnostics) = RequestTestReader.read(
            SourceFile(
                name: "t.test.yaml",
                text: """
                    tests:
                      - name: blocked
                        dictionaries: {blocked: {192.0.2.0/24: spam}}
                        steps:
                          - request: {url: /, client: 192.0.2.7}
                            expect: {status: 403}
                          - request: {url: /, client: 198.51.100.7}
                            expect: {status: 404}
                          - set: {blocked: {"!192.0.2.7": let in}}
                          - request: {url: /, client: 192.0.2.7}
                            expect: {status: 404}
                    """))
        #expect(diagnostics.isEmpty)
        var model = ServiceModel()
        model.accessLists = ["blocked"]
        let runner = RequestTests(
            main: SourceFile(
                name: "main.vcl", text: "sub vcl_recv { if (client.ip ~ blocked) { error 403; } error 404; }"),
            model: model, dictionaries: ["blocked": [:]], clock: { 0 })
        for test in tests { #expect(try runner.run(test).mistakes.map(\.message) == []) }
        #expect(tests.count == 1)
    }
}
