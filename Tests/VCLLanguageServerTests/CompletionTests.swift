import Kernel
import Testing
import VCLLanguageServer

@Suite("Completion")
struct CompletionTests {
    static let program = """
        acl office { "192.0.2.0"/24; }
        backend F_origin { .host = "127.0.0.1"; }
        director F_many random { { .backend = F_origin; .weight = 1; } }
        table redirects { "/a": "/b" }
        sub helper { set req.http.X-Seen = "1"; }
        sub key(STRING var.a) STRING { return var.a; }
        sub vcl_recv {
          declare local var.lang STRING;
          set req.http.Cookie:session = req.http.x-token;
          again:
          ▮
        }
        sub vcl_fetch { set beresp.http.X-Age = "1"; }

        """

    private static func labels(_ text: String, within: String = program) -> [String] {
        var editor = Editor()
        let place = editor.open("/p/main.vcl", within.replacing("▮", with: text))
        return items(&editor, place).map { $0["label"]?.string ?? "" }
    }

    private static func items(_ editor: inout Editor, _ place: JSONValue) -> [JSONValue] {
        let list = editor.request("textDocument/completion", place)["items"]?.array ?? []
        return list.sorted { $0["sortText"]!.string! < $1["sortText"]!.string! }
    }

    static let cases: [(code: String, has: [String], hasNot: [String])] = [
        // Statements.
        ("▮", ["set", "if", "return", "std.collect"], ["sub", "req.url", "beresp.ttl"]),
        ("esi;\n  s▮", ["set", "synthetic", "switch"], ["call"]),
        ("esi\n  set req.u▮", ["req.url"], ["req.url.path"]),
        ("if (req.url) {\n ▮", ["set"], ["req.url"]),
        // Variables that can be set here, and those that can be read.
        (
            "set ▮", ["req.url", "var.lang", "req.http.", "req.backend"],
            ["client.ip", "beresp.ttl", "resp.http."]
        ),
        (
            "set req.http.A = ▮", ["client.ip", "var.lang", "std.tolower", "key"],
            ["beresp.ttl", "vcl_recv", "helper"]
        ),
        ("set req.http.A = req.url.▮;", ["req.url.path", "req.url.ext"], ["client.ip"]),
        ("set req.http.A = \"a\" req.url.e▮", ["req.url.ext"], ["req.url.path"]),
        ("set req.http.A = std.▮", ["std.tolower", "std.strlen"], ["substr"]),
        ("set req.http.A = lookup▮", ["table.lookup"], ["std.tolower"]),
        ("unset ▮", ["fastly.error", "req.http."], ["req.url", "client.ip"]),
        ("log ▮", ["req.url"], ["set"]),
        // Names of one kind.
        ("set req.backend = ▮", ["F_origin", "F_many"], ["office", "redirects"]),
        ("if (req.backend == ▮", ["F_origin"], ["office"]),
        ("if (client.ip ~ ▮) { }", ["office"], ["F_origin"]),
        ("set req.http.A = table.lookup(▮", ["redirects"], ["office", "req.url"]),
        ("set req.http.A = table.lookup(redirects, ▮", ["req.url", "var.lang"], ["redirects"]),
        ("call ▮", ["helper", "key"], ["vcl_recv", "vcl_fetch", "set"]),
        ("goto ▮", ["again"], ["helper"]),
        // States.
        ("return(▮", ["lookup", "pass", "upgrade"], ["deliver", "fetch", "hash"]),
        ("return(▮);", ["lookup"], ["deliver"]),
        ("return ▮", ["lookup"], ["deliver"]),
        // Headers and their fields.
        (
            "set req.http.▮", ["req.http.X-Seen", "req.http.Cookie", "req.http.x-token", "req.http.X-Age"],
            ["req.url"]
        ),
        ("set req.http.Cookie:▮", ["req.http.Cookie:session"], ["req.http.X-Seen"]),
        ("set req.http.x-s▮", ["req.http.X-Seen"], ["req.http.Cookie"]),
        ("set resp.http.▮", [], ["resp.http.X-Seen"]),
        // Types and other words.
        ("declare ▮", ["local"], ["set"]),
        ("declare local var.x ▮", ["STRING", "RTIME"], ["set"]),
        ("if (req.url) { }\n  else ▮", ["if"], ["set"]),
        // Nothing.
        ("log \"▮\";", [], ["req.url", "set"]),
        ("log \"▮", [], ["req.url", "set"]),
        ("log {\"a ▮ b\"};", [], ["req.url", "set"]),
        ("# ▮", [], ["req.url", "set"]),
        ("esi; /* ▮ */", [], ["req.url", "set"]),
        ("set req.url ▮", [], ["req.url", "set"]),
        ("include ▮", [], ["req.url", "set"]),
    ]

