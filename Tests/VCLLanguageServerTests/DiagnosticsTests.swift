import Kernel
import Testing
import VCLLanguageServer
import VCLRuntime

@Suite("Diagnostics")
struct DiagnosticsTests {
    @Test("mistakes are published with rule, place, hint and version, and taken back")
    func publishes() {
        var editor = Editor()
        editor.open("/p/main.vcl", "sub vcl_recv {\n  set req.ulr = \"/\";\n}\n")
        let found = editor.published.last
        #expect(found?["uri"] == "file:///p/main.vcl")
        #expect(found?["version"] == 1)
        let one = found?["diagnostics"]?.array?.last
        #expect(one?["code"] == "vcl/unknown-variable")
        #expect(one?["severity"] == 1)
        #expect(one?["source"] == "hq")
        #expect(
            editor.messages("/p/main.vcl") == [
                "1:6-1:13 unknown variable 'req.ulr'\nhint: did you mean 'req.url'?"
            ])
        editor.change("/p/main.vcl", [["text": "sub vcl_recv {\n  set req.url = \"/\";\n}\n"]])
        #expect(editor.messages("/p/main.vcl").isEmpty)
        #expect(editor.published.last?["version"] == 2)
    }

    static let project: [String: String] = [
        "/p/main.vcl": "include \"lib/acl\";\nsub vcl_recv {\n  include \"recv.vcl\";\n}\n",
        "/p/lib/acl.vcl": "acl inner { \"10.0.0.0\"/8; }\n",
        "/p/recv.vcl": "if (client.ip ~ inner) { set req.http.A = \"1\"; }\n",
        "/p/other.vcl": "sub vcl_recv { nonsense }\n",
    ]

    @Test("an included file is checked through the program that includes it")
    func checksThroughMain() {
        var editor = Editor(Self.project)
        editor.open("/p/recv.vcl", Self.project["/p/recv.vcl"]!)
        #expect(editor.messages("/p/recv.vcl").isEmpty)
        editor.change("/p/recv.vcl", [["text": "if (client.ip ~ iner) { set beresp.ttl = 1s; }\n"]])
        #expect(editor.messages("/p/recv.vcl").count == 2)
        // What other programs of the folder have is not this file's.
        #expect(editor.diagnostics["file:///p/other.vcl"] == nil)
    }

    @Test(
        "mistakes in files that are not open are told as well, and taken back when the last open file closes")
    func tellsOfClosedFiles() {
        var disk = Self.project
        disk["/p/lib/acl.vcl"] = "acl iner { }\n"
        var editor = Editor(disk)
        editor.open("/p/main.vcl", disk["/p/main.vcl"]!)
        #expect(editor.messages("/p/recv.vcl").count == 1)
        editor.notify("textDocument/didClose", ["textDocument": ["uri": "file:///p/main.vcl"]])
        #expect(editor.messages("/p/recv.vcl").isEmpty)
    }

    @Test("a change in one open file shows in another one of its program")
    func followsOtherFiles() {
        var editor = Editor(Self.project)
        editor.open("/p/main.vcl", Self.project["/p/main.vcl"]!)
        editor.open("/p/lib/acl.vcl", Self.project["/p/lib/acl.vcl"]!)
        #expect(editor.messages("/p/recv.vcl").isEmpty)
        let count = editor.published.count
        editor.change("/p/lib/acl.vcl", [["text": "acl outer { }\n"]])
        #expect(editor.messages("/p/recv.vcl").count == 1)
        // The file itself and the one that differs, and no other.
        #expect(editor.published.count == count + 2)
    }

    @Test("a missing include is told where it stands")
    func tellsOfMissingFiles() {
        var editor = Editor()
        editor.open("/p/main.vcl", "include \"nowhere.vcl\";\nsub vcl_recv { }\n")
        #expect(editor.messages("/p/main.vcl") == ["0:8-0:21 no file 'nowhere.vcl' to include"])
    }

    @Test("a snippet is checked in the state that its name tells; without one its syntax alone is")
    func checksSnippets() {
        var editor = Editor()
        editor.open("/p/geo_deliver.vcl", "set beresp.ttl = 5s;\n")
        #expect(editor.messages("/p/geo_deliver.vcl").count == 1)
        editor.open("/p/snippet.vcl", "set beresp.ttl = 5s;\n")
        #expect(editor.messages("/p/snippet.vcl").isEmpty)
        editor.change("/p/snippet.vcl", [["text": "set beresp.ttl 5s;\n"]])
        #expect(editor.messages("/p/snippet.vcl").count == 1)
    }

    @Test("files of unit tests have their own names; only their syntax is checked")
    func leavesTestsAlone() {
        var editor = Editor()
        editor.open("/p/main.test.vcl", "sub test_recv {\n  assert.equal(1, 1);\n}\n")
        #expect(editor.messages("/p/main.test.vcl").isEmpty)
        editor.change("/p/main.test.vcl", [["text": "sub test_recv {\n  assert.equal(1, 1)\n}\n"]])
        #expect(editor.messages("/p/main.test.vcl").count == 1)
    }

    @Test("files that include each other end")
    func survivesCircles() {
        var editor = Editor(["/p/a.vcl": "include \"b\";", "/p/b.vcl": "include \"a\";"])
        editor.open("/p/a.vcl", "include \"b\";")
        #expect(!editor.messages("/p/a.vcl").isEmpty || !editor.messages("/p/b.vcl").isEmpty)
    }

    @Test("what the service has besides its files is known")
    func knowsTheModel() {
        var model = ServiceModel()
        model.dictionaries = ["redirects"]
        var editor = Editor(model: model)
        editor.open(
            "/p/main.vcl", "sub vcl_recv { set req.http.A = table.lookup(redirects, req.url); }\n")
        #expect(editor.messages("/p/main.vcl").isEmpty)
    }

    @Test("files of the disk are read again when something is saved")
    func readsAgain() {
        final class Disk { var files = DiagnosticsTests.project }
        let disk = Disk()
        var server = LanguageServer(
            read: { disk.files[$0].map { Array($0.utf8) } }, list: { _ in Array(disk.files.keys) })
        func send(_ method: String, _ parameters: JSONValue, id: JSONValue? = nil) -> [JSONValue] {
            var message: [String: JSONValue] = ["method": .string(method), "params": parameters]
            if let id { message["id"] = id }
            return server.receive(Array(JSONValue.object(message).text.utf8)).map {
                try! JSONReader.read($0, name: "the answer")
            }
        }
        _ = send("initialize", ["rootUri": "file:///p"], id: 1)
        let uri: JSONValue = "file:///p/main.vcl"
        _ = send(
            "textDocument/didOpen",
            ["textDocument": ["uri": uri, "version": 1, "text": .string(disk.files["/p/main.vcl"]!)]])
        disk.files["/p/recv.vcl"] = "set req.nothing = 1;\n"
        func told(_ messages: [JSONValue]) -> [String] {
            messages.compactMap { $0["params"]?["uri"]?.string?.split(separator: "/").last.map(String.init) }
        }
        #expect(told(send("textDocument/didSave", ["textDocument": ["uri": uri]])).contains("recv.vcl"))
        #expect(send("workspace/didChangeWatchedFiles", ["changes": []]).isEmpty)
        disk.files["/p/recv.vcl"] = "esi;\n"
        #expect(told(send("workspace/didChangeWatchedFiles", ["changes": []])).contains("recv.vcl"))
    }

    @Test("the linter's findings are told in their severities, where there is a whole program")
    func tellsWhatTheLinterFinds() {
        var editor = Editor()
        editor.open("/p/main.vcl", "acl nobody { }\nsub vcl_recv {\n  #FASTLY recv\n}\n")
        let found = editor.diagnostics["file:///p/main.vcl"] ?? []
        #expect(found.contains { $0["severity"] == 2 && $0["message"]?.string?.contains("nobody") == true })
        editor.open("/p/part.vcl", "acl nobody { }\n")
        #expect(editor.messages("/p/part.vcl", all: true).isEmpty)
        editor.open(
            "/p/main.vcl", "# hq-ignore-next-line\nacl nobody { }\nsub vcl_recv {\n  #FASTLY recv\n}\n")
        #expect(editor.messages("/p/main.vcl", all: true).isEmpty)
    }
}
