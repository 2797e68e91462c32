import Kernel
import Testing
import VCLRuntime

@testable import EdgeLink

@Suite struct TableDigestTests {
    private func table(_ entries: [(key: String, value: String)]) -> Table {
        Table(name: "t", entries: entries)
    }

    @Test func isTheSameInWhateverOrder() {
        let one = table([("/a", "1"), ("/b", "2")])
        #expect(one.digest == table([("/b", "2"), ("/a", "1")]).digest)
        // However it came to be so.
        let changed = table([("/a", "0"), ("/c", "3")]).setting(
            [(key: "/a", value: "1"), (key: "/b", value: "2")], removing: ["/c"])
        #expect(one.digest == changed.digest)
    }

    @Test func tellsEntriesApart() {
        let all: [[(key: String, value: String)]] = [
            [], [("/a", "1")], [("/a", "2")], [("/a1", "")], [("/", "a1")], [("/a", "1"), ("/b", "1")],
            [("/a", "2"), ("/b", "1")], [("/a", "1"), ("/b", "2")],
        ]
        #expect(Set(all.map { table($0).digest }).count == all.count)
    }

    @Test func travelsInAnAddress() throws {
        let held = ["SLUG/name": "1.2.3.4", "pages": "f.0.a.b"]
        let text = try #require(HeldTables.text(held))
        #expect(text.utf8.allSatisfy { $0 != 0x2B && $0 != 0x2F && $0 != 0x3D })
        #expect(HeldTables.digests(text) == held)
        #expect(HeldTables.text([:]) == nil && HeldTables.digests("%%%").isEmpty)
    }
}
