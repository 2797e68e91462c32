import Kernel
import Testing
import VCLLanguageServer

@Suite("Anything may come")
struct RobustnessTests {
    /// SplitMix64, so that a failure can be repeated by its seed.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let pieces: [String] = [
        "sub vcl_recv {", "}", "{", "(", ")", "\"", ";", "\n", " ", "set ", "req.http.A", ":", ".", "😀", "é",
        "#", "/*",
        "*/", "{\"", "\"}", "table t {", "call ", "var.", "declare local var.a STRING;", "include \"a\";",
        "if (", "else",
        "return(", "goto ", "a:", "acl ", "backend b {", "~", "=", ",", "\r\n", "describe d {",
        "before_recv {",
    ]

    private static let methods: [String] = [
        "hover", "completion", "signatureHelp", "definition", "references", "documentHighlight",
        "documentSymbol",
        "prepareRename", "rename", "formatting", "foldingRange", "codeAction",
    ]

    @Test(
        "random edits and questions at random places are answered, and edits give the text that whole changes give"
    )
    func survivesEdits() {
        for seed in UInt64(1)...12 {
            var random = Seeded(state: seed)
            var editor = Editor(["/p/a.vcl": "include \"a\"; sub x { }"])
            var text = CompletionTests.program
            editor.open("/p/main.vcl", text)
            for _ in 0..<25 {
                var units = Array(text.utf16)
                var from = Int.random(in: 0...units.count, using: &random)
                var to = min(units.count, from + Int.random(in: 0...9, using: &random))
                // Not inside of a character that two units make.
                while from > 0, from < units.count, UTF16.isTrailSurrogate(units[from]) { from -= 1 }
                while to < units.count, UTF16.isTrailSurrogate(units[to]) || to < from { to += 1 }
                let piece = Self.pieces.randomElement(using: &random)!
                let range: JSONValue = ["start": Self.position(units, from), "end": Self.position(units, to)]
                editor.change("/p/main.vcl", [["range": range, "text": .string(piece)]])
                units.replaceSubrange(from..<to, with: piece.utf16)
                text = String(decoding: units, as: UTF16.self)
                var parameters = Editor.place("/p/main.vcl", Self.position(units, min(from, units.count)))
                    .object!
                parameters["range"] = range
                parameters["newName"] = "y"
                let method = Self.methods.randomElement(using: &random)!
                _ = editor.answer("textDocument/" + method, .object(parameters))
            }
            let left = editor.diagnostics["file:///p/main.vcl"]
            var other = Editor(["/p/a.vcl": "include \"a\"; sub x { }"])
            other.open("/p/main.vcl", text)
            #expect(left == other.diagnostics["file:///p/main.vcl"], "seed \(seed)")
        }
    }

    /// A `\r\n` is one line's end; a place between the two is the end of the line.
    private static func position(_ units: [UInt16], _ offset: Int) -> JSONValue {
        let before = units[..<offset]
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return Editor.position(before.count { $0 == 0x0A }, offset - start)
    }

    @Test("messages with bytes missing, doubled or changed never end the server")
    func survivesMessages() {
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": 1, "method": "textDocument/completion",
            "params": Editor.place("/p/main.vcl", Editor.position(2, 3)),
        ]
        var random = Seeded(state: 7)
        var editor = Editor()
        editor.open("/p/main.vcl", CompletionTests.program)
        for _ in 0..<300 {
            var bytes = Array(message.text.utf8)
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes.remove(at: place)
                case 1: bytes.insert(bytes[place], at: place)
                default: bytes[place] = UInt8.random(in: 0...255, using: &random)
                }
            }
            let answers = editor.server.receive(bytes)
            #expect(answers.count <= 1)
        }
        #expect(
            editor.answer("textDocument/hover", Editor.place("/p/main.vcl", Editor.position(0, 0)))["error"]
                == nil)
    }

    @Test("places outside of the text mean its nearest place")
    func clampsPlaces() {
        var editor = Editor()
        editor.open("/p/main.vcl", "sub vcl_recv { }\n")
        for (line, character) in [(-1, 0), (0, -5), (0, 9_999), (99, 0), (.max >> 1, .max >> 1)] {
            for method in Self.methods {
                var parameters = Editor.place("/p/main.vcl", Editor.position(line, character)).object!
                parameters["range"] = ["start": parameters["position"]!, "end": parameters["position"]!]
                parameters["newName"] = "x"
                let error = editor.answer("textDocument/" + method, .object(parameters))["error"]
                #expect(error == nil || error?["code"]?.integer == -32803, "\(method)")
            }
        }
    }

    @Test("paths with spaces and letters of all kinds, and files that were never saved, keep their names")
    func keepsNames() {
        let uris = [
            "file:///p/a%20b/%C3%A9%25.vcl", "untitled:Untitled-1", "file:///p/%61.vcl",
            "file://host/p/x.vcl",
        ]
        for uri in uris {
            var editor = Editor()
            editor.notify(
                "textDocument/didOpen",
                ["textDocument": ["uri": .string(uri), "version": 1, "text": "sub vcl_recv { nonsense; }"]])
            #expect(editor.published.map { $0["uri"]?.string } == [uri])
            let found = editor.request("textDocument/documentSymbol", ["textDocument": ["uri": .string(uri)]])
            #expect(found.array?.count == 1)
        }
        var editor = Editor(["/p/a b/é.vcl": "acl x { }\n"])
        let place = editor.open("/p/main.vcl", "include \"a b/é\";\nsub vcl_recv { if (client.ip ~ ▮x) { } }")
        let found = editor.request("textDocument/definition", place)
        #expect(found.array?.first?["uri"]?.string == "file:///p/a%20b/%C3%A9.vcl")
    }
}
