import HTTP1
import Kernel
import Testing

@testable import HTTPCache

let second: Int64 = 1_000_000_000

/// A body that only claims its size.
final class ClaimedBody: StoredBody, @unchecked Sendable {
    let size: Int
    init(_ size: Int) { self.size = size }
    override var byteCount: Int { size }
}

/// A response as a test describes it; strings live as long as the making of it.
struct Sample {
    var headers: [(String, String)] = []
    var request: [(String, String)] = []
    var keys: String?
    var ttl: Int64 = 60
    var stale: Int64 = 0
    var now: Int64 = 0
    var body: StoredBody = ClaimedBody(100)
    var isHitForPass = false

    func make() -> StoredResponse {
        let arena = Arena()
        var head = ResponseHead()
        head.status = 200
        head.reason = Bytes("OK")
        head.headers = Sample.list(headers, arena)
        let times = StoredResponse.Times(
            born: now, now: now, ttl: ttl * second, grace: 0, staleWhileRevalidate: stale * second,
            staleIfError: 0)
        return StoredResponse(
            head: head, body: body, times: times, request: Sample.list(request, arena),
            surrogateKeys: keys.map { $0.withBytes(arena.copy) } ?? .notSet, isHitForPass: isHitForPass)
    }

    static func list(_ lines: [(String, String)], _ arena: Arena) -> HeaderList {
        var list = HeaderList()
        for (name, value) in lines {
            list.append(HeaderField(name: name.withBytes(arena.copy), value: value.withBytes(arena.copy)))
        }
        return list
    }
}

extension ResponseCache {
    func insert(_ sample: Sample, _ key: String) { key.withBytes { insert(sample.make(), key: $0) } }

    func look(_ key: String, _ request: [(String, String)] = [], now: Int64 = 0) -> Lookup {
        let arena = Arena()
        return key.withBytes { lookup($0, Sample.list(request, arena), now: now) }
    }

    func hits(_ key: String) -> Bool { if case .hit = look(key) { true } else { false } }

    /// Everything that is counted twice must agree.
    func checkBooks(_ location: SourceLocation = #_sourceLocation) {
        var (bytes, count) = (0, 0)
        for shard in shards {
            shard.withLock { shard in
                var (inQueues, counted, tags) = (0, 0, 0)
                for queue in [shard.small, shard.main] {
                    var number = queue.first
                    while number != 0 {
                        let entry = shard.entries[number]
                        inQueues += 1
                        counted += Int(entry.pointee.accounted)
                        tags += shard.index.count(from: entry.pointee.firstTag)
                        number = entry.pointee.after
                    }
                }
                #expect(
                    inQueues == shard.count && inQueues == shard.small.count + shard.main.count,
                    sourceLocation: location)
                #expect(
                    counted + shard.ghosts.bytes + shard.leavingBytes == shard.bytes, sourceLocation: location
                )
                #expect(tags == shard.index.count, sourceLocation: location)
                bytes += shard.bytes
                count += shard.count
            }
        }
        #expect(bytes == byteCount, sourceLocation: location)
        #expect(count == self.count, sourceLocation: location)
    }
}
