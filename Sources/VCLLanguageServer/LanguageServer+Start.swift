import Kernel

// What is agreed at the beginning.
extension LanguageServer {
    mutating func initialize(_ parameters: JSONValue) -> JSONValue {
        let capabilities = parameters["capabilities"]
        encoding = .negotiated(capabilities)
        let document = capabilities?["textDocument"]
        client.snippets =
            document?["completion"]?["completionItem"]?["snippetSupport"]?.bool ?? false
        if let formats = document?["hover"]?["contentFormat"]?.array {
            client.markdown = formats.contains("markdown")
        }
        client.outline =
            document?["documentSymbol"]?["hierarchicalDocumentSymbolSupport"]?.bool ?? false
        let signature = document?["signatureHelp"]?["signatureInformation"]?["parameterInformation"]
        client.labelOffsets = signature?["labelOffsetSupport"]?.bool ?? false
        client.watches =
            capabilities?["workspace"]?["didChangeWatchedFiles"]?["dynamicRegistration"]?.bool ?? false
        let folders = (parameters["workspaceFolders"]?.array ?? []).compactMap { $0["uri"]?.string }
        let root = parameters["rootUri"]?.string ?? parameters["rootPath"]?.string
        workspace.folders = (folders.isEmpty ? [root].compactMap(\.self) : folders).map(folderPath)
        return ["capabilities": abilities, "serverInfo": ["name": "hq vcl lsp"]]
    }

    private func folderPath(_ uri: String) -> String {
        let path = DocumentURI.path(uri)
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private var abilities: JSONValue {
        [
            "positionEncoding": .string(encoding.rawValue),
            "textDocumentSync": ["openClose": true, "change": 2, "save": true],
            "hoverProvider": true,
            "completionProvider": ["triggerCharacters": [".", ":", "("], "resolveProvider": true],
            "signatureHelpProvider": ["triggerCharacters": ["(", ","]],
            "definitionProvider": true, "declarationProvider": true, "referencesProvider": true,
            "documentHighlightProvider": true, "documentSymbolProvider": true,
            "renameProvider": ["prepareProvider": true], "foldingRangeProvider": true,
            "documentFormattingProvider": true,
            "codeActionProvider": ["codeActionKinds": ["quickfix"]],
            "workspace": ["workspaceFolders": ["supported": true, "changeNotifications": true]],
        ]
    }

    /// Asks the client to tell when VCL files change behind its back.
    mutating func watchFiles() {
        guard client.watches else { return }
        send(
            "client/registerCapability",
            [
                "registrations": [
                    [
                        "id": "vcl-files", "method": "workspace/didChangeWatchedFiles",
                        "registerOptions": ["watchers": [["globPattern": "**/*.vcl"]]],
                    ]
                ]
            ], id: "vcl-files")
    }

    mutating func foldersChanged(_ parameters: JSONValue) {
        let event = parameters["event"]
        let gone = Set((event?["removed"]?.array ?? []).compactMap { $0["uri"]?.string }.map(folderPath))
        let new = (event?["added"]?.array ?? []).compactMap { $0["uri"]?.string }.map(folderPath)
        workspace.folders = workspace.folders.filter { !gone.contains($0) && !new.contains($0) } + new
        publish()
    }
}
