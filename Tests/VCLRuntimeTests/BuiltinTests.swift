import Foundation
import Kernel
import Testing
import VCL

@testable import VCLRuntime

@Suite struct BuiltinTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    static let cases: [BuiltinCase] = {
        let files = try? FileManager.default.contentsOfDirectory(
            at: folder.appending(path: "Cases"), includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "txt" }.sorted { $0.path < $1.path }.flatMap {
            file in
            do { return try BuiltinCases(String(contentsOf: file, encoding: .utf8)).all } catch {
                fatalError("\(file.lastPathComponent): \(error)")
            }
        }
    }()

    /// The manual's functions, from the data that stand beside the repository.
    private static let manual: [(name: String, arguments: [String], returns: String, scopes: [String])]? = {
        let given = ProcessInfo.processInfo.environment["HQ_FIXTURES"].map { URL(fileURLWithPath: $0) }
        let beside = folder.appending(path: "../../../shared/data")
        let file = (given ?? beside).appending(path: "vcl/functions.tsv")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").dropFirst().map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let scopes =
                fields[3] == "all" ? Scopes.all.names : fields[3].split(separator: " ").map(String.init)
            return (
                fields[0], fields[1].components(separatedBy: " | "),
                fields[2].isEmpty ? "VOID" : fields[2], scopes
            )
        }
    }()

    /// What the manual's pages say and the data do not yet.
    private static let newer: [String: Set<String>] = [
        "querystring.sort": ["(STRING, BOOL)"], "boltsort.sort": ["(STRING, BOOL)"],
    ]

    @Test(.enabled(if: manual != nil, "no folder of the manual's tables: set HQ_FIXTURES"))
    func hasARowForEachFunctionOfTheManual() throws {
        let manual = try #require(BuiltinTests.manual)
        #expect(manual.count >= 199)
        for (name, arguments, returns, scopes) in manual {
            guard let row = Functions.byName[name] else {
                Issue.record("no row for \(name)")
                continue
            }
            let more = BuiltinTests.newer[name] ?? []
            #expect(Set(row.alternatives) == Set(arguments).union(more), "\(name)")
            #expect(row.returns.rawValue == returns, "\(name)")
            #expect(row.scopes.names == scopes, "\(name)")
            #expect(row.summary.hasSuffix("."), "\(name)")
        }
    }

    @Test(arguments: Functions.all.map(\.name)) func hasAtLeastThreeCasesForEachFunction(_ name: String) {
        #expect(BuiltinTests.cases.count { $0.subject == name } >= 3)
    }

    @Test(arguments: cases) func comesToWhatItsCaseSays(_ one: BuiltinCase) {
        #expect(one.failure() == nil, "\(one.line)")
    }
}
