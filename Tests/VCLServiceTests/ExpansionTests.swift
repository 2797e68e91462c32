import Diagnostics
import HTTP1
import Kernel
import Testing
import VCL
import VCLRuntime

@testable import VCLService

/// Each kind of object, from the API's JSON to what the program does.
@Suite struct ExpansionTests {
    private let origin = #""backends": [{"name": "origin", "address": "127.0.0.1"}]"#

    @Test func compilesAServiceOfNothingButABackend() throws {
        let bench = try Bench(Bench.service("{\(origin)}"))
        #expect(bench.run(.recv) == .lookup)
        #expect(bench.backend == "F_origin")
        #expect(bench.run(.hash) == .hash)
        #expect(bench.run(.miss) == .fetch)
        #expect(bench.run(.fetch) == .deliver)
        #expect(bench.context.lifetime.ttl == 3_600_000_000_000)
        #expect(bench.run(.deliver) == .deliver)
        #expect(bench.header(\.resp.headers, "X-Cache") == "MISS")
    }

    @Test func passesMethodsThatAreNotCached() throws {
        #expect(try Bench(Bench.service("{\(origin)}"), method: "POST").run(.recv) == .pass)
    }

    @Test func neverCachesACookie() throws {
        let bench = try Bench(Bench.service("{\(origin)}"))
        bench.set(\.beresp.headers, "Set-Cookie", "a=1")
        #expect(bench.run(.fetch) == .pass)
    }

    // MARK: backends and directors

    @Test func takesABackendWhoseConditionHolds() throws {
        let service = try Bench.service(
            """
            {"backends": [
               {"name": "web 1", "address": "192.0.2.1", "port": "8080"},
               {"name": "api", "address": "192.0.2.2", "port": 443, "use_ssl": "1", "override_host": "api.example",
                "request_condition": "is api", "connect_timeout": 2500, "healthcheck": "up"}],
             "conditions": [{"name": "is api", "type": "REQUEST", "statement": "req.url ~ \\"^/api\\"", "priority": "10"}],
             "healthchecks": [{"name": "up", "host": "api.example", "path": "/health", "headers": ["X-Probe: 1"]}]}
            """)
        #expect(try chosen(service, "/") == "F_web_1")
        let bench = try Bench(service, url: "/api/x")
        _ = bench.run(.recv)
        let backend = try #require(bench.context.snapshot.program.backend(at: bench.context.backend))
        #expect(backend.name == "F_api" && backend.port == 443 && backend.hostHeader == "api.example")
        #expect(backend.connectTimeout == 2_500_000_000)
    }

    private func chosen(_ service: FastlyService, _ url: String) throws -> String? {
        let bench = try Bench(service, url: url)
        _ = bench.run(.recv)
        return bench.backend ?? bench.context.snapshot.program.directors.first?.name
    }

    @Test(arguments: [(1, Director.Policy.random), (3, .hash), (4, .client)] as [(Int, Director.Policy)])
    func sendsThroughTheDirectorOfABackend(type: Int, policy: Director.Policy) throws {
        let service = try Bench.service(
            """
            {"backends": [{"name": "a", "address": "192.0.2.1", "weight": 30}, {"name": "b", "address": "192.0.2.2"}],
             "directors": [{"name": "pool-1", "type": \(type), "quorum": "50", "backends": ["a", "b"]}]}
            """)
        #expect(try chosen(service, "/") == "pool_1")
        let director = try Bench(service).context.snapshot.program.directors[0]
        #expect(director.policy == policy && director.quorum == 50)
        #expect(director.members.map(\.weight) == [30, 100])
    }

    @Test func sharesTheLoadAmongBackendsThatBalance() throws {
        let service = try Bench.service(
            """
            {"backends": [{"name": "a", "address": "192.0.2.1", "auto_loadbalance": true},
                          {"name": "b", "address": "192.0.2.2", "auto_loadbalance": true}]}
            """)
        #expect(try chosen(service, "/") == "autodirector_")
    }

    @Test func goesToTheBackendItselfWhereTheShieldIsNotWell() throws {
        let service = try Bench.service(
            """
            {"backends": [{"name": "a", "address": "192.0.2.1", "shield": "iad-va-us", "use_ssl": true}],
             "snippets": [{"name": "own", "type": "init", "content": "sub s { set req.backend = ssl_shield_iad_va_us; }"}]}
            """)
        let bench = try Bench(service)
        #expect(bench.run(.recv) == .lookup)
        #expect(bench.backend == "F_a")
        #expect(bench.context.snapshot.program.directors.map(\.policy) == [.shield])
    }

    // MARK: snippets

    @Test func runsSnippetsByPriorityThenByName() throws {
        let service = try Bench.service(
            """
            {\(origin), "snippets": [
              {"name": "b", "type": "recv", "priority": "100", "dynamic": "0", "content": "set req.http.O = req.http.O \\"b\\";"},
              {"name": "a", "type": "recv", "priority": "100", "content": "set req.http.O = req.http.O \\"a\\";"},
              {"name": "z", "type": "recv", "priority": 5, "content": "set req.http.O = \\"z\\";"}]}
            """)
        let bench = try Bench(service)
        _ = bench.run(.recv)
        #expect(bench.header(\.req.headers, "O") == "zab")
    }

    @Test(arguments: ["hash", "hit", "miss", "pass", "fetch", "error", "deliver", "log"])
    func runsASnippetInItsState(type: String) throws {
        let service = try Bench.service(
            """
            {\(origin), "snippets": [{"name": "s", "type": "\(type)", "content": "set req.http.Ran = \\"\(type)\\";"}]}
            """)
        let bench = try Bench(service)
        _ = bench.run(Scope(rawValue: type)!)
        #expect(bench.header(\.req.headers, "Ran") == type)
    }

