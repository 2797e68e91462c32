import ArgumentParser
import Foundation
import Kernel
import VCLLanguageServer
import VCLRuntime

/// `hq vcl lsp`: the language server, for editors.
struct VCLLsp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lsp", abstract: "Serve editors that speak the Language Server Protocol.",
        discussion: """
            Reads messages from standard input and writes them to standard output, as editors start it. It checks,
            explains, completes, renames and formats VCL. Started in a folder with a campaign.yaml or a Fastly service,
            it knows the dictionaries, backends and snippets that belong to the program.
            """)

    func run() async throws {
        let project = try? VCLProject(".", include: [])
        var server = LanguageServer(
            read: VCLLsp.read, list: VCLLsp.list, model: project?.model ?? ServiceModel())
        var cutter = MessageCutter()
        while server.exitStatus == nil {
            // As much as there is; nothing at the end, which an editor that dies leaves behind.
            let bytes = FileHandle.standardInput.availableData
            if bytes.isEmpty { throw ExitCode(1) }
            cutter.append(bytes)
            while server.exitStatus == nil, let piece = cutter.next() {
                switch piece {
                case .message(let message): server.receive(message).forEach(VCLLsp.send)
                case .broken(let sentence): VCLLsp.send(server.answer(toBroken: sentence))
                }
            }
        }
        throw ExitCode(server.exitStatus ?? 1)
    }

    private static func send(_ message: [UInt8]) {
        FileHandle.standardOutput.write(Data(MessageCutter.framed(message)))
    }

    private static func read(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { Array($0) }
    }

    /// The VCL files in a folder and below; hidden folders are left out.
    private static func list(_ folder: String) -> [String] {
        let found = FileManager.default.enumerator(
            at: URL(fileURLWithPath: folder), includingPropertiesForKeys: nil,
            options: [.skipsHiddenFiles, .skipsPackageDescendants])
        var paths: [String] = []
        while let url = found?.nextObject() as? URL, paths.count < LanguageServerLimits.mostProjectFiles {
            if url.pathExtension == "vcl" { paths.append(url.path) }
        }
        return paths
    }
}
