import Kernel
package import VCLLint
package import VCLRuntime

// The language server as a state machine: messages in, messages out, no streams, no clock. Whoever runs it
// reads the client's bytes with a `MessageCutter`, hands each message to `receive`, and writes the answers
// with `MessageCutter.framed`, until `exitStatus` is set. Files that the client has not opened are read
// through a closure.

/// A server of the Language Server Protocol 3.17 for VCL.
package struct LanguageServer {
    /// What the client said about itself.
    struct Client {
        var snippets = false
        var markdown = true
        var outline = true
        var labelOffsets = false
        var watches = false
    }

    private enum Phase { case starting, running, shutDown }

    private var phase = Phase.starting
    var workspace: Workspace
    var encoding = TextEncoding.utf16
    var client = Client()
    /// The diagnostics that the client has of each file that has any.
    var published: [String: JSONValue] = [:]
    private var out: [JSONValue] = []
    /// Set when the client asks the server to end: 0 after a `shutdown`, else 1.
    package private(set) var exitStatus: Int32?

    /// `read` gives a file's bytes by its path, or nil; `list` the paths of the VCL files in a folder and
    /// below, at most `LanguageServerLimits.mostProjectFiles`. `model` is what the programs consist of
    /// besides their files, `options` what a person chose about the linter.
    package init(
        read: @escaping (String) -> [UInt8]?, list: @escaping (String) -> [String] = { _ in [] },
        model: ServiceModel = ServiceModel(), options: LintOptions = LintOptions()
    ) {
        workspace = Workspace(read: read, list: list, model: model, options: options)
    }

    /// Takes the content of one message and gives the contents of those to send, in their order. Never fails:
    /// what is wrong with a request is told in its answer.
    package mutating func receive(_ message: [UInt8]) -> [[UInt8]] {
        out = []
        do {
            try take(JSONReader.read(message, name: "the message"))
        } catch {
            out.append(Refusal.unreadable(error.message).answer(to: .null))
        }
        return out.map { Array($0.text.utf8) }
    }

    /// The answer to bytes that were no message; see `MessageCutter.Piece.broken`.
    package func answer(toBroken sentence: String) -> [UInt8] {
        Array(Refusal.unreadable(sentence).answer(to: .null).text.utf8)
    }

    private mutating func take(_ message: JSONValue) throws(Failure) {
        guard let method = message["method"]?.string else {
            // An answer to what the server asked the client; nothing depends on it.
            if message["id"] != nil, message["result"] != nil || message["error"] != nil { return }
            let refusal = Refusal.invalidRequest("a message without a method")
            return out.append(refusal.answer(to: message["id"] ?? .null))
        }
        let parameters = message["params"] ?? [:]
        guard let id = message["id"] else { return notice(method, parameters) }
        do {
            let result = try answer(method, parameters)
            out.append(["jsonrpc": "2.0", "id": id, "result": result])
        } catch {
            out.append(error.answer(to: id))
        }
    }

    private mutating func answer(_ method: String, _ parameters: JSONValue) throws(Refusal) -> JSONValue {
        switch (phase, method) {
        case (.starting, "initialize"):
            phase = .running
            return initialize(parameters)
        case (.starting, _): throw .notInitialized
        case (.running, "initialize"): throw .invalidRequest("the server is initialized already")
        case (.running, "shutdown"):
            phase = .shutDown
            return .null
        case (.shutDown, _): throw .invalidRequest("the server was shut down")
        case (.running, _):
            guard let answer = LanguageServer.requests[method] else { throw .unknownMethod(method) }
            return try answer(&self, parameters)
        }
    }

    /// Notifications have no answers; those that are unknown or come at the wrong time are passed over.
    private mutating func notice(_ method: String, _ parameters: JSONValue) {
        if method == "exit" {
            exitStatus = phase == .shutDown ? 0 : 1
        } else if phase == .running {
            LanguageServer.notifications[method]?(&self, parameters)
        }
    }

    /// Sends the client a notification, or with an `id` a request.
    mutating func send(_ method: String, _ parameters: JSONValue, id: String? = nil) {
        var message: [String: JSONValue] = [
            "jsonrpc": "2.0", "method": .string(method), "params": parameters,
        ]
        if let id { message["id"] = .string(id) }
        out.append(.object(message))
    }

    // MARK: the methods

    private typealias Answer = @Sendable (inout LanguageServer, JSONValue) throws(Refusal) -> JSONValue
    private typealias Notice = @Sendable (inout LanguageServer, JSONValue) -> Void

    private static let requests: [String: Answer] = [
        "textDocument/hover": { (server, asked) throws(Refusal) in try server.hover(asked) },
        "textDocument/completion": { (server, asked) throws(Refusal) in try server.completion(asked) },
        "completionItem/resolve": { (server, asked) throws(Refusal) in server.resolveCompletion(asked) },
        "textDocument/signatureHelp": { (server, asked) throws(Refusal) in try server.signatureHelp(asked) },
        "textDocument/definition": { (server, asked) throws(Refusal) in try server.definition(asked) },
        "textDocument/declaration": { (server, asked) throws(Refusal) in try server.definition(asked) },
        "textDocument/references": { (server, asked) throws(Refusal) in try server.references(asked) },
        "textDocument/documentHighlight": { (server, asked) throws(Refusal) in try server.highlights(asked) },
        "textDocument/documentSymbol": { (server, asked) throws(Refusal) in try server.symbols(asked) },
        "textDocument/prepareRename": { (server, asked) throws(Refusal) in try server.prepareRename(asked) },
        "textDocument/rename": { (server, asked) throws(Refusal) in try server.rename(asked) },
        "textDocument/formatting": { (server, asked) throws(Refusal) in try server.formatting(asked) },
        "textDocument/foldingRange": { (server, asked) throws(Refusal) in try server.folding(asked) },
        "textDocument/codeAction": { (server, asked) throws(Refusal) in try server.codeActions(asked) },
    ]

    private static let notifications: [String: Notice] = [
        "initialized": { server, _ in server.watchFiles() },
        "textDocument/didOpen": { $0.didOpen($1) },
        "textDocument/didChange": { $0.didChange($1) },
        "textDocument/didSave": { $0.didSave($1) },
        "textDocument/didClose": { $0.didClose($1) },
        "workspace/didChangeWatchedFiles": { server, _ in server.filesChanged() },
        "workspace/didChangeWorkspaceFolders": { $0.foldersChanged($1) },
    ]
}