    @Test func putsInitSnippetsOnTopAndOthersWhereTheyAreIncluded() throws {
        let service = try Bench.service(
            """
            {\(origin),
             "vcls": [{"name": "main", "main": true, "content": "include \\"more\\"; sub vcl_recv {\\n#FASTLY recv\\n include \\"snippet::extra\\"; call mine; }"},
                      {"name": "more.vcl", "main": false, "content": "sub mine { set req.http.More = table.lookup(t, \\"k\\"); }"}],
             "snippets": [{"name": "tables", "type": "init", "content": "table t { \\"k\\": \\"v\\" }"},
                          {"name": "extra", "type": "none", "content": "set req.http.Extra = \\"1\\";"}]}
            """)
        let bench = try Bench(service)
        _ = bench.run(.recv)
        #expect(bench.header(\.req.headers, "Extra") == "1" && bench.header(\.req.headers, "More") == "v")
    }

    // MARK: data

    @Test func makesTablesOfDictionariesAndListsOfACLs() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "dictionaries": [{"name": "redirects", "items": [{"item_key": "/a", "item_value": "100% \"x\"\nb"}]},
                              {"name": "secret", "write_only": true}],
             "acls": [{"name": "our staff", "entries": [
                {"ip": "192.0.2.0", "subnet": "24", "negated": "0"},
                {"ip": "192.0.2.9", "subnet": null, "negated": 1, "comment": "two\nlines"}]}],
             "snippets": [{"name": "s", "type": "recv", "content":
                "set req.http.To = table.lookup(redirects, \"/a\"); set req.http.S = if(client.ip ~ our_staff, \"in\", \"out\"); set req.http.N = if(table.contains(secret, \"k\"), \"yes\", \"no\");"}]}
            """#)
        let bench = try Bench(service)
        _ = bench.run(.recv)
        #expect(bench.header(\.req.headers, "S") == "out")
        #expect(bench.header(\.req.headers, "N") == "no")
        #expect(bench.header(\.req.headers, "To")?.hasPrefix("100% \"x\"") == true)
    }

    // MARK: headers

    @Test(
        arguments: [
            (#""action": "set", "src": "\"new\"""#, "new"),
            (#""action": "set", "ignore_if_set": "1", "src": "\"new\"""#, "old"),
            (#""action": "append", "src": "\"+new\"""#, "old+new"), (#""action": "delete""#, nil),
            (
                #""action": "regex", "src": "req.url", "regex": "[ab]", "substitution": "%20""#,
                "/%20/b.html?x=1"
            ),
            (
                #""action": "regex_repeat", "src": "req.url", "regex": "[ab]", "substitution": "\"""#,
                "/\"/\".html?x=1"
            ),
        ] as [(String, String?)])
    func changesAHeader(fields: String, result: String?) throws {
        let service = try Bench.service(
            "{\(origin), \"headers\": [{\"name\": \"h\", \"type\": \"request\", \"dst\": \"http.H\", \(fields)}]}"
        )
        let bench = try Bench(service, headers: [("H", "old")])
        _ = bench.run(.recv)
        #expect(bench.header(\.req.headers, "H") == result)
    }

    @Test func changesHeadersOfResponsesUnderTheirConditions() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "conditions": [
               {"name": "ok", "type": "CACHE", "statement": "beresp.status == 200"},
               {"name": "asked", "type": "REQUEST", "statement": "req.http.Want ~ \"^(.)\""},
               {"name": "gone", "type": "RESPONSE", "statement": "resp.status == 410"}],
             "headers": [
               {"name": "1", "type": "cache", "action": "set", "dst": "http.Group", "src": "re.group.1",
                "cache_condition": "ok", "request_condition": "asked"},
               {"name": "2", "type": "response", "action": "set", "dst": "http.Gone", "src": "\"1\"", "response_condition": "gone"},
               {"name": "3", "type": "fetch", "action": "set", "dst": "ttl", "src": "7s"}]}
            """#)
        let asked = try Bench(service, headers: [("Want", "xyz")])
        _ = asked.run(.fetch)
        #expect(asked.header(\.beresp.headers, "Group") == "x")
        let silent = try Bench(service)
        _ = silent.run(.fetch)
        #expect(silent.header(\.beresp.headers, "Group") == nil)
        asked.context.resp.status = 410
        _ = asked.run(.deliver)
        #expect(asked.header(\.resp.headers, "Gone") == "1")
        _ = silent.run(.deliver)
        #expect(silent.header(\.resp.headers, "Gone") == nil)
    }

    @Test func runsConditionsByTheirPriority() throws {
        let service = try Bench.service(
            #"""
            {"backends": [{"name": "origin", "address": "127.0.0.1"}],
             "conditions": [{"name": "late", "type": "REQUEST", "statement": "true", "priority": 20},
                            {"name": "early", "type": "REQUEST", "statement": "true // always", "priority": 10}],
             "headers": [
               {"name": "a", "type": "request", "action": "append", "dst": "http.O", "src": "\"late\"", "request_condition": "late"},
               {"name": "b", "type": "request", "action": "append", "dst": "http.O", "src": "\"early\"", "request_condition": "early"},
               {"name": "c", "type": "request", "action": "append", "dst": "http.O", "src": "\"always\""}]}
            """#)
        let bench = try Bench(service)
        _ = bench.run(.recv)
        #expect(bench.header(\.req.headers, "O") == "alwaysearlylate")
    }
}
