import HTTP1
import Kernel

/// A request without a body that was answered with 5xx, as its client sent it: what a trial tries again.
struct FailedRequest: Sendable {
    /// The head's bytes, start line and empty line included.
    fileprivate(set) var head: [UInt8] = []
    /// What `TopPaths` made of host and path.
    fileprivate(set) var path: UInt64 = 0
    fileprivate(set) var peer = Peer()
    /// Milliseconds since 1970 at which it was answered.
    fileprivate(set) var at: Int64 = 0
    fileprivate var number = 0

    /// Host and path, for people.
    var hostAndPath: String {
        head.withUnsafeBytes { raw in
            var request = RequestHead()
            let isWhole = (try? HeadParser.request(Bytes(raw), into: &request, overTLS: peer.isTLS)) != nil
            guard isWhole else { return "" }
            request.takeOriginForm(in: Arena())
            return request.headers[.host].string + request.target.withoutQuery.string
        }
    }
}

/// The latest requests of one loop that failed. Confined to its loop. Their memory is used again, so that an edge whose
/// origin is down answers 503 no slower for it.
struct FailedRequests {
    private var ring: [FailedRequest] = []
    private var number = 0

    /// In place of the oldest one, or of the oldest of its own path when that has its share. A head that is too large is not kept.
    mutating func keep(_ head: Bytes, path: UInt64, peer: Peer, at: Int64) {
        guard head.count <= EdgeLimits.failedHeadBytes else { return }
        let place = place(for: path)
        number += 1
        ring[place].head.removeAll(keepingCapacity: true)
        ring[place].head.append(contentsOf: head.buffer)
        ring[place].path = path
        ring[place].peer = peer
        ring[place].at = at
        ring[place].number = number
    }

    private mutating func place(for path: UInt64) -> Int {
        var (oldest, oldestOfPath, ofPath) = (0, 0, 0)
        for index in ring.indices {
            if ring[index].number < ring[oldest].number { oldest = index }
            guard ring[index].path == path else { continue }
            if ofPath == 0 || ring[index].number < ring[oldestOfPath].number { oldestOfPath = index }
            ofPath += 1
        }
        if ofPath >= EdgeLimits.failedPerPath { return oldestOfPath }
        if ring.count >= EdgeLimits.failedRequests { return oldest }
        ring.append(FailedRequest())
        return ring.count - 1
    }

    /// Those that failed at or after this time, oldest first.
    func since(_ time: Int64) -> [FailedRequest] {
        ring.filter { $0.at >= time }.sorted { $0.number < $1.number }
    }
}
