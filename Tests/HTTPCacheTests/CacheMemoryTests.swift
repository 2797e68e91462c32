import Foundation
import HTTP1
import Kernel
import Testing

@testable import HTTPCache

private final class ArrayBody: StoredBody, @unchecked Sendable {
    let bytes: [UInt8]
    init(_ count: Int) { bytes = [UInt8](repeating: 0x78, count: count) }
    override var byteCount: Int { bytes.count }
}

@Suite struct CacheMemoryTests {
    private func page(_ number: Int, _ body: StoredBody) -> Sample {
        Sample(
            headers: [
                ("Date", "Thu, 26 Nov 2026 02:00:00 GMT"), ("Content-Type", "text/html"),
                ("ETag", "\"\(number)\""),
                ("Surrogate-Key", "page-\(number) section-\(number % 50)"), ("X-Backend", "one of several"),
            ], keys: "page-\(number) section-\(number % 50)", body: body)
    }

    @Test(arguments: [3, 4, 5]) func neverExceedsItsLimit(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let capacity = 64 * 60_000
        // Few shards: hashes differ from process to process, and a shard of some bodies alone may happen to be half empty.
        let cache = ResponseCache(capacity: ByteCount(capacity), shards: 4)
        for number in 0..<12_000 {
            let size = Int.random(in: 0...Int.random(in: 1...80_000, using: &random), using: &random)
            cache.insert(page(number, ClaimedBody(size)), "/\(Int.random(in: 0..<6000, using: &random))")
            if cache.byteCount > capacity {
                return #expect(Bool(false), "seed \(seed): \(cache.byteCount) bytes")
            }
            if number % 3 == 0 { _ = cache.look("/\(number / 2)") }
        }
        cache.checkBooks()
        #expect(cache.byteCount > capacity * 7 / 10, "a cache that is used is full")
    }

    @Test func doesNotKeepWhatIsTooLarge() {
        let cache = ResponseCache(capacity: ByteCount(64 * 10_000), shards: CacheLimits.shards)
        cache.insert(page(1, ClaimedBody(10)), "/a")
        #expect(cache.hits("/a"))
        cache.insert(page(1, ClaimedBody(20_000)), "/a")
        #expect(!cache.hits("/a"))
        #expect(cache.count == 0 && cache.byteCount == 0)
    }

