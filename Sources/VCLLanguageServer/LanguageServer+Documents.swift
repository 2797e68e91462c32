import Diagnostics
import Kernel
import VCL

// Open files, and what is said about them.
extension LanguageServer {
    mutating func didOpen(_ parameters: JSONValue) {
        guard let document = parameters["textDocument"], let uri = document["uri"]?.string,
            let text = document["text"]?.string
        else { return }
        workspace.put(uri, version: document["version"]?.integer ?? 0, bytes: Array(text.utf8))
        publish(DocumentURI.path(uri))
    }

    mutating func didChange(_ parameters: JSONValue) {
        guard let uri = parameters["textDocument"]?["uri"]?.string,
            let document = workspace.open[DocumentURI.path(uri)]
        else { return }
        var bytes = document.index.file.bytes
        // The text of a file that was too large is gone; only a whole new one helps.
        var isKnown = !document.isTooLarge
        for change in parameters["contentChanges"]?.array ?? [] {
            guard let text = change["text"]?.string else { continue }
            if let range = change["range"], !range.isNull {
                guard isKnown else { continue }
                replace(range, with: text, in: &bytes)
            } else {
                bytes = Array(text.utf8)
                isKnown = true
            }
        }
        guard isKnown else { return }
        let version = parameters["textDocument"]?["version"]?.integer ?? document.version
        workspace.put(uri, version: version, bytes: bytes)
        publish(DocumentURI.path(uri))
    }

    /// Ranges count in the text as the changes before have left it.
    private func replace(_ range: JSONValue, with text: String, in bytes: inout [UInt8]) {
        let file = SourceFile(name: "", bytes: bytes)
        guard let start = encoding.offset(range["start"], in: file),
            let end = encoding.offset(range["end"], in: file)
        else { return }
        bytes.replaceSubrange(min(start, end)..<max(start, end), with: text.utf8)
    }

    mutating func didSave(_ parameters: JSONValue) { filesChanged() }

    mutating func filesChanged() {
        workspace.refresh()
        publish()
    }

    mutating func didClose(_ parameters: JSONValue) {
        guard let uri = parameters["textDocument"]?["uri"]?.string else { return }
        workspace.close(DocumentURI.path(uri))
        workspace.refresh()
        publish()
    }

    // MARK: diagnostics

    /// Sends what is new about the files of all programs that have an open file; about `changed` in any case.
    mutating func publish(_ changed: String? = nil) {
        var mains: Set<String> = []
        for path in workspace.open.keys { mains.formUnion(workspace.mains(of: path)) }
        var found: [String: [JSONValue]] = [:]
        for main in mains.sorted() {
            let program = workspace.program(main)
            for (path, mistakes) in program.diagnostics {
                guard let file = program.index(path)?.file else { continue }
                for told in mistakes.map({ self.told($0, in: file) })
                where !(found[path] ?? []).contains(told) {
                    found[path, default: []].append(told)
                }
            }
        }
        for (path, document) in workspace.open where document.isTooLarge {
            found[path] = [tooLarge]
        }
        let new = found.mapValues { JSONValue.array($0) }
        for path in Set(new.keys).union(published.keys).union([changed].compactMap(\.self)).sorted()
        where path == changed || new[path] != published[path] {
            var message: [String: JSONValue] = [
                "uri": .string(uri(path)), "diagnostics": new[path] ?? [],
            ]
            if let document = workspace.open[path] { message["version"] = .integer(document.version) }
            send("textDocument/publishDiagnostics", .object(message))
        }
        published = new
    }

    private var tooLarge: JSONValue {
        let start: JSONValue = ["line": 0, "character": 0]
        let size = LanguageServerLimits.largestFile >> 20
        return [
            "range": ["start": start, "end": start], "severity": 3, "source": "hq",
            "message": .string("this file is larger than \(size) MiB; nothing in it is checked"),
        ]
    }

    func told(_ diagnostic: Diagnostic, in file: SourceFile) -> JSONValue {
        let severity: Int =
            switch diagnostic.severity {
            case .error: 1
            case .warning: 2
            case .info: 3
            }
        let hint = diagnostic.hint.map { "\nhint: \($0)" } ?? ""
        return [
            "range": encoding.range(diagnostic.span, in: file), "severity": .integer(severity),
            "code": .string(diagnostic.rule), "source": "hq", "message": .string(diagnostic.message + hint),
        ]
    }

    /// As the client wrote it, where it opened the file.
    func uri(_ path: String) -> String { workspace.open[path]?.uri ?? DocumentURI.uri(path) }
}
