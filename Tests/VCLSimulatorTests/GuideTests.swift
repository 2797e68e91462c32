import Diagnostics
import Foundation
import Testing
import VCLRuntime

@testable import VCLSimulator

/// The guide's tests of whole requests pass with the program above them.
@Suite struct GuideTests {
    private static let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/guide/vcl.md").standardizedFileURL

    /// The first block of this language in the guide.
    private static func block(_ language: String, in text: String) throws -> SourceFile {
        let open = try #require(text.range(of: "```\(language)\n"), "no block of \(language)")
        let end = try #require(text[open.upperBound...].range(of: "\n```"))
        return SourceFile(name: "vcl.md.\(language)", text: text[open.upperBound..<end.lowerBound] + "\n")
    }

    @Test func passTheTestsThatItShows() throws {
        let text = try String(contentsOf: Self.guide, encoding: .utf8)
        let (tests, mistakes) = RequestTestReader.read(try Self.block("yaml", in: text))
        #expect(mistakes.isEmpty, "\(mistakes.map(\.message))")
        #expect(tests.count >= 7)
        let runner = RequestTests(
            main: try Self.block("vcl", in: text), model: ServiceModel(), dictionaries: [:], clock: { 0 })
        for test in tests {
            let found = try runner.run(test)
            #expect(found.mistakes.isEmpty, "\(test.name): \(found.mistakes.map(\.message))")
        }
    }
}
