import HTTP1
import Testing

@testable import VCLRuntime

@Suite struct FastlyLimitsTests {
    private func here(_ name: String) -> String? { FastlyLimits.rows.first { $0.name == name }?.here }

    /// The table speaks of constants elsewhere; whoever changes one of them changes the table.
    @Test func saysWhatTheCodeDoes() {
        #expect(HTTP1Limits.headBytes == 64 * 1024 && here("head of a request") == "64 KiB, then 431")
        #expect(HTTP1Limits.headerLines == 255 && here("header lines of a request") == "255, then 431")
        #expect(HTTP1Limits.targetBytes == 8 * 1024 && here("length of a URL") == "the same: 414")
        #expect(Compiler.deepestInclude == 16 && here("includes inside includes") == "16")
        #expect(Regex.groups == 11 && here("groups of a regular expression") == "the same")
        #expect(VCLRuntimeLimits.rateEntryBytes == 256 && here("entry of a rate counter") == "the same")
    }

    @Test func namesEachLimitOnce() {
        #expect(Set(FastlyLimits.rows.map(\.name)).count == FastlyLimits.rows.count)
    }
}