    @Test func variantsOfOneAddressFillNoMoreThanTheRest() {
        let cache = ResponseCache(capacity: ByteCount(64 * 10_000), shards: CacheLimits.shards)
        for number in 0..<20 {
            cache.insert(
                Sample(headers: [("Vary", "A")], request: [("A", "\(number)")], body: ClaimedBody(3000)), "/a"
            )
            #expect(cache.byteCount <= 10_000)
        }
        guard case .hit = cache.look("/a", [("A", "19")]), case .hit = cache.look("/a", [("A", "18")]),
            case .miss = cache.look("/a", [("A", "0")])
        else { return #expect(Bool(false), "the latest should be there, the oldest not") }
        cache.checkBooks()
    }

    /// A purge of everything works at once and gives its memory back to whoever needs it.
    @Test func whatWasPurgedIsCountedUntilItIsGivenBack() {
        let capacity = 64 * 300 * 1000
        let cache = ResponseCache(capacity: ByteCount(capacity), shards: CacheLimits.shards)
        for number in 0..<10_000 { cache.insert(page(number, ClaimedBody(1000)), "/\(number)") }
        let full = cache.byteCount
        #expect(cache.purgeAll(now: 0) == 10_000)
        #expect(cache.count == 0 && !cache.hits("/7"))
        #expect(cache.byteCount > 0 && cache.byteCount < full)
        for number in 0..<4000 {
            cache.insert(page(number, ClaimedBody(1000)), "/\(number)")
            #expect(cache.byteCount <= capacity)
        }
        #expect(cache.purgeAll(now: 0) == 4000)
        for number in 0..<10_000 { cache.insert(page(number, ClaimedBody(1000)), "/\(number)") }
        #expect(cache.count == 10_000 && cache.evicted == 0)
        cache.checkBooks()
        #expect(abs(cache.byteCount - full) < full / 20)
    }

    @Test func countsABodyThatHasGrown() {
        final class Growing: StoredBody, @unchecked Sendable {
            var size = 0
            override var byteCount: Int { size }
        }
        let cache = ResponseCache(capacity: ByteCount(1 << 24), shards: CacheLimits.shards)
        let body = Growing()
        let response = page(1, body).make()
        cache.insert(response, key: Bytes("/a"))
        let before = cache.byteCount
        body.size = 5000
        cache.insert(response, key: Bytes("/a"))
        #expect(cache.byteCount == before + 5000)
        #expect(cache.hits("/a") && cache.count == 1)
    }

    #if os(Linux)
        /// Asks the allocator for each piece, as other tests take and free memory meanwhile.
        @Test func saysWhatItReallyTakes() throws {
            typealias Measure = @convention(c) (UnsafeRawPointer?) -> Int
            let found = try #require(dlsym(nil, "malloc_usable_size"))
            let usable = unsafeBitCast(found, to: Measure.self)
            func block(_ piece: UnsafeRawPointer?) -> Int { usable(piece) + MemoryLayout<Int>.size }
            let cache = ResponseCache(capacity: ByteCount(1 << 30), shards: CacheLimits.shards)
            for number in 0..<20_000 { cache.insert(page(number, ArrayBody(1024)), "/articles/\(number)") }
            // The records, with an empty place for each sixty-fourth and buckets that are half full.
            let records = MemoryLayout<Entry>.stride + 8 + 2 * (MemoryLayout<SurrogateIndex.Tag>.stride + 4)
            var real = cache.count * records
            for shard in cache.shards {
                shard.withLock { shard in
                    shard.table.forEach(in: shard.entries) { number in
                        let entry = shard.entries[number]
                        let response = entry.pointee.response
                        real += block(entry.pointee.key.start)
                        real += block(Unmanaged.passUnretained(response.memory).toOpaque())
                        guard let body = response.body as? ArrayBody else { return }
                        real += block(Unmanaged.passUnretained(body).toOpaque())
                        // An array's elements stand behind 32 bytes of its own.
                        real += body.bytes.withUnsafeBytes { block($0.baseAddress! - 32) }
                    }
                }
            }
            #expect(cache.count == 20_000)
            #expect(abs(cache.byteCount - real) < real / 10, "\(cache.byteCount) said, \(real) taken")
            #expect(real < 20_000 * 1024 * 3 / 2, "more than 1.5 times the bodies")
        }
    #endif
}

@Suite struct EvictionTests {
    /// Visitors ask for a hot set again and again while somebody walks through everything.
    @Test func scansDisplaceNothingThatIsUsed() {
        let cache = ResponseCache(capacity: ByteCount(64 * 100_000), shards: CacheLimits.shards)
        for round in 0..<2 {
            for number in 0..<1000 {
                if !cache.hits("/hot/\(number)") {
                    cache.insert(Sample(body: ClaimedBody(1024)), "/hot/\(number)")
                }
            }
            #expect(round > 0 || cache.evicted == 0)
        }
        for number in 0..<60_000 { cache.insert(Sample(body: ClaimedBody(1024)), "/scan/\(number)") }
        let kept = (0..<1000).count { cache.hits("/hot/\($0)") }
        #expect(kept >= 970, "\(kept) of 1000 hot responses are there after a scan of 60,000")
        #expect(cache.evicted > 50_000)
        cache.checkBooks()
    }

    @Test func whoComesBackSoonStays() {
        let shard = CacheShard(capacity: 100_000)
        func insert(_ name: String) {
            name.withBytes { shard.insert(Sample(body: ClaimedBody(1000)).make(), ByteHash.process($0), $0) }
        }
        func isThere(_ name: String) -> Bool {
            name.withBytes { shard.find(ByteHash.process($0), $0, HeaderList()) } != nil
        }
        // Fills the main queue with what was used once.
        for number in 0..<60 {
            insert("/used/\(number)")
            "/used/\(number)".withBytes { shard.find(ByteHash.process($0), $0, HeaderList())?.countHit() }
        }
        for number in 0..<100 { insert("/first/\(number)") }
        insert("/back")
        for number in 0..<40 where isThere("/back") { insert("/second/\(number)") }
        #expect(!isThere("/back"))
        insert("/back")
        for number in 0..<40 { insert("/third/\(number)") }
        #expect(isThere("/back"))
    }

    @Test func ghostsAreRememberedAsLongAsSaid() {
        var ghosts = GhostList()
        for number in 0..<5000 { ghosts.add(ByteHash(seed: 1)(Bytes("\(number)")), limit: 1000) }
        var known: [Int] = []
        for number in 0..<5000
        where ghosts.take(ByteHash(seed: 1)(Bytes("\(number)")), limit: 1000) { known.append(number) }
        #expect(known.allSatisfy { $0 >= 4000 })
        #expect(known.count > 900, "\(known.count) of the last 1000 are known")
        #expect(ghosts.bytes <= 1000 * 8 * 4)
        let again = ghosts.take(ByteHash(seed: 1)(Bytes("4999")), limit: 1000)
        #expect(!again, "asked once, it is forgotten")
    }
}

private func Bytes(_ text: String) -> Kernel.Bytes {
    // Kept for ever: a test's few.
    let start = UnsafeMutablePointer<UInt8>.allocate(capacity: text.utf8.count + 1)
    for (index, byte) in text.utf8.enumerated() { start[index] = byte }
    return Kernel.Bytes(start: start, count: text.utf8.count)
}
