import ArgumentParser
import Diagnostics
import Foundation
import Journey
import Kernel
import VCLLint
import VCLTesting

/// `hq vcl lint`: everything that is wrong or suspicious in a program.
struct VCLLintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint", abstract: "Find mistakes in a program without running it.",
        discussion: """
            Reads the whole program, with included files, snippets and dictionaries. Each finding has a rule; docs/guide/vcl-rules.md
            explains them. '// hq-ignore-next-line RULE' in the program keeps one quiet. Exit status: 0 no errors, 1 findings of
            severity error, 2 input that cannot be read.
            """
    ).startedOften(below: "hq vcl")

    @OptionGroup var options: VCLProgramOptions

    @Flag(help: "Apply the fixes that cannot change what the program does.")
    var fix = false

    @Flag(help: "Print one JSON array of findings.")
    var json = false

    @Flag(help: "Print findings in SARIF 2.1.0.")
    var sarif = false

    @Option(
        name: [.customShort("r"), .long],
        help: ArgumentHelp(
            "Another severity for a rule: off, info, warning or error.", valueName: "rule=level"))
    var rule: [String] = []

    @Flag(name: .shortAndLong, help: "Only findings of severity error.")
    var quiet = false

    func run() throws {
        let project: VCLProject
        do { project = try options.load() } catch let failure as Failure {
            throw Failure(.usage, failure.message, hint: failure.hint)
        }
        let levels = try self.levels(project)
        for problem in project.problems { Terminal.complain("warning: \(problem)\n") }
        let result: LintResult
        if fix {
            let (changed, left) = Linter.fixing(main: project.main, model: project.model, options: levels)
            for file in changed { try project.write(file) }
            if !changed.isEmpty, !json, !sarif {
                Terminal.say("fixed " + changed.map(\.name).joined(separator: ", "))
            }
            result = left
        } else {
            var options = levels
            options.isLast = true
            result = Linter.lint(main: project.main, model: project.model, options: options)
        }
        print(result)
        if result.findings.hasErrors { throw ExitCode(1) }
    }

    private func levels(_ project: VCLProject) throws -> LintOptions {
        var found = LintOptions()
        found.hosts = project.hosts
        // Rules that only falco has are none of ours.
        for (rule, level) in project.falco.rules where !LintRules.named(rule).isEmpty {
            found.levels[rule] =
                level.uppercased() == "IGNORE" ? .off : LintOptions.Level(rawValue: level.lowercased())
        }
        for one in rule {
            let parts = one.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let level = LintOptions.Level(rawValue: parts[1]) else {
                throw Failure(
                    .usage, "--rule wants a rule and a level, such as vcl/unused-table=off, not '\(one)'")
            }
            found.levels[parts[0]] = level
        }
        if let unknown = found.unknownRules.first {
            let hint = nearest(unknown, among: LintRules.all.map(\.id)).map { "did you mean '\($0)'?" }
            throw Failure(.usage, "there is no rule '\(unknown)'", hint: hint)
        }
        return found
    }

    private func print(_ result: LintResult) {
        let findings = result.placed.filter { !quiet || $0.severity == .error }
        if sarif {
            Terminal.say((try? JSON.string(of: SARIFLog(result, version: HQ.version))) ?? "")
        } else if json {
            Terminal.say(JSON.array(findings.map { $0.json }).text)
        } else {
            if !findings.isEmpty { Terminal.complain(findings.rendered(colour: Terminal.errorsAreColoured)) }
            Terminal.say(summary(findings, ignored: result.ignored))
        }
    }

    private func summary(_ findings: [PlacedDiagnostic], ignored: Int) -> String {
        let parts = [
            ("error", Diagnostic.Severity.error), ("warning", .warning), ("note", .info),
        ].compactMap { word, severity -> String? in
            let count = findings.count { $0.severity == severity }
            return count == 0 ? nil : counted(count, word)
        }
        let rest = ignored == 0 ? "" : " (\(ignored) ignored by comments)"
        return (parts.isEmpty ? "nothing found" : parts.joined(separator: ", ")) + rest
    }
}

extension PlacedDiagnostic {
    /// As tools read it.
    var json: JSON {
        .object([
            "rule": .string(rule), "severity": .string(severity.rawValue), "file": .string(file),
            "line": .integer(Int64(line)), "column": .integer(Int64(column)),
            "endLine": .integer(Int64(endLine)), "endColumn": .integer(Int64(endColumn)),
            "message": .string(message), "hint": hint.map { .string($0) } ?? .null,
        ])
    }
}