    @Test("what is offered fits the place", arguments: cases)
    func fits(code: String, has: [String], hasNot: [String]) {
        let found = Self.labels(code)
        let (missing, wrong) = (has.filter { !found.contains($0) }, hasNot.filter { found.contains($0) })
        #expect(missing == [], "\(code) offers \(found.prefix(20))")
        #expect(wrong == [], "\(code)")
        if has.isEmpty { #expect(found.isEmpty, "\(code) offers \(found.prefix(20))") }
    }

    static let outside: [(text: String, has: [String], hasNot: [String])] = [
        ("▮", ["sub", "backend", "acl", "table", "director"], ["set"]),
        ("acl a { }\nsu▮", ["sub"], ["backend"]),
        ("sub ▮", ["vcl_recv", "vcl_deliver"], ["set"]),
        ("director d ▮", ["random", "chash"], ["set"]),
        ("table t ▮ { }", ["STRING", "ACL"], ["set"]),
        ("backend b {\n  ▮\n}", [".host", ".probe"], ["set", ".quorum"]),
        ("backend b {\n  .po▮", [".port"], [".host"]),
        ("backend b {\n  .ssl = ▮", ["true"], [".host"]),
        ("backend b { .host = \"a\"; }\ndirector d random {\n  { .backend = ▮", ["b"], ["d"]),
        ("backend b { .host = \"a\"; }\ntable t BACKEND {\n  \"a\": ▮", ["b"], ["set"]),
        ("backend b { .host = \"a\"; }\ntable t BACKEND { \"a\":▮", ["b"], ["set"]),
        ("sub vcl_deliver { set ▮", ["resp.status", "resp.http."], ["beresp.ttl"]),
        ("sub helper { set ▮ }\nsub vcl_fetch { call helper; }", ["beresp.ttl"], ["resp.status"]),
        (
            "sub helper { return(▮ }\nsub vcl_fetch { call helper; } sub vcl_miss { call helper; }", ["pass"],
            ["fetch"]
        ),
        ("sub f BOOL { return ▮", ["true", "req.is_ssl"], ["lookup"]),
        ("sub vcl_recv { set req.url = \"\" }\nsub vcl_fetch { set ▮ }", ["beresp.ttl"], []),
        ("describe d {\n  before_fetch {\n    set ▮\n  }\n}", ["beresp.ttl"], ["resp.status"]),
    ]

    @Test("what is offered fits the declaration around the place", arguments: outside)
    func fitsOutside(text: String, has: [String], hasNot: [String]) {
        let found = Self.labels(text, within: "▮")
        let (missing, wrong) = (has.filter { !found.contains($0) }, hasNot.filter { found.contains($0) })
        #expect(missing == [], "\(text) offers \(found.prefix(20))")
        #expect(wrong == [], "\(text)")
    }

    @Test("an item replaces the word before the cursor, with places to fill in, and has its type")
    func makesItems() {
        var editor = Editor()
        let place = editor.open("/p/main.vcl", "sub vcl_recv {\n  set req.http.A = table.lo▮\n}\n")
        let item = Self.items(&editor, place).first { $0["label"] == "table.lookup" }
        #expect(Editor.text(item?["textEdit"]?["range"]) == "1:19-1:27")
        #expect(item?["textEdit"]?["newText"]?.string == "table.lookup(${1:TABLE}, ${2:STRING})$0")
        #expect(item?["insertTextFormat"] == 2)
        #expect(item?["detail"]?.string == "STRING table.lookup(TABLE, STRING, [STRING])")
        #expect(item?["kind"] == 3)
        let whole = editor.request("completionItem/resolve", item!)
        #expect(whole["documentation"]?["value"]?.string?.contains("table.lookup") == true)
        #expect(whole["label"] == "table.lookup")
        #expect(editor.request("completionItem/resolve", ["label": "x"]) == ["label": "x"])
    }

    @Test("a client without snippets, and a call that has its parenthesis, get the name alone")
    func makesPlainItems() {
        var editor = Editor(abilities: [:])
        let place = editor.open("/p/main.vcl", "sub vcl_recv { set req.http.A = table.lo▮")
        #expect(Self.items(&editor, place).first?["textEdit"]?["newText"] == "table.lookup")
        var other = Editor()
        let called = other.open("/p/main.vcl", "sub vcl_recv { set req.http.A = std.tolo▮(req.url); }")
        #expect(Self.items(&other, called).first?["textEdit"]?["newText"] == "std.tolower")
    }

    @Test("what has the wanted type comes first")
    func ranks() {
        #expect(Self.labels("set req.backend = ▮").prefix(2) == ["F_many", "F_origin"])
        #expect(Self.labels("set req.http.A = ▮").first == "var.lang")
        #expect(Self.labels("set var.lang = var▮").first == "var.lang")
    }

    @Test("names of other files of the program are offered, and locals of an including sub")
    func looksIntoOtherFiles() {
        var editor = Editor([
            "/p/main.vcl": "include \"lists\";\nsub vcl_recv { declare local var.a BOOL; include \"body\"; }",
            "/p/lists.vcl": "table far { }\n",
        ])
        let place = editor.open("/p/body.vcl", "set var.a = table.contains(▮")
        #expect(Self.items(&editor, place).map { $0["label"] } == ["far"])
        let local = editor.open("/p/body.vcl", "set ▮")
        let labels = Self.items(&editor, local).map { $0["label"] }
        #expect(labels.contains("var.a") && !labels.contains("beresp.ttl"))
    }
}
