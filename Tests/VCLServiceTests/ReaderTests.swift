import Diagnostics
import HTTP1
import Kernel
import Testing
import VCL
import VCLRuntime

@testable import VCLService

@Suite struct ReaderTests {
    // MARK: fields

    @Test(
        arguments: [
            (
                #"{"backends": [{"name": "a", "port": "http"}]}"#,
                "backends[0].port: expected a whole number, found \"http\""
            ),
            (
                #"{"backends": [{"name": "a", "port": 70000}]}"#,
                "backends[0].port: expected a number of 1 to 65535, found 70000"
            ),
            (#"{"backends": {"name": "a"}}"#, "backends: expected a list, found an object"),
            (#"{"backends": [7]}"#, "backends[0]: expected an object, found 7"),
            (
                #"{"gzips": [{"name": 1, "content_types": [1]}]}"#,
                "gzips[0].content_types[0]: expected a text, found 1"
            ),
            (
                #"{"snippets": [{"type": "recieve"}]}"#,
                "snippets[0].type: expected one of init, recv, hash, hit, miss, pass, fetch, error, deliver, log, none, found \"recieve\""
            ),
            (
                #"{"conditions": [{"type": "REQEUST"}]}"#,
                "conditions[0].type: expected one of request, cache, response, prefetch, found \"REQEUST\" (did you mean 'request'?)"
            ),
            (
                #"{"directors": [{"type": 9}]}"#,
                "directors[0].type: expected one of 1 (random), 2 (roundRobin), 3 (hash), 4 (client), found 9"
            ),
            (
                #"{"snippets": [{"dynamic": "perhaps"}]}"#,
                "snippets[0].dynamic: expected true or false, found \"perhaps\""
            ),
            (#"{"backends": [}"#, "the service:1:15: expected a value, found '}'"),
        ] as [(String, String)])
    func saysWhereSomethingIsWrong(json: String, message: String) {
        let failure = #expect(throws: Failure.self) { try Bench.service(json) }
        #expect(failure?.description == message)
    }

    @Test func leavesUnknownMembersAndNullsAlone() throws {
        let service = try Bench.service(
            #"{"backends": [{"name": "a", "port": null, "weight": "", "brand_new": {"x": 1}}], "unheard_of": 1}"#
        )
        #expect(service.backends[0].port == 80 && service.backends[0].weight == 100)
    }

    @Test func writesWhatItReads() throws {
        let text = #"""
            {"id": "s1", "name": "site", "number": 3,
             "vcls": [{"name": "main", "content": "sub vcl_recv { }\n", "main": true}],
             "snippets": [{"name": "s", "type": "recv", "priority": "7", "dynamic": "1", "content": "esi;"}],
             "backends": [{"name": "a", "address": "h", "use_ssl": "1"}], "directors": [{"name": "d", "type": 4, "backends": ["a"]}],
             "healthchecks": [{"name": "c", "headers": ["A: b"]}], "domains": [{"name": "x.example"}],
             "dictionaries": [{"name": "t", "items": {"b": "1", "a": "2"}}],
             "acls": [{"name": "l", "entries": [{"ip": "192.0.2.1", "subnet": "32", "negated": "1"}]}],
             "conditions": [{"name": "q", "type": "CACHE", "statement": "true"}],
             "headers": [{"name": "h", "action": "regex_repeat", "type": "cache", "dst": "http.A", "src": "now"}],
             "gzips": [{"name": "g", "content_types": "a/b c/d"}], "cache_settings": [{"name": "n", "action": "pass", "ttl": "0"}],
             "request_settings": [{"name": "r", "xff": "leave", "hash_keys": "req.url, req.http.A"}],
             "response_objects": [{"name": "o", "status": "404"}], "rate_limiters": [{"name": "rl", "action": "log_only"}],
             "settings": {"general.default_ttl": 5}, "logging_kafka": [{"name": "k", "placement": "none"}]}
            """#
        let service = try Bench.service(text)
        let again = try FastlyService(service.json)
        #expect(again == service)
        #expect(service.json["conditions"]?.elements[0]["type"] == .string("CACHE"))
        #expect(service.json["gzips"]?.elements[0]["content_types"] == .string("a/b c/d"))
        #expect(service.dictionaries[0].items.map(\.key) == ["b", "a"])
    }

    @Test(arguments: [nil, 7, 6] as [Int?])
    func takesAVersionOfTheDetails(wanted: Int?) throws {
        let text = """
            {"id": "s1", "name": "site", "type": "vcl", "versions": [{"number": 6}, {"number": 7}],
             "version": {"number": 7, "backends": [{"name": "new"}]},
             "active_version": {"number": 6, "backends": [{"name": "live"}]}}
            """
        let service = try FastlyService(api: Array(text.utf8), version: wanted)
        #expect(service.backends.map(\.name) == [wanted == 7 ? "new" : "live"])
        #expect(service.name == "site" && service.version == wanted ?? 6)
        #expect(throws: Failure.self) { try FastlyService(api: Array(text.utf8), version: 5) }
    }

    // MARK: Terraform

    private func plan(_ text: String) throws -> TerraformPlan { try TerraformPlan(Array(text.utf8)) }

    @Test func readsServicesOfAllModulesWithWhatFillsThem() throws {
        let plan = try plan(
            #"""
            {"format_version": "1.2", "planned_values": {"root_module": {
              "resources": [
                {"address": "fastly_service_vcl.a", "type": "fastly_service_vcl", "name": "a", "values": {
                  "id": "A", "name": "first", "default_ttl": 60, "stale_if_error": true,
                  "backend": [{"name": "origin", "address": "127.0.0.1"}],
                  "dictionary": [{"name": "redirects", "dictionary_id": "d1"}], "acl": [{"name": "staff", "acl_id": null}],
                  "dynamicsnippet": [{"name": "dyn", "type": "recv", "priority": 10, "snippet_id": "x1"}],
                  "gzip": [{"name": "g", "content_types": ["text/html"], "extensions": null}],
                  "logging_s3": [{"name": "bucket", "format": "%h", "placement": ""}],
                  "header": [{"name": "h", "action": "set", "type": "request", "destination": "http.A", "source": "\"1\""}]}},
                {"address": "aws_s3_bucket.x", "type": "aws_s3_bucket", "name": "x", "values": {"acl": "private"}},
                {"address": "fastly_service_dictionary_items.i", "type": "fastly_service_dictionary_items", "name": "i",
                 "values": {"service_id": "A", "dictionary_id": "d1", "items": {"/a": "/b"}}},
                {"address": "fastly_service_acl_entries.e", "type": "fastly_service_acl_entries", "index": "staff", "name": "e",
                 "values": {"service_id": "A", "entry": [{"ip": "192.0.2.0", "subnet": "24", "negated": false}]}},
                {"address": "fastly_service_dictionary_items.lost", "type": "fastly_service_dictionary_items", "name": "lost",
                 "values": {"service_id": "A", "dictionary_id": "d9", "items": {}}},
                {"address": "fastly_service_dynamic_snippet_content.c", "type": "fastly_service_dynamic_snippet_content", "name": "c",
                 "values": {"service_id": "A", "snippet_id": "x1", "content": "set req.http.Dyn = table.lookup(redirects, \"/a\");"}}],
              "child_modules": [{"child_modules": [{"resources": [
                {"address": "module.m.fastly_service_v1.b", "type": "fastly_service_v1", "name": "b", "values": {"backend": []}}]}]}]}}}
            """#)
        #expect(plan.services.map(\.name) == ["first", "b"])
        #expect(plan.unlinked == ["fastly_service_dictionary_items.lost"])
        let service = plan.services[0]
        #expect(service.settings.defaultTTL == 60 && service.settings.serveStaleIfError)
        #expect(service.acls[0].entries.map(\.subnet) == [24])
        #expect(service.logs.map(\.provider) == ["s3"])
        let bench = try Bench(service)
        _ = bench.run(.recv)
        #expect(bench.header(\.req.headers, "Dyn") == "/b" && bench.header(\.req.headers, "A") == "1")
    }

    @Test func linksPartsOfAServiceThatHasNoIdYet() throws {
        let plan = try plan(
            #"""
            {"planned_values": {"root_module": {"resources": [
              {"type": "fastly_service_vcl", "name": "a", "values": {"name": "a", "dictionary": [{"name": "My Table"}, {"name": "other"}]}},
              {"type": "fastly_service_dictionary_items", "name": "items", "index": "My Table", "values": {"items": {"k": "v"}}},
              {"type": "fastly_service_dictionary_items", "name": "other", "values": {"items": {"k": "w"}}}]}}}
            """#)
        #expect(plan.services[0].dictionaries.map { $0.items.map(\.value) } == [["v"], ["w"]])
        #expect(plan.unlinked.isEmpty)
    }

    @Test(
        arguments: [
            (#"{"resources": []}"#, "the plan is no plan of Terraform: it has no 'planned_values'"),
            (
                #"{"planned_values": {"root_module": {}}}"#,
                "the plan has no resource of the type 'fastly_service_vcl'"
            ),
            (
                #"{"planned_values": {"root_module": {"resources": [{"type": "fastly_service_vcl", "values": {"backend": [{"port": []}]}}]}}}"#,
                "planned_values.root_module.resources[0].values.backend[0].port: expected a number, found a list"
            ),
            ("plan: x", "the plan:1:1: expected a value, found 'p'"),
        ] as [(String, String)])
    func refusesWhatIsNoPlan(text: String, message: String) {
        let failure = #expect(throws: Failure.self) { try plan(text) }
        #expect(failure?.message == message)
    }

    // MARK: folders

    private func folder(_ files: [(String, String)]) throws -> FastlyService {
        try ServiceFolder.read(files.map { ($0.0, Array($0.1.utf8)) })
    }

    @Test func readsAFolder() throws {
        let service = try folder([
            ("main.vcl", "include \"lib/more.vcl\";\nsub vcl_recv {\n  #FASTLY recv\n  call more;\n}\n"),
            (
                "lib/more.vcl",
                "sub more { set req.http.More = table.lookup(list, \"a,b\") table.lookup(t, \"k\"); }\n"
            ),
            ("snippets/recv-20-second-one.vcl", "set req.http.O = req.http.O \"2\";"),
            ("snippets/recv-3-first.vcl", "set req.http.O = if(client.ip ~ staff, \"in\", \"out\");"),
            ("dictionaries/list.csv", "\"a,b\",\"say \"\"x\"\"\"\n\n"), ("dictionaries/t.json", #"{"k": 7}"#),
            ("acls/staff.txt", "# our own\n!192.0.2.1\n192.0.2.0/24  # office\n"), ("README.md", "nothing"),
            (
                "service.json",
                #"{"backends": [{"name": "web", "address": "127.0.0.1"}], "dictionaries": [{"name": "t", "items": {"z": "1"}}]}"#
            ),
        ])
        #expect(service.snippets.map(\.name) == ["second-one", "first"])
        #expect(service.acls[0].entries.map(\.comment) == ["", "office"])
        #expect(service.dictionaries.map(\.name).sorted() == ["list", "t"])
        let bench = try Bench(service)
        _ = bench.run(.recv)
        #expect(bench.header(\.req.headers, "O") == "in2")
        #expect(bench.header(\.req.headers, "More") == "say \"x\"7")
    }

    @Test func namesTheFileOfASnippetThatIsWrong() throws {
        let service = try folder([
            ("snippets/recv-1-x.vcl", "set req.nothing = \"1\";"),
            ("service.json", #"{"backends": [{"name": "web", "address": "127.0.0.1"}]}"#),
        ])
        #expect(try Bench.findings(in: service).hasPrefix("snippets/recv-1-x.vcl:1:5: error"))
    }

    @Test(
        arguments: [
            (
                "snippets/recieve-1-x.vcl", "",
                "snippets/recieve-1-x.vcl: a snippet's file name begins with its type"
            ),
            (
                "dictionaries/a.csv", "a,b\nc\n",
                "dictionaries/a.csv:2: expected a key and a value, as in old,new"
            ),
            ("dictionaries/a.json", "[1]", "dictionaries/a.json[0].item_key: expected a text, found null"),
            ("acls/a.json", "{}", "acls/a.json: expected a list, found an object"),
            ("service.json", "[]", "service.json: expected an object, found a list"),
        ] as [(String, String, String)])
    func refusesAFileThatIsWrong(path: String, text: String, message: String) {
        let failure = #expect(throws: Failure.self) { try folder([(path, text)]) }
        #expect(failure?.message == message)
    }
}
