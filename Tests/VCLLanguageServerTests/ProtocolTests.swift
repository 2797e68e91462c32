import Kernel
import Testing
import VCLLanguageServer

@Suite("The protocol")
struct ProtocolTests {
    @Test("what is no request is refused with the code for it")
    func refuses() {
        let cases: [(message: String, code: Int)] = [
            ("{", -32700), ("", -32700), ("[1,2", -32700), ("[]", -32600), ("1", -32600), ("{}", -32600),
            (#"{"id":1}"#, -32600), (#"{"method":5,"id":1}"#, -32600),
            (#"{"id":1,"method":"textDocument/dance"}"#, -32601),
            (#"{"id":1,"method":"initialize"}"#, -32600),
            (#"{"id":1,"method":"textDocument/hover"}"#, -32602),
            (#"{"id":1,"method":"textDocument/hover","params":[1]}"#, -32602),
            (
                #"{"id":1,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///p/no"}}}"#,
                -32602
            ),
            (String(repeating: "[", count: 10_000), -32700),
        ]
        var editor = Editor()
        for (message, code) in cases {
            let answers = editor.raw(message)
            #expect(answers.count == 1, "\(message)")
            #expect(answers.first?["error"]?["code"]?.integer == code, "\(message)")
        }
        // Answers to the server's own requests, and notifications, have no answer.
        for message in [
            #"{"id":"x","result":null}"#, #"{"id":"x","error":{}}"#, #"{"method":"$/setTrace"}"#,
            #"{"method":"textDocument/didOpen"}"#, #"{"method":"textDocument/didChange","params":{}}"#,
        ] {
            #expect(editor.raw(message).isEmpty, "\(message)")
        }
    }

    @Test("nothing is answered before initialize, nor after shutdown")
    func hasPhases() {
        var editor = Editor(started: false)
        #expect(editor.refusal("textDocument/hover", [:]).code == -32002)
        editor.open("/p/a.vcl", "sub vcl_recv { nonsense }")
        #expect(editor.published.isEmpty)
        _ = editor.request("initialize", ["capabilities": [:]])
        #expect(editor.request("shutdown", .null) == .null)
        #expect(editor.refusal("textDocument/hover", [:]).code == -32600)
        #expect(editor.server.exitStatus == nil)
        editor.notify("exit", .null)
        #expect(editor.server.exitStatus == 0)
    }

    @Test("an exit without a shutdown is a failure")
    func exitsAtOnce() {
        var editor = Editor()
        editor.notify("exit", .null)
        #expect(editor.server.exitStatus == 1)
    }

    @Test("UTF-16 is spoken unless the client prefers UTF-8")
    func negotiatesPositions() {
        let cases: [(offered: JSONValue, chosen: String)] = [
            ([:], "utf-16"), (["positionEncodings": ["utf-8", "utf-16"]], "utf-8"),
            (["positionEncodings": ["utf-16", "utf-8"]], "utf-16"),
            (["positionEncodings": ["utf-32", "utf-8"]], "utf-8"),
            (["positionEncodings": ["utf-32"]], "utf-16"),
        ]
        for (offered, chosen) in cases {
            var editor = Editor(started: false)
            let result = editor.request("initialize", ["capabilities": ["general": offered]])
            #expect(result["capabilities"]?["positionEncoding"]?.string == chosen)
        }
    }

    @Test("a client that can watch files is asked to")
    func registersForFiles() {
        let abilities: JSONValue = ["workspace": ["didChangeWatchedFiles": ["dynamicRegistration": true]]]
        let editor = Editor(abilities: abilities)
        #expect(editor.others.map { $0["method"] } == ["client/registerCapability"])
        #expect(Editor().others.isEmpty)
    }
}

@Suite("Editing")
struct EditingTests {
    private static func change(_ from: (Int, Int), _ to: (Int, Int), _ text: String) -> JSONValue {
        [
            "range": ["start": Editor.position(from.0, from.1), "end": Editor.position(to.0, to.1)],
            "text": .string(text),
        ]
    }

    /// What the server has of a file, told by its outline.
    private func outline(_ editor: inout Editor, _ path: String) -> [String] {
        let found = editor.request(
            "textDocument/documentSymbol", ["textDocument": ["uri": .string("file://" + path)]])
        return (found.array ?? []).map {
            "\($0["name"]?.string ?? "") \(Editor.text($0["selectionRange"]))"
        }
    }

    @Test("changes are applied one after another, in UTF-16, and clamped to the text")
    func appliesChanges() {
        let cases: [(start: String, changes: [JSONValue], outline: [String])] = [
            ("sub a {}", [Self.change((0, 4), (0, 5), "bcd")], ["bcd 0:4-0:7"]),
            ("sub a {}\nsub b {}", [Self.change((0, 0), (1, 0), "")], ["b 0:4-0:5"]),
            ("# 😀é\nsub a {}", [Self.change((0, 4), (0, 5), "\n")], ["a 2:4-2:5"]),
            ("/*😀*/ sub a {}", [Self.change((0, 2), (0, 4), "")], ["a 0:9-0:10"]),
            ("sub a {}", [["text": "sub x {}"], Self.change((0, 4), (0, 5), "y")], ["y 0:4-0:5"]),
            ("sub a {}", [Self.change((7, 9), (9, 9), "\nsub z {}")], ["a 0:4-0:5", "z 1:4-1:5"]),
            ("sub a {}\n", [Self.change((0, 99), (0, 99), " sub q {}")], ["a 0:4-0:5", "q 0:13-0:14"]),
            ("sub a {}", [Self.change((0, 5), (0, 4), "r")], ["r 0:4-0:5"]),
            ("sub a {}", [Self.change((-1, -5), (0, -3), "# c\n")], ["a 1:4-1:5"]),
            ("sub a {}\r\nsub b {}", [Self.change((0, 99), (1, 0), "\n")], ["a 0:4-0:5", "b 1:4-1:5"]),
            ("", [Self.change((0, 0), (0, 0), "acl i {}")], ["i 0:4-0:5"]),
        ]
        for (start, changes, expected) in cases {
            var editor = Editor()
            editor.open("/p/a.vcl", start)
            editor.change("/p/a.vcl", .array(changes))
            #expect(outline(&editor, "/p/a.vcl") == expected, "\(start)")
        }
    }

    @Test("with UTF-8 positions, characters are bytes and never cut")
    func countsBytes() {
        var editor = Editor(abilities: [
            "general": ["positionEncodings": ["utf-8"]],
            "textDocument": ["documentSymbol": ["hierarchicalDocumentSymbolSupport": true]],
        ])
        editor.open("/p/a.vcl", "/*é*/ sub a {}")
        #expect(outline(&editor, "/p/a.vcl") == ["a 0:11-0:12"])
        // The third byte is in the middle of the é, which is where the change then begins.
        editor.change("/p/a.vcl", [Self.change((0, 3), (0, 4), "")])
        #expect(outline(&editor, "/p/a.vcl") == ["a 0:9-0:10"])
    }

    @Test("a file that is too large is said to be unread until it is small again")
    func boundsFiles() {
        var editor = Editor()
        let large = "# a\n" + String(repeating: "#", count: LanguageServerLimits.largestFile)
        editor.open("/p/a.vcl", large)
        #expect(
            editor.messages("/p/a.vcl", all: true) == [
                "0:0-0:0 this file is larger than 4 MiB; nothing in it is checked"
            ])
        editor.change("/p/a.vcl", [Self.change((0, 0), (0, 1), "")])
        #expect(editor.messages("/p/a.vcl", all: true).count == 1)
        editor.change("/p/a.vcl", [["text": "# a"]])
        #expect(editor.messages("/p/a.vcl", all: true).isEmpty)
    }
}
