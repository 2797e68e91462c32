import Foundation
import Testing

/// A real editor, Neovim, asks `hq vcl lsp` as an engineer's would.
@Suite struct LanguageServerScenario {
    @Test func answersNeovim() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "hq-lsp-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "main.vcl")
        try """
        backend F_origin {
          .host = "origin.example";
        }

        sub vcl_recv {
          #FASTLY recv
          set req.backend = F_origin;
          set req.http.X-Name = std.tolower(req.http.Name);
          set req.url = req.ulr;
        }

        """.write(to: file, atomically: true, encoding: .utf8)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/lsp.lua")
        let output = Pipe()
        let editor = try ChildProcess(
            [
                "/usr/bin/env", "-C", folder.path, "nvim", "--headless", "-n", "-u", "NONE", "-c",
                "luafile \(script.path)",
            ],
            environment: [
                "HQ_LSP": "\(Program.path.path) vcl lsp", "HQ_LSP_FILE": file.path,
                "XDG_STATE_HOME": folder.path, "XDG_CACHE_HOME": folder.path,
            ], output: output.fileHandleForWriting.fileDescriptor)
        // Its end ends what is read, once nobody here writes either.
        try output.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(editor.waitUntilExit() == 0, "\(said)")
        #expect(said.contains("unknown variable 'req.ulr'"), "\(said)")
        #expect(said.contains("hover") && said.contains("std.tolower(STRING)"), "\(said)")
        #expect(said.contains("completion") && said.contains("req.url"), "\(said)")
    }
}
