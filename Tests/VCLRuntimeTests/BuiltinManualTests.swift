import Foundation
import Testing
import VCL

@testable import VCLRuntime

/// Holds the built-ins' pages of the guide to the rows and cases that they are made from.
@Suite struct BuiltinManualTests {
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let guide = tests.appending(path: "../../docs/guide").standardizedFileURL

    private static let pages: [String: String] = {
        let file = tests.appending(path: "Fixtures/manual-pages.tsv")
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let rows = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { $0.split(separator: "\t") }
        return Dictionary(uniqueKeysWithValues: rows.map { (String($0[0]), String($0[1])) })
    }()

    private static let manual = BuiltinManual(cases: BuiltinTests.cases, pages: pages)

    private static let texts: [String: String] = [
        "vcl-builtins.md": manual.index, "vcl-functions.md": manual.functionPage,
        "vcl-variables.md": manual.variablePage, "vcl-limits.md": BuiltinManual.limits,
    ]

    @Test(arguments: texts.keys.sorted()) func showsWhatRowsAndCasesSay(_ name: String) throws {
        let text = try #require(Self.texts[name])
        let place = Self.guide.appending(path: name)
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try text.write(to: place, atomically: true, encoding: .utf8)
        }
        let written = (try? String(contentsOf: place, encoding: .utf8)) ?? ""
        // Not `text == written` in the expectation, which would print both.
        let isSame = text == written
        #expect(
            isSame, "docs/guide/\(name) is not what rows and cases say: run the tests with UPDATE_GOLDEN=1")
    }

    @Test func leavesNoBuiltinWithoutCases() {
        #expect(Self.manual.functions.count >= 199 && Self.manual.variables.count >= 473)
        for entry in Self.manual.functions + Self.manual.variables {
            #expect(!entry.cases.isEmpty, "\(entry.name)")
        }
    }

    @Test func showsEachCaseOnce() {
        let shown = (Self.manual.functions + Self.manual.variables).reduce(0) { $0 + $1.cases.count }
        #expect(shown == BuiltinTests.cases.count { !Self.ofTheLanguage.contains($0.subject) })
    }

    /// Subjects that are no built-in.
    private static let ofTheLanguage: Set<String> = ["Errors"]

    @Test func givesEachHeadingAnAddressOfItsOwn() {
        for entries in [Self.manual.functions, Self.manual.variables] {
            let anchors = entries.map(\.anchor)
            #expect(Set(anchors).count == anchors.count)
        }
    }

    @Test func linksToTheManualForNearlyAll() {
        let names = (Self.manual.functions + Self.manual.variables).map(\.name)
        let unlinked = names.filter { Self.pages[$0.replacing("{NAME}", with: "%any%")] == nil }
        #expect(unlinked.count < 20, "\(unlinked)")
    }
}
