import Kernel
import Testing
import VCLLanguageServer
import VCLRuntime

@Suite("Changes that the server makes")
struct EditTests {
    private static let disk: [String: String] = [
        "/p/main.vcl":
            "include \"lists\";\nsub vcl_recv {\n  set req.backend = F_a;\n  if (backend.F_a.healthy) { call helper; }\n}\nsub helper { declare local var.a STRING; set var.a = \"x\"; }\n",
        "/p/lists.vcl": "backend F_a { .host = \"a\"; }\ntable t { }\n",
    ]

    private func rename(_ editor: inout Editor, _ place: JSONValue, _ name: String) -> JSONValue {
        var parameters = place.object!
        parameters["newName"] = .string(name)
        return editor.answer("textDocument/rename", .object(parameters))
    }

    private func apply(_ answer: JSONValue) -> [String: String] {
        var files = Self.disk
        for (uri, edits) in answer["result"]?["changes"]?.object ?? [:] {
            let path = String(uri.dropFirst("file://".count))
            files[path] = Editor.applying(edits.array!, to: files[path]!)
        }
        return files
    }

    @Test("a name is changed in all files of the program")
    func renames() {
        var editor = Editor(Self.disk)
        editor.open("/p/main.vcl", Self.disk["/p/main.vcl"]!)
        let place = Editor.place("/p/main.vcl", Editor.position(2, 21))
        let prepared = editor.request("textDocument/prepareRename", place)
        #expect(prepared["placeholder"] == "F_a")
        #expect(Editor.text(prepared["range"]) == "2:20-2:23")
        let files = apply(rename(&editor, place, "F_other"))
        #expect(files["/p/lists.vcl"]!.hasPrefix("backend F_other {"))
        #expect(files["/p/main.vcl"]!.contains("set req.backend = F_other;\n  if (backend.F_other.healthy)"))
        let local = Editor.place("/p/main.vcl", Editor.position(5, 30))
        #expect(
            apply(rename(&editor, local, "var.bcd"))["/p/main.vcl"]!.contains(
                "declare local var.bcd STRING; set var.bcd = \"x\";"))
        #expect(rename(&editor, local, "var.a")["result"]?["changes"] == [:])
    }

    static let refused: [(line: Int, character: Int, name: String, reason: String)] = [
        (2, 21, "vcl", "ok"), (2, 21, "", "is no name"), (2, 21, "1a", "is no name"),
        (2, 21, "a b", "is no name"),
        (2, 21, "set", "word of the language"), (2, 21, String(repeating: "a", count: 300), "at most 256"),
        (3, 35, "vcl_x", "are Fastly's"), (3, 35, "substr", "built-in function"),
        (5, 30, "b", "begins with 'var.'"),
        (2, 8, "x", "cannot be renamed"), (1, 6, "x", "Fastly's name for a state"),
        (0, 10, "x", "where it lies"),
        (1, 0, "x", "no name here"), (3, 34, "vcl_recv", "are Fastly's"),
    ]

    @Test("names that are not the program's, or no names, are refused with the reason", arguments: refused)
    func refuses(line: Int, character: Int, name: String, reason: String) {
        var editor = Editor(Self.disk)
        editor.open("/p/main.vcl", Self.disk["/p/main.vcl"]!)
        let place = Editor.place("/p/main.vcl", Editor.position(line, character))
        let answer = rename(&editor, place, name)
        if reason == "ok" {
            #expect(answer["error"] == nil)
        } else {
            #expect(answer["error"]?["message"]?.string?.contains(reason) == true, "\(answer)")
            #expect(answer["error"]?["code"]?.integer == -32803)
        }
    }

    @Test("a name that is taken is refused")
    func keepsNamesApart() {
        var editor = Editor()
        let place = editor.open("/p/main.vcl", "sub ▮a { }\nsub b { }\nsub vcl_recv { call a; }")
        #expect(rename(&editor, place, "b")["error"]?["message"]?.string == "'b' is a sub already")
    }

    @Test("formatting changes the lines that differ, and gives the formatter's text")
    func formats() {
        let cases: [(text: String, lines: String)] = [
            ("sub a {\n  esi;\n}\n", ""),
            ("sub a {\n  esi;\n    esi;\n  esi;\n}\n", "2:0-3:0"),
            ("sub a {esi;}", "0:0-0:12"),
            ("sub a {\n  esi;\n}\n\n\n\n\nsub b {\n  esi;\n}\n", "4:0-7:0"),
        ]
        for (text, lines) in cases {
            var editor = Editor()
            editor.open("/p/a.vcl", text)
            let edits =
                editor.request("textDocument/formatting", ["textDocument": ["uri": "file:///p/a.vcl"]]).array
                ?? []
            #expect(edits.map { Editor.text($0["range"]) }.joined() == lines, "\(text)")
            let formatted = Editor.applying(edits, to: text)
            var again = Editor()
            again.open("/p/a.vcl", formatted)
            #expect(
                again.request("textDocument/formatting", ["textDocument": ["uri": "file:///p/a.vcl"]]) == [])
        }
        var editor = Editor()
        editor.open("/p/a.vcl", "sub a { set ; }")
        #expect(
            editor.refusal("textDocument/formatting", ["textDocument": ["uri": "file:///p/a.vcl"]]).code
                == -32803)
    }

    static let quickFixes: [(text: String, title: String, fixed: String)] = [
        (
            "sub vcl_recv { set req.▮ulr = \"\"; }", "Replace with 'req.url'",
            "sub vcl_recv { set req.url = \"\"; }"
        ),
        ("sub vcl_recv { esi▮ }", "Insert ';'", "sub vcl_recv { esi; }"),
        (
            "sub vcl_recv {\n\tset var.▮a = \"\";\n}", "Declare 'var.a' as STRING",
            "sub vcl_recv {\n\tdeclare local var.a STRING;\n\tset var.a = \"\";\n}"
        ),
        (
            "include \"▮bdy.vcl\";\nsub vcl_recv { include \"body.vcl\"; }", "Replace with 'body.vcl'",
            "include \"body.vcl\";\nsub vcl_recv { include \"body.vcl\"; }"
        ),
    ]

    @Test("the linter's fixes are offered, the safe ones as preferred")
    func offersFixes() {
        var editor = Editor()
        let text = "sub vcl_recv {\n  #FASTLY recv\n  ▮unused:\n  esi;\n}\n"
        let place = editor.open("/p/main.vcl", text)
        let position = place["position"]!
        let actions =
            editor.request(
                "textDocument/codeAction",
                [
                    "textDocument": place["textDocument"]!, "range": ["start": position, "end": position],
                    "context": ["diagnostics": []],
                ]
            ).array ?? []
        #expect(actions.map { $0["title"] } == ["Remove the label"])
        #expect(actions.first?["isPreferred"] == true)
        let edits = actions.first?["edit"]?["changes"]?["file:///p/main.vcl"]?.array ?? []
        #expect(
            Editor.applying(edits, to: Editor.cursor(text).0) == "sub vcl_recv {\n  #FASTLY recv\n  esi;\n}\n"
        )
    }

    @Test("a mistake whose hint says what to type has a quick fix", arguments: quickFixes)
    func fixes(text: String, title: String, fixed: String) {
        var editor = Editor(["/p/body.vcl": "esi;"])
        let place = editor.open("/p/main.vcl", text)
        let position = place["position"]!
        let parameters: JSONValue = [
            "textDocument": place["textDocument"]!, "range": ["start": position, "end": position],
            "context": ["diagnostics": []],
        ]
        let actions = editor.request("textDocument/codeAction", parameters).array ?? []
        let action = actions.first { $0["title"]?.string == title }
        #expect(action?["kind"] == "quickfix", "\(actions.map { $0["title"] })")
        let edits = action?["edit"]?["changes"]?["file:///p/main.vcl"]?.array ?? []
        #expect(Editor.applying(edits, to: Editor.cursor(text).0) == fixed)
        var elsewhere = parameters.object!
        elsewhere["context"] = ["only": ["refactor"]]
        #expect(editor.request("textDocument/codeAction", .object(elsewhere)) == [])
        elsewhere["context"] = [:]
        elsewhere["range"] = ["start": Editor.position(0, 0), "end": Editor.position(0, 0)]
        #expect(editor.request("textDocument/codeAction", .object(elsewhere)) == [])
    }
}
