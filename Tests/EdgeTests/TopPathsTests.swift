import EdgeLink
import Kernel
import Testing

@testable import Edge

@Suite struct TopPathsTests {
    private let table = TopPaths()

    private func count(_ host: String, _ target: String, times: Int = 1) {
        host.withBytes { host in
            target.withBytes { target in for _ in 0..<times { table.count(host: host, target: target) } }
        }
    }

    @Test func countsHostAndPathWithoutTheQuery() {
        count("a", "/x?q=1")
        count("a", "/x?q=2")
        count("b", "/x")
        #expect(
            table.most(5) == [
                EdgeSample.TopPath(host: "a", path: "/x", count: 2),
                EdgeSample.TopPath(host: "b", path: "/x", count: 1),
            ])
    }

    @Test func findsWhatIsHeavyAmongAFloodOfAddressesSeenOnce() {
        for round in 0..<100_000 {
            count("flood", "/\(round)")
            if round % 100 == 0 { count("shop", "/hundredth") }
            if round % 300 == 0 { count("shop", "/less") }
        }
        let most = table.most(2)
        #expect(most.map(\.path) == ["/hundredth", "/less"])
        #expect(most[0].count <= 1000 && most[0].count > 900)
        #expect(most[1].count <= 334 && most[1].count > 200)
        #expect(table.most(.max).count <= EdgeLimits.topPathSets * EdgeLimits.topPathWays)
    }

    @Test func forgetsWhatIsOlderThanItsWindows() {
        count("a", "/old", times: 3)
        for _ in 1..<EdgeLimits.topPathWindows { table.rotate() }
        count("a", "/new")
        count("a", "/old")
        #expect(table.most(1).first?.count == 4)
        table.rotate()
        #expect(Set(table.most(5).map(\.count)) == [1])
        for _ in 0..<EdgeLimits.topPathWindows { table.rotate() }
        #expect(table.most(5).isEmpty)
    }

    @Test func cutsLongNames() {
        count(String(repeating: "h", count: 300), "/" + String(repeating: "p", count: 300))
        let name = table.most(1)[0]
        #expect(name.host.utf8.count == EdgeLimits.topPathHostBytes)
        #expect(name.path.utf8.count == EdgeLimits.topPathPathBytes)
    }
}
