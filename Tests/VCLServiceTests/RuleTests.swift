import Diagnostics
import HTTP1
import Kernel
import Testing
import VCL
import VCLRuntime

@testable import VCLService

@Suite struct RuleTests {
    private let origin = #""backends": [{"name": "origin", "address": "127.0.0.1"}]"#

    // MARK: request settings

    @Test func sendsPeopleToTLS() throws {
        let service = try Bench.service(
            "{\(origin), \"request_settings\": [{\"name\": \"tls\", \"force_ssl\": \"1\"}]}")
        let bench = try Bench(service, url: "/x", headers: [("Host", "a.example")])
        #expect(bench.run(.recv) == .error)
        #expect(bench.answer().status == 301)
        #expect(bench.header(\.obj.headers, "Location") == "https://a.example/x")
        #expect(try Bench(service, headers: [("Fastly-SSL", "1")]).run(.recv) == .lookup)
    }

    @Test func appliesRequestSettings() throws {
        let service = try Bench.service(
            """
            {\(origin), "request_settings": [{"name": "s", "force_miss": true, "bypass_busy_wait": 1, "action": "pass",
              "default_host": "b.example", "xff": "append", "max_stale_age": null}]}
            """)
        let bench = try Bench(service, headers: [("X-Forwarded-For", "198.51.100.1")])
        #expect(bench.run(.recv) == .pass)
        #expect(bench.context.hashAlwaysMiss && bench.context.hashIgnoreBusy)
        #expect(bench.header(\.req.headers, "Host") == "b.example")
        _ = bench.run(.pass)
        #expect(bench.header(\.bereq.headers, "X-Forwarded-For") == "198.51.100.1, 192.0.2.9")
    }

    @Test func limitsStalenessAndTellsWhereTheClientIs() throws {
        let service = try Bench.service(
            """
            {\(origin), "request_settings": [{"name": "s", "max_stale_age": "60", "geo_headers": "1"}],
             "snippets": [{"name": "z", "type": "recv", "priority": 1, "content": "set req.http.Before = req.max_stale_if_error;"},
                          {"name": "e", "type": "hash", "content": "set req.http.After = req.max_stale_if_error;"}]}
            """)
        let bench = try Bench(service)
        _ = bench.run(.recv)
        _ = bench.run(.hash)
        #expect(bench.header(\.req.headers, "Before") != bench.header(\.req.headers, "After"))
        #expect(bench.header(\.req.headers, "After") == "60.000")
        #expect(bench.header(\.req.headers, "Fastly-Geo-Country") != nil)
    }

    @Test(
        arguments: [
            ("clear", nil), ("leave", "198.51.100.1"), ("overwrite", "192.0.2.9"),
            ("append_all", "198.51.100.1, 192.0.2.9"),
        ] as [(String, String?)])
    func tellsBackendsWhoAsks(xff: String, result: String?) throws {
        let service = try Bench.service(
            "{\(origin), \"request_settings\": [{\"name\": \"s\", \"xff\": \"\(xff)\"}]}")
        let bench = try Bench(service, headers: [("X-Forwarded-For", "198.51.100.1")])
        _ = bench.run(.recv)
        bench.set(\.bereq.headers, "X-Forwarded-For", "198.51.100.1")
        _ = bench.run(.miss)
        #expect(bench.header(\.bereq.headers, "X-Forwarded-For") == result)
    }

