import Kernel
import Testing
import VCLLanguageServer

@Suite("From names to places")
struct NavigationTests {
    static let disk: [String: String] = [
        "/p/main.vcl": """
        include "lib/lists.vcl";
        sub helper {
          declare local var.a STRING;
          set var.a = table.lookup(redirects, "x");
        }
        sub vcl_recv {
          declare local var.a STRING;
          call helper;
          set req.backend = F_a;
          if (backend.F_a.healthy) { goto end; }
          set var.a = req.http.X-A;
          unset req.http.x-a;
          include "lib/body.vcl";
          end:
        }

        """,
        "/p/lib/lists.vcl":
            "table redirects { }\nbackend F_a { .host = \"a\"; }\ndirector D random { { .backend = F_a; } }\n",
        "/p/lib/body.vcl": "set var.a = \"b\";\ncall helper;\n",
    ]

    private func place(_ name: String, _ line: Int, _ character: Int) -> JSONValue {
        Editor.place("/p/" + name, Editor.position(line, character))
    }

    static let definitions: [(name: String, line: Int, character: Int, found: [String])] = [
        ("main.vcl", 7, 9, ["main.vcl 1:4-1:10"]),
        ("main.vcl", 7, 13, ["main.vcl 1:4-1:10"]),
        ("main.vcl", 3, 28, ["lists.vcl 0:6-0:15"]),
        ("main.vcl", 3, 8, ["main.vcl 2:16-2:21"]),
        ("main.vcl", 10, 8, ["main.vcl 6:16-6:21"]),
        ("main.vcl", 8, 21, ["lists.vcl 1:8-1:11"]),
        ("main.vcl", 9, 15, ["lists.vcl 1:8-1:11"]),
        ("main.vcl", 9, 35, ["main.vcl 13:2-13:5"]),
        ("main.vcl", 0, 12, ["lists.vcl 0:0-0:0"]),
        ("lib/body.vcl", 0, 5, ["main.vcl 6:16-6:21"]),
        ("lib/body.vcl", 1, 6, ["main.vcl 1:4-1:10"]),
        ("lib/lists.vcl", 2, 36, ["lists.vcl 1:8-1:11"]),
        ("main.vcl", 8, 8, []),
        ("main.vcl", 4, 0, []),
    ]

    @Test("a name leads to its declaration, in whichever file it is", arguments: definitions)
    func finds(name: String, line: Int, character: Int, found: [String]) {
        var editor = Editor(Self.disk)
        editor.open("/p/main.vcl", Self.disk["/p/main.vcl"]!)
        let result = editor.request("textDocument/definition", place(name, line, character))
        #expect(Editor.locations(result) == found)
    }

    @Test("all places of a name are found, with or without its declaration")
    func findsReferences() {
        var editor = Editor(Self.disk)
        editor.open("/p/lib/lists.vcl", Self.disk["/p/lib/lists.vcl"]!)
        func references(_ place: JSONValue, declared: Bool) -> [String] {
            var parameters = place.object!
            parameters["context"] = ["includeDeclaration": .bool(declared)]
            return Editor.locations(editor.request("textDocument/references", .object(parameters))).sorted()
        }
        #expect(
            references(place("lib/lists.vcl", 1, 9), declared: true) == [
                "lists.vcl 1:8-1:11", "lists.vcl 2:33-2:36", "main.vcl 8:20-8:23", "main.vcl 9:14-9:17",
            ])
        #expect(references(place("lib/lists.vcl", 0, 9), declared: false) == ["main.vcl 3:27-3:36"])
        // The other sub's variable of that name is another one.
        #expect(
            references(place("main.vcl", 6, 18), declared: true) == [
                "body.vcl 0:4-0:9", "main.vcl 10:6-10:11", "main.vcl 6:16-6:21",
            ])
        #expect(references(place("main.vcl", 10, 17), declared: true).count == 2)
    }

    @Test("the places in the file are highlighted as read or written")
    func highlights() {
        var editor = Editor(Self.disk)
        editor.open("/p/main.vcl", Self.disk["/p/main.vcl"]!)
        let found = editor.request("textDocument/documentHighlight", place("main.vcl", 10, 20)).array ?? []
        #expect(
            found.map { "\(Editor.text($0["range"])) \($0["kind"]?.integer ?? 0)" } == [
                "10:14-10:26 2", "11:8-11:20 3",
            ])
    }

    @Test("the outline holds declarations, and in subs their variables and labels")
    func outlines() {
        var editor = Editor(Self.disk)
        editor.open("/p/main.vcl", Self.disk["/p/main.vcl"]!)
        let document: JSONValue = ["textDocument": ["uri": "file:///p/main.vcl"]]
        let found = editor.request("textDocument/documentSymbol", document).array ?? []
        #expect(found.map { $0["name"] } == ["helper", "vcl_recv"])
        #expect(found.last?["children"]?.array?.map { $0["name"] } == ["var.a", "end"])
        #expect(Editor.text(found.first?["range"]) == "1:0-4:1")
        var simple = Editor(Self.disk, abilities: [:])
        simple.open("/p/main.vcl", Self.disk["/p/main.vcl"]!)
        let flat = simple.request("textDocument/documentSymbol", document).array ?? []
        #expect(flat.map { $0["name"] } == ["helper", "var.a", "vcl_recv", "var.a", "end"])
        #expect(flat[1]["containerName"] == "helper")
    }

    @Test("blocks, long strings and comments that follow each other can be folded")
    func folds() {
        var editor = Editor()
        editor.open(
            "/p/a.vcl",
            "# a\n# b\n\n/* c\nd */\nsub vcl_recv {\n  if (req.url) {\n    esi;\n  } # e\n  log {\"\n\n\"};\n}\nacl a { }\n"
        )
        let found = editor.request("textDocument/foldingRange", ["textDocument": ["uri": "file:///p/a.vcl"]])
        let ranges = (found.array ?? []).map {
            "\($0["startLine"]?.integer ?? -1)-\($0["endLine"]?.integer ?? -1) \($0["kind"]?.string ?? "")"
                .trimmed
        }
        #expect(ranges.sorted() == ["0-1 comment", "3-4 comment", "5-11", "6-7", "9-11"])
    }
}

extension String {
    fileprivate var trimmed: String { hasSuffix(" ") ? String(dropLast()) : self }
}
