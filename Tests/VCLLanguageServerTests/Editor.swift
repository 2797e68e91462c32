import Kernel
import Testing
import VCLLanguageServer
import VCLRuntime

/// A client of the server, as an editor is one. Texts hold a `▮` where the cursor is.
struct Editor {
    var server: LanguageServer
    private var id: Int = 0
    private var version: Int = 0
    private(set) var diagnostics: [String: [JSONValue]] = [:]
    /// What the server sent besides answers and diagnostics.
    private(set) var others: [JSONValue] = []
    private(set) var published: [JSONValue] = []

    static let abilities: JSONValue = [
        "textDocument": [
            "completion": ["completionItem": ["snippetSupport": true]],
            "hover": ["contentFormat": ["markdown", "plaintext"]],
            "documentSymbol": ["hierarchicalDocumentSymbolSupport": true],
            "signatureHelp": [
                "signatureInformation": ["parameterInformation": ["labelOffsetSupport": true]]
            ],
        ]
    ]

    init(
        _ disk: [String: String] = [:], abilities: JSONValue = Editor.abilities,
        model: ServiceModel = ServiceModel(),
        started: Bool = true
    ) {
        server = LanguageServer(
            read: { disk[$0].map { Array($0.utf8) } },
            list: { folder in disk.keys.filter { $0.hasPrefix(folder + "/") } }, model: model)
        guard started else { return }
        _ = request(
            "initialize",
            ["capabilities": abilities, "workspaceFolders": [["uri": "file:///p", "name": "p"]]])
        notify("initialized", [:])
    }

    // MARK: messages

    @discardableResult
    mutating func raw(_ text: String) -> [JSONValue] {
        server.receive(Array(text.utf8)).map { try! JSONReader.read($0, name: "the answer") }
    }

    /// The whole answer to a request.
    mutating func answer(_ method: String, _ parameters: JSONValue) -> JSONValue {
        id += 1
        let message: JSONValue = [
            "jsonrpc": "2.0", "id": .integer(id), "method": .string(method), "params": parameters,
        ]
        let all = raw(message.text)
        take(all)
        let answers = all.filter { $0["id"] == .integer(id) && $0["method"] == nil }
        #expect(answers.count == 1, "one answer to \(method)")
        return answers.first ?? .null
    }

    /// The result of a request; null with a mistake noted when it was refused.
    mutating func request(_ method: String, _ parameters: JSONValue) -> JSONValue {
        let answer = answer(method, parameters)
        #expect(answer["error"] == nil, "\(method) was refused")
        return answer["result"] ?? .null
    }

    mutating func refusal(_ method: String, _ parameters: JSONValue) -> (code: Int?, message: String) {
        let error = answer(method, parameters)["error"]
        return (error?["code"]?.integer, error?["message"]?.string ?? "")
    }

    mutating func notify(_ method: String, _ parameters: JSONValue) {
        let message: JSONValue = ["jsonrpc": "2.0", "method": .string(method), "params": parameters]
        take(raw(message.text))
    }

    private mutating func take(_ messages: [JSONValue]) {
        for message in messages where message["method"] != nil {
            if message["method"] == "textDocument/publishDiagnostics" {
                let parameters = message["params"] ?? .null
                published.append(parameters)
                diagnostics[parameters["uri"]?.string ?? ""] = parameters["diagnostics"]?.array
            } else {
                others.append(message)
            }
        }
    }

    // MARK: files

    /// Opens a file whose text may hold a cursor; gives the cursor's place.
    @discardableResult
    mutating func open(_ path: String, _ text: String) -> JSONValue {
        let (clean, position) = Editor.cursor(text)
        version += 1
        notify(
            "textDocument/didOpen",
            [
                "textDocument": [
                    "uri": .string("file://" + path), "languageId": "vcl", "version": .integer(version),
                    "text": .string(clean),
                ]
            ])
        return Editor.place(path, position)
    }

    mutating func change(_ path: String, _ changes: JSONValue) {
        version += 1
        notify(
            "textDocument/didChange",
            [
                "textDocument": ["uri": .string("file://" + path), "version": .integer(version)],
                "contentChanges": changes,
            ])
    }

    static func place(_ path: String, _ position: JSONValue) -> JSONValue {
        ["textDocument": ["uri": .string("file://" + path)], "position": position]
    }

    /// The text without its cursor, and where that stood, in UTF-16.
    static func cursor(_ text: String) -> (String, JSONValue) {
        guard let place = text.firstIndex(of: "▮") else { return (text, position(0, 0)) }
        let before = text[..<place]
        let line = before.utf8.count { $0 == 0x0A }
        let start = before.lastIndex(of: "\n").map { before.index(after: $0) } ?? before.startIndex
        return (
            text.filter { $0 != "▮" }, position(line, before[start...].utf16.count)
        )
    }

    static func position(_ line: Int, _ character: Int) -> JSONValue {
        ["line": .integer(line), "character": .integer(character)]
    }

    /// `1:4-1:9` of a range.
    static func text(_ range: JSONValue?) -> String {
        let one = { (place: JSONValue?) in
            "\(place?["line"]?.integer ?? -1):\(place?["character"]?.integer ?? -1)"
        }
        return one(range?["start"]) + "-" + one(range?["end"])
    }

    /// `main.vcl 1:4-1:9` of each location.
    static func locations(_ found: JSONValue) -> [String] {
        let all = found.array ?? (found.isNull ? [] : [found])
        return all.map { one in
            let name = one["uri"]?.string?.split(separator: "/").last.map(String.init) ?? ""
            return "\(name) \(text(one["range"]))"
        }
    }

    /// The errors of a file, except that its short programs have no macros; or all that is told.
    func messages(_ path: String, all warnings: Bool = false) -> [String] {
        (diagnostics["file://" + path] ?? []).filter {
            warnings || ($0["severity"] == 1 && $0["code"] != "vcl/missing-macro")
        }.map {
            "\(Editor.text($0["range"])) \($0["message"]?.string ?? "")"
        }
    }

    /// The text after the edits of one file.
    static func applying(_ edits: [JSONValue], to text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let sorted = edits.sorted { Editor.key($0) > Editor.key($1) }
        for edit in sorted {
            let (start, end) = (edit["range"]!["start"]!, edit["range"]!["end"]!)
            let (first, last) = (start["line"]!.integer!, end["line"]!.integer!)
            let head = String(
                decoding: Array(lines[first].utf16).prefix(start["character"]!.integer!), as: UTF16.self)
            let tail =
                last < lines.count
                ? String(
                    decoding: Array(lines[last].utf16).dropFirst(end["character"]!.integer!), as: UTF16.self)
                : ""
            let new = head + edit["newText"]!.string! + tail
            lines.replaceSubrange(
                first...min(last, lines.count - 1),
                with: new.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
        return lines.joined(separator: "\n")
    }

    private static func key(_ edit: JSONValue) -> Int {
        let start = edit["range"]!["start"]!
        return start["line"]!.integer! << 20 + start["character"]!.integer!
    }
}
