import ArgumentParser
import ControlPlane
import Foundation
import Journey
import Kernel
import Ledger

/// `hq vcl diff`: how two versions of the program differ.
struct VCLDiff: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show how the active program differs from another.",
        discussion: """
            Without a number: what is active against the files below a folder. With one: that version against what is active. With two:
            one version against the other.
            """)
    @Argument(help: ArgumentHelp("Versions, as hq vcl versions numbers them.", valueName: "version"))
    var versions: [Int64] = []
    @Option(
        help: ArgumentHelp("The folder to compare with; else the campaign's.", valueName: "folder"),
        completion: .directory)
    var folder: String?
    @OptionGroup var door: DoorOptions

    static let isReading = true

    func validate() throws {
        if versions.count > 2 { throw ValidationError("two versions at most") }
        if !versions.isEmpty, folder != nil { throw ValidationError("give either versions or a folder") }
    }

    func attachments() throws -> [String: Data] {
        versions.isEmpty ? try ProgramFiles.read(below: folder ?? door.dir ?? ".") : [:]
    }

    func execute(_ context: CommandContext) async throws -> Report {
        let control = context.control
        let (old, new, names) = try await sides(control, ProgramFiles.texts(context.attachments))
        let parts = Set(old.keys).union(new.keys).sorted().compactMap { name -> (String, String)? in
            let text = LineDiff.unified(
                old[name] ?? "", new[name] ?? "", from: "\(names[0]): \(name)", to: "\(names[1]): \(name)")
            return text.isEmpty ? nil : (name, text)
        }
        return Report(
            parts.isEmpty ? "no difference" : counted(parts.count, "file") + " changed",
            fields: parts.map { .init($0.0, VCLDiff.lines($0.1)) },
            data: .object(["difference": .string(parts.map(\.1).joined(separator: "\n"))]))
    }

    private typealias Files = [String: String]

    /// What is compared, and what each side is called. Where no folder came along, as from the console, it is the latest
    /// change: what was active before it against what is.
    private func sides(_ control: Control, _ folder: Files) async throws -> (Files, Files, [String]) {
        var versions = versions
        if versions.isEmpty, folder.isEmpty {
            versions = try await control.programVersions(limit: 2).dropFirst().map(\.entry.number)
        }
        let old = try await control.programFiles(version: versions.first)
        let first = versions.first.map { "version \($0)" } ?? "active"
        if versions.isEmpty, !folder.isEmpty { return (old, folder, [first, "folder"]) }
        guard versions.count == 2 else {
            return (old, try await control.programFiles(version: nil), [first, "active"])
        }
        return (old, try await control.programFiles(version: versions[1]), [first, "version \(versions[1])"])
    }

    /// `+3 -1`
    private static func lines(_ difference: String) -> String {
        let lines = difference.split(separator: "\n").dropFirst(2)
        return "+\(lines.count { $0.hasPrefix("+") }) -\(lines.count { $0.hasPrefix("-") })"
    }

    func finish(_ report: inout Report) throws {
        guard !door.json, case .string(let text)? = report.data["difference"], !text.isEmpty else { return }
        let paint = { (code: String, line: Substring) in
            Terminal.isColoured ? "\u{1B}[\(code)m\(line)\u{1B}[0m" : String(line)
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            switch line.first {
            case "+": Terminal.say(paint("32", line))
            case "-": Terminal.say(paint("31", line))
            case "@": Terminal.say(paint("36", line))
            default: Terminal.say(String(line))
            }
        }
    }
}
