import Kernel
import Testing
import VCLRuntime

@testable import EdgeLink

@Suite struct HeldTablesTests {
    private let seeds: [UInt64] = [1, 0xFFFF_FFFF_FFFF_FFFF]

    private func table(_ entries: [(key: String, value: String)]) -> Table {
        Table(name: "t", entries: entries)
    }

    @Test func isTheSameInWhateverOrder() {
        let one = table([("/a", "1"), ("/b", "2")])
        #expect(one.digest(seeds) == table([("/b", "2"), ("/a", "1")]).digest(seeds))
        // However it came to be so.
        let changed = table([("/a", "0"), ("/c", "3")]).setting(
            [(key: "/a", value: "1"), (key: "/b", value: "2")], removing: ["/c"])
        #expect(one.digest(seeds) == changed.digest(seeds))
    }

    @Test func tellsEntriesApart() {
        let all: [[(key: String, value: String)]] = [
            [], [("/a", "1")], [("/a", "2")], [("/a1", "")], [("/", "a1")], [("/a", "1"), ("/b", "1")],
            [("/a", "2"), ("/b", "1")], [("/a", "1"), ("/b", "2")],
        ]
        #expect(Set(all.map { table($0).digest(seeds) }).count == all.count)
    }

    @Test func travelsInAnAddress() throws {
        let large = Table(
            name: "t", entries: (0..<4000).map { (key: "/many/\($0)", value: "/somewhere/else") })
        let held = HeldTables(["SLUG/name": large, "small": table([("/a", "1")])], seeds: seeds)
        #expect(held.digests == ["SLUG/name": large.digest(seeds)])
        let text = try #require(held.text)
        #expect(text.utf8.allSatisfy { $0 != 0x2B && $0 != 0x2F && $0 != 0x3D })
        #expect(HeldTables(text: text) == held)
        #expect(HeldTables([:], seeds: seeds).text == nil && HeldTables(text: "%%%") == nil)
    }
}
