import ArgumentParser
import Diagnostics
import Foundation
import Journey
import Kernel
import VCLTesting

/// `hq vcl test`: unit tests written in VCL.
struct VCLTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run a program's tests (*.test.vcl and *.test.yaml).",
        discussion: """
            Unit tests are subs in files named *.test.vcl beside the program or in an included folder; they call the program's subs
            with testing.call_subroutine and judge with assert.equal and its kin. Files named *.test.yaml hold whole requests and
            what must come of them. Exit status: 0 all passed, 1 not.
            """)

    @OptionGroup var options: VCLProgramOptions

    @Option(help: ArgumentHelp("Only tests whose name, group or file contains this.", valueName: "text"))
    var filter: String?

    @Option(
        name: [.customShort("t"), .long],
        help: ArgumentHelp("A tag that is given: @tag lets a test run with it or not.", valueName: "tag"))
    var tag: [String] = []

    @Option(
        name: [.customShort("o"), .long],
        help: ArgumentHelp("A value that a variable has in all tests.", valueName: "name=value"))
    var override: [String] = []

    @Option(help: ArgumentHelp("An entry of a dictionary, as name.key=value.", valueName: "entry"))
    var dictionary: [String] = []

    @Flag(help: "Say which statements and branches of the program ran.")
    var coverage = false

    @Option(help: ArgumentHelp("Fail when fewer percent of the statements ran.", valueName: "percent"))
    var minCoverage: Double?

    @Option(help: ArgumentHelp("Write coverage in LCOV's format.", valueName: "file"), completion: .file())
    var lcov: String?

    @Option(help: ArgumentHelp("Write coverage as a page.", valueName: "file"), completion: .file())
    var html: String?

    @Option(help: ArgumentHelp("Write the results in JUnit's XML.", valueName: "file"), completion: .file())
    var junit: String?

    @Flag(help: "Run again whenever a file changes.")
    var watch = false

    @Flag(help: "Print one JSON document.")
    var json = false

    func validate() throws {
        for one in override where !one.contains("=") {
            throw ValidationError("--override wants name=value, not '\(one)'")
        }
        for one in dictionary where DictionaryEntry(one) == nil {
            throw ValidationError("--dictionary wants name.key=value, not '\(one)'")
        }
    }

    func run() throws {
        guard watch else {
            if try runOnce() { return }
            throw ExitCode(1)
        }
        var before: [String: Date] = [:]
        while true {
            let project = try? options.load()
            let now = project.map { Self.changes($0) } ?? [:]
            if now != before || now.isEmpty {
                before = now
                do { _ = try runOnce() } catch { _ = ProgramEnd.say(error) }
            }
            Thread.sleep(forTimeInterval: 0.25)
        }
    }

    /// When each VCL file below the program's folders was last written.
    private static func changes(_ project: VCLProject) -> [String: Date] {
        var found: [String: Date] = [:]
        for folder in project.folders {
            for name in (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
            where name.hasSuffix(".vcl") || name.hasSuffix(".yaml") {
                let path = folder.appendingPathComponent(name).path
                let attributes = try? FileManager.default.attributesOfItem(atPath: path)
                found[path] = attributes?[.modificationDate] as? Date
            }
        }
        return found
    }

    /// Whether everything passed.
    private func runOnce() throws -> Bool {
        let project = try options.load()
        let files = try project.tests().filter { file in
            filter == nil || file.name.contains(filter!)
                || String(decoding: file.bytes, as: UTF8.self).contains(filter!)
        }
        guard !files.isEmpty else {
            throw Failure(
                .usage, "no tests for '\(project.main.name)'",
                hint: "write them into a file named *.test.vcl or *.test.yaml beside it")
        }
        let began = ContinuousClock.now
        let results = try run(files, of: project)
        let summary = VCLTestSummary(results: results, took: ContinuousClock.now - began)
        try write(results, summary)
        if json {
            Terminal.say(try summary.json(withCoverage: coverage).text)
        } else {
            Terminal.say(
                summary.text(colour: Terminal.isColoured, withCoverage: coverage || minCoverage != nil))
        }
        return !summary.failed && !isBelowFloor(summary)
    }

    private func isBelowFloor(_ summary: VCLTestSummary) -> Bool {
        guard let minCoverage, summary.coverage.statements().percent < minCoverage else { return false }
        let found = CoverageReport.rounded(summary.coverage.statements().percent)
        Terminal.complain("coverage of statements is \(found)%, below the floor of \(minCoverage)%\n")
        return true
    }

    private func write(_ results: [TestFileResult], _ summary: VCLTestSummary) throws {
        let sources = results.flatMap(\.programSources.files)
        var seen: Set<String> = []
        let distinct = sources.filter { seen.insert($0.name).inserted }
        for (path, text) in [
            (junit, { JUnit.document(results) }), (lcov, { CoverageReport.lcov(summary.coverage) }),
            (html, { CoverageReport.page(summary.coverage, sources: distinct) }),
        ] {
            guard let path else { continue }
            do { try text().write(toFile: path, atomically: true, encoding: .utf8) } catch {
                throw Failure(.invalid, "cannot write '\(path)'")
            }
        }
    }

    /// All files at once, as many at a time as there are cores.
    private func run(_ files: [SourceFile], of project: VCLProject) throws -> [TestFileResult] {
        var tests = UnitTests(main: project.main, model: project.model, clock: { wallClock() })
        tests.environment = { ProcessInfo.processInfo.environment[$0] }
        tests.tags = tag
        tests.filter = filter
        tests.overrides = project.falco.overrides
        tests.host = project.falco.host
        tests.dictionaries = project.dictionaries.merging(project.falco.dictionaries) {
            $0.merging($1) { $1 }
        }
        for one in override {
            let parts = one.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init)
            tests.overrides[parts[0]] = parts[1]
        }
        for entry in dictionary.compactMap({ DictionaryEntry($0) }) {
            tests.dictionaries[entry.name, default: [:]][entry.key] = entry.value
        }
        return VCLProject.run(files, by: TestRunner(tests))
    }
}
