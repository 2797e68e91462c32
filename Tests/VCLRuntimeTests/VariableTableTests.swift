import Foundation
import Testing
import VCL

@testable import VCLRuntime

/// Holds our rows against the table of Fastly's variables, which stands beside the repository ($HQ_FIXTURES/vcl).
@Suite struct VariableTableTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let get: String
        let set: String
        let unset: Bool
        let scopes: Set<String>
        let isDeprecated: Bool
        var testDescription: String { name }
        /// As our patterns write it.
        var patternName: String {
            name.hasSuffix("%any%") || name.contains("%any%.")
                ? name.replacingOccurrences(of: "%any%", with: "{NAME}") : name
        }
    }

    private static let folder: URL = {
        if let set = ProcessInfo.processInfo.environment["HQ_FIXTURES"] { return URL(fileURLWithPath: set) }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(
            path: "../../../shared/data"
        )
        .standardizedFileURL
    }()

    private static let isThere = FileManager.default.fileExists(atPath: folder.path)
    private static let table = folder.appending(path: "vcl/variables.tsv")

    /// Empty without the folder; a table that lacks in a folder that is there fails the first test.
    static let rows: [Row] = {
        guard let text = try? String(contentsOf: table, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Row(
                name: cells[0], get: cells[1], set: cells[2], unset: cells[3] == "true",
                scopes: cells[4] == "all"
                    ? Set(Scopes.all.names) : Set(cells[4].split(separator: " ").map(String.init)),
                isDeprecated: cells[5] == "true")
        }
    }()

    /// Where ours differs from the table on purpose: the manual's page says otherwise, or the names differ.
    static let differences: [String: String] = [
        "client.ip": "the manual's page says IP, which ACLs need",
        "client.identified": "the manual describes a flag that is set or false",
        "backend.%any%.healthy":
            "a BOOL, as of the same page's req.backend.healthy and director.NAME.healthy",
        "req.backend": "the table's REQBACKEND is the type BACKEND",
        "beresp.backend.name": "the manual's page adds error, deliver and log",
        "fastly.bot.name": botScopes, "fastly.bot.category": botScopes,
        "fastly.bot.category.is_accessibility": botScopes, "fastly.bot.category.is_ai_crawler": botScopes,
        "fastly.bot.category.is_ai_fetcher": botScopes, "fastly.bot.category.is_content_fetcher": botScopes,
        "fastly.bot.category.is_monitoring_and_site_tools": botScopes,
        "fastly.bot.category.is_online_marketing": botScopes,
        "fastly.bot.category.is_page_preview": botScopes,
        "fastly.bot.category.is_platform_integrations": botScopes,
        "fastly.bot.category.is_research": botScopes,
        "fastly.bot.category.is_search_engine_crawler": botScopes,
        "fastly.bot.category.is_search_engine_optimization": botScopes,
        "fastly.bot.category.is_security_tools": botScopes, "fastly.bot.category.is_verified": botScopes,
    ]
    private static let botScopes = "the manual's page says recv, hash, deliver and log"

    @Test(
        .enabled(
            if: isThere, "no folder \(folder.path): set HQ_FIXTURES to the one that holds vcl/variables.tsv"))
    func readsTheTable() {
        #expect(VariableTableTests.rows.count > 400, "\(VariableTableTests.table.path)")
    }

    @Test(arguments: rows) func hasARowForEach(_ row: Row) throws {
        let ours = try #require(Self.ours(row), "no row for \(row.name)")
        #expect(!ours.summary.isEmpty && ours.summary.hasSuffix("."))
        #expect(!row.isDeprecated || ours.isDeprecated, "it is deprecated")
        let differs =
            ours.get != row.get || ours.set != row.set || ours.unset != row.unset || ours.scopes != row.scopes
        #expect(
            differs == (Self.differences[row.name] != nil),
            "ours \(ours), the table's \(row); a difference stands in the list with its reason")
    }

    @Test(arguments: rows) func hasCasesForEach(_ row: Row) {
        let cases = BuiltinTests.cases.filter { $0.subject == row.name }
        #expect(!cases.isEmpty, "no case under '# \(row.name)'")
        let written = row.name.replacingOccurrences(of: "%any%", with: "")
        if !row.set.isEmpty {
            #expect(cases.contains { $0.setup.contains("set \(written)") }, "no case that sets it")
        }
        if row.unset {
            #expect(cases.contains { $0.setup.contains("unset \(written)") }, "no case that unsets it")
        }
    }

    /// Families whose variables do not exist everywhere have a case that says so.
    @Test func hasACaseOfTheWrongStateForEachFamily() {
        let narrow = Set(Self.rows.filter { $0.scopes.count < 9 }.map { Self.family($0.name) })
        let refused = BuiltinTests.cases.filter { $0.expected.contains("does not exist in") }
        #expect(narrow.subtracting(refused.map { Self.family($0.subject) }) == [])
    }

    @Test func namesEachVariableOnce() {
        #expect(Set(Variables.all.map(\.name)).count == Variables.all.count)
        #expect(Variables.all.allSatisfy { $0.get != nil || $0.set != nil })
    }

    private static func family(_ name: String) -> String { String(name.prefix { $0 != "." }) }

    struct Ours {
        let get: String
        let set: String
        let unset: Bool
        let scopes: Set<String>
        let summary: String
        let isDeprecated: Bool
    }

    private static func ours(_ row: Row) -> Ours? {
        if let found = Variables.byName[row.name] {
            return Ours(
                get: found.get?.type.rawValue ?? "", set: found.set?.type.rawValue ?? "",
                unset: found.unset != nil, scopes: Set(found.scopes.names), summary: found.summary,
                isDeprecated: found.isDeprecated)
        }
        guard let found = Variables.patterns.first(where: { $0.name == row.patternName }) else { return nil }
        return Ours(
            get: found.type.rawValue, set: found.isSettable ? found.type.rawValue : "",
            unset: found.isUnsettable, scopes: Set(found.scopes.names), summary: found.summary,
            isDeprecated: false)
    }
}
