import ArgumentParser
import Diagnostics
import Foundation
import Kernel
import VCL

/// `hq vcl fmt`: programs in one style.
struct VCLFmt: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt", abstract: "Write programs in one style.",
        discussion: """
            Formats files, and every .vcl file below folders, in place. What does not parse is left as it is. With --check nothing is
            written and the exit status says whether something would be; with --diff it is shown. '-' formats standard input.
            """)

    @Argument(
        help: ArgumentHelp("Files and folders; without any, this folder.", valueName: "path"),
        completion: .file(extensions: ["vcl"]))
    var paths: [String] = []

    @Flag(help: "Write nothing; exit status 1 when a file is not formatted.")
    var check = false

    @Flag(help: "Write nothing; show what would change.")
    var diff = false

    func run() throws {
        if paths == ["-"] { return try formatInput() }
        var (changed, broken) = (0, false)
        for path in try files() {
            let source = try VCLProject.read(path)
            switch Formatter.format(source) {
            case .broken(let mistakes):
                broken = true
                let sources = SourceSet([source])
                Terminal.complain(mistakes.placed(in: sources).rendered(colour: Terminal.errorsAreColoured))
            case .formatted(let text):
                guard Array(text.utf8) != source.bytes else { continue }
                changed += 1
                try tell(path, source, text)
            }
        }
        if !check, !diff, changed > 0 { Terminal.say("formatted \(counted(changed, "file"))") }
        if broken { throw ExitCode(2) }
        if changed > 0, check || diff { throw ExitCode(1) }
    }

    private func tell(_ path: String, _ source: SourceFile, _ text: String) throws {
        if diff {
            let old = String(decoding: source.bytes, as: UTF8.self)
            Terminal.say(
                LineDiff.unified(
                    old, text, from: path, to: path + " (formatted)", colour: Terminal.isColoured))
        } else if check {
            Terminal.say("\(path) is not formatted")
        } else {
            do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
                throw Failure(.invalid, "cannot write '\(path)'")
            }
        }
    }

    private func formatInput() throws {
        let bytes = Array(FileHandle.standardInput.readDataToEndOfFile())
        let source = SourceFile(name: "standard input", bytes: bytes)
        switch Formatter.format(source) {
        case .formatted(let text):
            FileHandle.standardOutput.write(Data(text.utf8))
        case .broken(let mistakes):
            Terminal.complain(
                mistakes.placed(in: SourceSet([source])).rendered(colour: Terminal.errorsAreColoured))
            throw ExitCode(2)
        }
    }

    private func files() throws -> [String] {
        try (paths.isEmpty ? ["."] : paths).flatMap { path -> [String] in
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw Failure(.usage, "there is no '\(path)'")
            }
            guard isFolder.boolValue else { return [path] }
            return VCLProject.names(below: URL(fileURLWithPath: path), ending: ".vcl").map {
                path == "." ? $0 : (path.hasSuffix("/") ? path : path + "/") + $0
            }
        }
    }
}
