import Kernel
import Testing
import VCLLanguageServer
import VCLRuntime

@Suite("Hovers")
struct HoverTests {
    static let program = """
        # Who works here.
        acl office { "192.0.2.0"/24; }
        backend F_origin {
          .host = "127.0.0.1";
        }
        table redirects {
        \((0..<30).map { "  \"/\($0)\": \"/x\"," }.joined(separator: "\n"))
        }
        // Makes a key.
        //
        // Of two parts.
        sub key(STRING var.a, INTEGER var.b) STRING { return var.a; }
        sub never { esi; }
        sub vcl_recv {
          declare local var.n INTEGER;
          ▮
          go:
        }

        """

    static let cases: [(code: String, shows: [String])] = [
        (
            "set req.http.A = std.to▮lower(req.url);",
            ["STRING std.tolower(STRING)", "lower case", "Exists in all subroutines."]
        ),
        ("set req.u▮rl = \"/\";", ["req.url: STRING", "Exists in all subroutines.", "Can be read, set"]),
        ("set bereq.http.X▮-A = \"\";", ["bereq.http.x-a: STRING", "request to the backend", "vcl_miss"]),
        (
            "set req.http.A = ▮key(\"a\", 1);",
            ["sub key(STRING var.a, INTEGER var.b) STRING", "Of two parts."]
        ),
        ("set req.http.A = key▮(\"a\", 1);", ["Makes a key.", "Runs in vcl_recv.", "line 41"]),
        ("call nev▮er;", ["sub never", "Runs in vcl_recv."]),
        ("if (client.ip ~ off▮ice) { }", ["acl office { \"192.0.2.0\"/24; }", "Who works here."]),
        ("set req.backend = F_▮origin;", [".host = \"127.0.0.1\";"]),
        ("if (backend.F_o▮rigin.healthy) { }", ["backend F_origin {"]),
        ("set var▮.n = 1;", ["declare local var.n INTEGER;"]),
        (
            "set req.http.A = table.lookup(redi▮rects, \"a\");",
            ["table redirects {", "... 21 more lines"]
        ),
        ("goto g▮o;", ["go:"]),
        (
            "set req.http.A = table.lookup(camp▮aign, \"a\");",
            ["table campaign STRING", "dictionary of the service"]
        ),
    ]

    @Test("a hover says what is named", arguments: cases)
    func tells(code: String, shows: [String]) {
        var model = ServiceModel()
        model.dictionaries = ["campaign"]
        var editor = Editor(model: model)
        let place = editor.open("/p/main.vcl", Self.program.replacing("▮", with: code))
        let hover = editor.request("textDocument/hover", place)
        let text = hover["contents"]?["value"]?.string ?? ""
        #expect(hover["contents"]?["kind"] == "markdown")
        for part in shows { #expect(text.contains(part), "\(code): \(text)") }
    }

    @Test("nothing is said of strings, comments, white space and names that nobody knows")
    func isSilent() {
        for code in [
            "log \"std.to▮lower\";", "# std.to▮lower", "/* std.to▮lower */ esi;", "esi; ▮ esi;",
            "call ▮nobody;",
            "set req.nob▮ody = 1;", "s▮et req.url = \"\";",
        ] {
            var editor = Editor()
            let place = editor.open("/p/main.vcl", "sub vcl_recv {\n  \(code)\n}\n")
            #expect(editor.request("textDocument/hover", place) == .null, "\(code)")
        }
    }

    @Test("a client without markdown gets plain text")
    func speaksPlainly() {
        var editor = Editor(abilities: ["textDocument": ["hover": ["contentFormat": ["plaintext"]]]])
        let place = editor.open("/p/main.vcl", "sub vcl_recv { set req.u▮rl = \"/\"; }")
        let contents = editor.request("textDocument/hover", place)["contents"]
        #expect(contents?["kind"] == "plaintext")
        #expect(contents?["value"]?.string?.hasPrefix("req.url: STRING\n") == true)
    }

    static let signatures: [(code: String, label: String, active: Int)] = [
        ("set req.http.A = std.tolower(▮", "STRING std.tolower(STRING)", 0),
        ("set req.http.A = key(\"a\", ▮);", "sub key(STRING var.a, INTEGER var.b) STRING", 1),
        ("set req.http.A = key(std.tolower(\"a\"), ▮", "sub key(STRING var.a, INTEGER var.b) STRING", 1),
        ("set req.http.A = key(std.tolower(▮\"a\"), 1);", "STRING std.tolower(STRING)", 0),
        ("set req.http.A = if(▮", "STRING if(BOOL, STRING, STRING)", 0),
        ("if (std.strlen(▮) > 1) { }", "INTEGER std.strlen(STRING)", 0),
        ("set req.http.A = regsub(req.url, \"a,(\", ▮", "STRING regsub(STRING, STRING, STRING)", 2),
        ("set req.http.A = table.lookup(redirects, ▮", "STRING table.lookup(TABLE, STRING, [STRING])", 1),
    ]

    @Test("a call shows its arguments and which one is being written", arguments: signatures)
    func showsSignatures(code: String, label: String, active: Int) {
        var editor = Editor()
        let place = editor.open("/p/main.vcl", Self.program.replacing("▮", with: code))
        let help = editor.request("textDocument/signatureHelp", place)
        let one = help["signatures"]?.array?.first
        #expect(one?["label"]?.string == label)
        #expect(help["activeParameter"]?.integer == active)
        // The offsets of the argument in the label.
        let offsets = one?["parameters"]?.array?[active]["label"]?.array?.compactMap(\.integer) ?? []
        let head = label.prefix { $0 != "(" }
        let arguments = label.dropFirst(head.count + 1).prefix { $0 != ")" }.split(separator: ", ")
        let start = head.count + 1 + arguments.prefix(active).reduce(0) { $0 + $1.count + 2 }
        #expect(offsets == [start, start + arguments[active].count])
    }

    @Test("outside of a call no arguments are shown")
    func showsNoSignature() {
        for code in ["set req.http.A = ▮", "if (▮req.url", "return(▮", "set req.http.A = nobody(▮"] {
            var editor = Editor()
            let place = editor.open("/p/main.vcl", "sub vcl_recv {\n  \(code)\n}\n")
            #expect(editor.request("textDocument/signatureHelp", place) == .null, "\(code)")
        }
    }
}