    @Test func makesTheCacheKeyOfHashKeys() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "conditions": [{"name": "app", "type": "REQUEST", "statement": "req.url ~ \"^/app\""}],
             "request_settings": [{"name": "s", "hash_keys": "req.url.path, req.http.Lang", "request_condition": "app"}]}
            """#)
        func key(_ url: String, _ language: String) throws -> String {
            let bench = try Bench(service, url: url, headers: [("Lang", language), ("Host", "h")])
            #expect(bench.run(.hash) == .hash)
            return bench.context.hashKey.string
        }
        #expect(try key("/app?a", "de") == key("/app?b", "de"))
        #expect(try key("/app?a", "de") != key("/app?a", "fr"))
        #expect(try key("/x?a", "de") != key("/x?b", "de"))
        #expect(try key("/x?a", "de") == key("/x?a", "fr"))
    }

    // MARK: response objects

    @Test func answersWithAResponseObject() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "conditions": [{"name": "robots", "type": "REQUEST", "statement": "req.url.path == \"/robots.txt\""},
                            {"name": "missing", "type": "CACHE", "statement": "beresp.status == 404"}],
             "response_objects": [
               {"name": "r", "status": "200", "response": "OK", "content": "User-agent: *\n# 100% \"}", "content_type": "text/plain",
                "request_condition": "robots", "cache_condition": ""},
               {"name": "m", "status": 410, "response": "Gone away", "content": "", "cache_condition": "missing"}]}
            """#)
        let bench = try Bench(service, url: "/robots.txt")
        #expect(bench.run(.recv) == .error)
        let (status, reason, body) = bench.answer()
        #expect(status == 200 && reason == "OK" && body == "User-agent: *\n# 100% \"}")
        #expect(bench.header(\.obj.headers, "Content-Type") == "text/plain")

        let other = try Bench(service, url: "/other")
        #expect(other.run(.recv) == .lookup)
        other.context.beresp.status = 404
        #expect(other.run(.fetch) == .error)
        #expect(other.answer().status == 410)
        #expect(other.context.resp.reason.string == "Gone away")
    }

    // MARK: caching

    @Test func appliesCacheSettings() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "conditions": [{"name": "css", "type": "CACHE", "statement": "req.url.ext == \"css\""},
                            {"name": "no", "type": "CACHE", "statement": "req.url ~ \"^/no\""}],
             "cache_settings": [{"name": "a", "action": "deliver", "ttl": "60", "stale_ttl": "5", "cache_condition": "css"},
                                {"name": "b", "action": "pass", "ttl": 0, "cache_condition": "no"}]}
            """#)
        let css = try Bench(service, url: "/a.css")
        #expect(css.run(.fetch) == .deliver)
        #expect(css.context.lifetime.ttl == 60_000_000_000)
        #expect(try Bench(service, url: "/no").run(.fetch) == .pass)
    }

    @Test(
        arguments: [
            (#""content_types": "text/x-own", "extensions": """#, "/a", "text/x-own; charset=utf-8", true),
            (#""content_types": "text/x-own", "extensions": """#, "/a.css", "text/css", false),
            (#""content_types": [], "extensions": ["own"]"#, "/a.own?x", "image/png", true),
            (#""content_types": "", "extensions": """#, "/a", "application/json", true),
            (#""content_types": "", "extensions": """#, "/a", "image/png", false),
        ] as [(String, String, String, Bool)])
    func compresses(fields: String, url: String, type: String, compressed: Bool) throws {
        let service = try Bench.service("{\(origin), \"gzips\": [{\"name\": \"g\", \(fields)}]}")
        let bench = try Bench(service, url: url, headers: [("Accept-Encoding", "gzip")])
        bench.set(\.beresp.headers, "Content-Type", type)
        bench.set(\.beresp.headers, "Vary", "Lang")
        _ = bench.run(.fetch)
        #expect(bench.context.gzip == compressed)
        #expect(
            bench.header(\.beresp.headers, "Vary") == (compressed ? "Lang, Accept-Encoding" : "Lang"))
    }

    @Test func servesStaleInsteadOfAnErrorWhenTheSettingsSaySo() throws {
        let service = try Bench.service(
            """
            {\(origin), "settings": {"general.default_ttl": "120", "general.default_host": "c.example",
             "general.stale_if_error": true, "general.stale_if_error_ttl": 77}}
            """)
        let bench = try Bench(service)
        bench.context.beresp.status = 502
        #expect(bench.run(.fetch) == .restart)
        bench.context.staleExists = true
        #expect(bench.run(.fetch) == .deliverStale)
        bench.context.beresp.status = 200
        #expect(bench.run(.fetch) == .deliver)
        #expect(bench.context.lifetime.ttl == 120_000_000_000)
        #expect(bench.context.lifetime.staleIfError == 77_000_000_000)
        _ = bench.run(.miss)
        #expect(bench.header(\.bereq.headers, "Host") == "c.example")
    }

    // MARK: rate limits

    @Test(
        arguments: [
            (
                #""action": "response", "response": {"status": 429, "content_type": "text/plain", "content": "slow down"}"#,
                429, "slow down"
            ),
            (#""action": "response_object", "response_object_name": "busy""#, 503, "busy page"),
        ] as [(String, Int, String)])
    func stopsClientsThatAskTooOften(action: String, status: Int, body: String) throws {
        let service = try Bench.service(
            """
            {\(origin),
             "conditions": [{"name": "never", "type": "REQUEST", "statement": "false"}],
             "response_objects": [{"name": "busy", "status": 503, "content": "busy page", "request_condition": "never"}],
             "rate_limiters": [{"name": "by ip", "client_key": ["req.http.Fastly-Client-IP", "req.http.User-Agent"],
               "http_methods": "GET,HEAD", "rps_limit": 10, "window_size": 1, "penalty_box_duration": 2, \(action)}]}
            """)
        let bench = try Bench(service, headers: [("Fastly-Client-IP", "192.0.2.9")])
        var flow = Flow.next
        for _ in 0..<100 where flow != .error { flow = bench.run(.miss) }
        #expect(flow == .error)
        let answer = bench.answer()
        #expect(answer.status == status && answer.body == body)
        #expect(bench.header(\.req.headers, "Fastly-SEC-RateLimit") == "true")
        let post = try Bench(service, method: "POST", headers: [("Fastly-Client-IP", "192.0.2.9")])
        flow = .next
        for _ in 0..<100 where flow != .error { flow = post.run(.pass) }
        #expect(flow != .error)
    }

    // MARK: logging

    @Test func logsWhereAndWhatEndpointsSay() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "conditions": [{"name": "bad", "type": "RESPONSE", "statement": "resp.status >= 500"}],
             "logging_s3": [{"name": "S3 all", "format": "%m \"%{X-Id}i\" %>s 100%%\n%{req.url.path}V", "format_version": "2"}],
             "logging_syslog": [{"name": "old", "format": "%m", "format_version": 1},
                                {"name": "errors", "format": "bad", "response_condition": "bad"},
                                {"name": "own", "format": "never", "placement": "none"}]}
            """#)
        let bench = try Bench(service, headers: [("X-Id", "7")])
        _ = bench.run(.deliver)
        #expect(bench.context.logs.map(\.string).map(text) == ["old :: GET"])
        _ = bench.run(.log)
        #expect(
            bench.context.logs.dropFirst().map(\.string).map(text) == [
                "S3 all :: GET \"7\" 200 100% /a/b.html"
            ])
        bench.context.resp.status = 500
        _ = bench.run(.log)
        #expect(bench.context.logs.last.map(\.string).map(text) == "errors :: bad")
    }

    /// The line without what says where it goes.
    private func text(_ line: String) -> String {
        String(line.drop { $0 != " " }.dropFirst().drop { $0 != " " }.dropFirst())
    }

    @Test(
        arguments: [
            ("", "\"\""), ("a%b", "\"a\" if(resp.body_bytes_written == 0, \"-\", resp.body_bytes_written)"),
            ("%{if(req.http.A, \"}\", \"\")}V", "if(req.http.A, \"}\", \"\")"),
            ("%{end:%Y}t", "strftime({\"%Y\"}, time.end)"), ("%{a}C", "req.http.Cookie:a"),
            ("50% %?", "{\"50% %?\"}"),
            ("%{unclosed", "{\"%{unclosed\"}"),
        ] as [(String, String)])
    func translatesLogFormats(format: String, expression: String) {
        #expect(LogFormat.expression(format) == expression)
    }

    // MARK: names in findings

    @Test func namesTheObjectThatIsWrong() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "conditions": [{"name": "odd", "type": "REQUEST", "statement": "req.ulr ~ \"x\""}],
             "headers": [{"name": "X", "type": "response", "action": "set", "dst": "http.A", "src": "nothing"},
                         {"name": "Y", "type": "request", "action": "set", "dst": "http.A", "src": "\"1\"", "request_condition": "odd"}],
             "snippets": [{"name": "s", "type": "recv", "content": "\nset req.htp.A = \"1\";"}]}
            """#)
        let findings = try Bench.findings(in: service)
        #expect(findings.contains("condition \"odd\":1:5: error: unknown variable 'req.ulr'"))
        #expect(findings.contains("header \"X\":1:"))
        #expect(findings.contains("snippet \"s\" (recv):2:5: error"))
        #expect(!findings.contains("generated "))
    }

    @Test(
        arguments: [
            (
                #""headers": [{"name": "h", "type": "request", "action": "set", "dst": "http.A", "src": "1", "request_condition": "apis"}], "conditions": [{"name": "api", "type": "REQUEST", "statement": "true"}]"#,
                "header 'h' names the condition 'apis', which the service does not have (did you mean 'api'?)"
            ),
            (
                #""directors": [{"name": "d", "type": 1, "backends": ["lost"]}]"#,
                "director 'd' names the backend 'lost', which the service does not have"
            ),
        ] as [(String, String)])
    func refusesAnObjectThatNamesAnother(fields: String, message: String) throws {
        let service = try Bench.service("{\(fields)}")
        let failure = #expect(throws: Failure.self) { try service.model() }
        #expect(failure?.description == message)
    }

    @Test func leavesOutWhatNamesAMissingConditionWhenAskedTo() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1", "healthcheck": "lost"}],
             "headers": [{"name": "a", "type": "request", "action": "set", "dst": "http.A", "src": "\"1\"", "request_condition": "lost"},
                         {"name": "b", "type": "response", "action": "set", "dst": "http.B", "src": "\"1\"", "request_condition": "lost"}]}
            """#)
        #expect(service.problems.count == 3)
        let compiler = Compiler(model: service.partialModel())
        #expect(compiler.compile(service.main) != nil)
        #expect(!compiler.sources.files.contains { $0.name.hasPrefix("header") })
    }
}
