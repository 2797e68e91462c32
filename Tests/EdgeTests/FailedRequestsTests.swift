import Kernel
import Testing

@testable import Edge

@Suite struct FailedRequestsTests {
    private var failed = FailedRequests()

    private mutating func keep(_ target: String, path: UInt64, at: Int64, padding: Int = 0) {
        let padding = String(repeating: "x", count: padding)
        "GET \(target) HTTP/1.1\r\nHost: shop\r\nX: \(padding)\r\n\r\n".withBytes {
            failed.keep($0, path: path, peer: Peer(), at: at)
        }
    }

    @Test mutating func keepsTheLatest() {
        for number in 1...100 { keep("/\(number)?q", path: UInt64(number), at: Int64(number)) }
        let kept = failed.since(0)
        #expect(kept.count == EdgeLimits.failedRequests)
        #expect(kept.map(\.at) == Array(Int64(101 - EdgeLimits.failedRequests)...100))
        #expect(kept.last?.hostAndPath == "shop/100")
        #expect(failed.since(99).count == 2)
    }

    @Test mutating func leavesRoomForOthersBesideAPathThatAlwaysFails() {
        keep("/rare", path: 1, at: 1)
        for number in 2...100 { keep("/often", path: 2, at: Int64(number)) }
        #expect(failed.since(0).map(\.at) == [1, 97, 98, 99, 100])
    }

    @Test mutating func keepsNoLargeHead() {
        keep("/a", path: 1, at: 1, padding: EdgeLimits.failedHeadBytes)
        #expect(failed.since(0).isEmpty)
        keep("http://other/a?b", path: 1, at: 1)
        #expect(failed.since(0).map(\.hostAndPath) == ["other/a"])
    }
}
