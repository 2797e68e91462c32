import HTTP1
import Kernel
import Testing

@testable import HTTPCache

@Suite struct StoredResponseTests {
    /// Whatever a head holds, it comes back byte by byte, in its order and spelling.
    @Test(arguments: 1...20) func givesBackTheHeadThatItWasMadeOf(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let names = KnownNames.all.map(\.bytes.string) + ["ETAG", "etAg", "x-own", "X-Own", "", "Vary"]
        let values =
            KnownValues.all.map(\.string) + [
                "Text/HTML", String(repeating: "long ", count: 9000), "a,b", "ü",
            ]
        var lines: [(String, String)] = []
        for _ in 0..<Int.random(in: 0...40, using: &random) {
            lines.append((names.randomElement(using: &random)!, values.randomElement(using: &random)!))
        }
        let arena = Arena()
        var head = ResponseHead()
        head.status = 299
        head.headers = Sample.list(lines, arena)
        let keys: Kernel.Bytes = Bool.random(using: &random) ? .notSet : Bytes("one two")
        let times = StoredResponse.Times(
            born: 1, now: 5, ttl: .max, grace: -7, staleWhileRevalidate: .max, staleIfError: .min)
        let made = StoredResponse(
            head: head, body: ClaimedBody(3), times: times, request: Sample.list([("x-own", "")], arena),
            surrogateKeys: keys)
        #expect(made.status == 299 && made.born == 1 && made.freshUntil == .max)
        #expect(made.grace == -7 && made.staleWhileRevalidate == .max && made.staleIfError == .min)
        #expect(made.headers.fields.map(\.name.string) == lines.map(\.0))
        #expect(made.headers.fields.map(\.value.string) == lines.map(\.1))
        #expect(made.headers.fields.map(\.hash) == head.headers.fields.map(\.hash))
        #expect(made.surrogateKeys == keys && made.surrogateKeys.isSet == keys.isSet)
        #expect(made.carries(surrogateKey: Bytes("two")) == keys.isSet)
        #expect(made.answers(Sample.list([("X-OWN", "")], arena)))
    }

    @Test func aHitTakesNoMemoryForItsHead() {
        let made = Sample(headers: (0..<12).map { ("X-\($0)", "value") }).make()
        var list = HeaderList()
        list.append(HeaderField(.age, value: Bytes("7")))
        let room = list.fields.capacity
        made.copyHeaders(into: &list)
        #expect(list.count == 12 && list.fields.capacity == room)
    }

    @Test func tellsNotSetFromEmptyInVary() {
        let unset = Sample(headers: [("Vary", "A, a, B")]).make()
        let empty = Sample(headers: [("Vary", "A, B")], request: [("a", "")]).make()
        let arena = Arena()
        #expect(unset.vary.count == 2)
        #expect(!unset.sameVariant(as: empty))
        #expect(unset.answers(HeaderList()) && !empty.answers(HeaderList()))
        #expect(empty.answers(Sample.list([("A", "")], arena)))
        #expect(empty.sameVariant(as: Sample(headers: [("vary", "a,b")], request: [("A", "")]).make()))
    }

    @Test func letsOneRefreshAndCountsUse() {
        let made = Sample().make()
        #expect(made.beginRefresh() && !made.beginRefresh())
        made.endRefresh()
        #expect(made.beginRefresh())
        for _ in 0..<9 { made.countHit() }
        #expect(made.hits == 9 && made.useCount == CacheLimits.mostUse)
        made.expire(now: 5)
        made.expire(now: 9)
        #expect(made.freshUntil == 5)
    }
}

@Suite struct SurrogateIndexTests {
    @Test func purgesExactlyWhatCarriesTheKey() {
        let cache = ResponseCache(capacity: ByteCount(1 << 26), shards: CacheLimits.shards)
        for number in 0..<2000 {
            cache.insert(Sample(keys: "n\(number) m\(number % 10) all all"), "/\(number)")
        }
        func purge(_ key: String) -> Int {
            key.withBytes { cache.purge(surrogateKey: $0, soft: false, now: 0) }
        }
        #expect(purge("n7") == 1 && purge("n7") == 0 && purge("m") == 0)
        #expect(purge("m7") == 199)
        #expect(cache.hits("/8") && !cache.hits("/17"))
        cache.checkBooks()
        #expect(purge("all") == 1800)
        cache.checkBooks()
        #expect(cache.count == 0 && cache.byteCount == 0)
    }

    /// Replaced and evicted responses leave nothing behind.
    @Test func forgetsTheKeysOfWhatLeft() {
        let cache = ResponseCache(capacity: ByteCount(64 * 20_000), shards: CacheLimits.shards)
        for number in 0..<20_000 {
            cache.insert(Sample(keys: "old-\(number) all"), "/\(number % 3000)")
            cache.insert(Sample(keys: "new-\(number) all"), "/\(number % 3000)")
        }
        cache.checkBooks()
        #expect(cache.evicted > 0)
        #expect("old-19999".withBytes { cache.purge(surrogateKey: $0, soft: false, now: 0) } == 0)
        #expect("new-19999".withBytes { cache.purge(surrogateKey: $0, soft: false, now: 0) } == 1)
        let count = cache.count
        #expect("all".withBytes { cache.purge(surrogateKey: $0, soft: false, now: 0) } == count)
        cache.checkBooks()
    }

    @Test func otherVariantsStay() {
        let cache = ResponseCache(capacity: ByteCount(1 << 24), shards: CacheLimits.shards)
        cache.insert(Sample(headers: [("Vary", "A")], request: [("A", "1")], keys: "one"), "/a")
        cache.insert(Sample(headers: [("Vary", "A")], request: [("A", "2")], keys: "two"), "/a")
        #expect("two".withBytes { cache.purge(surrogateKey: $0, soft: false, now: 0) } == 1)
        guard case .hit = cache.look("/a", [("A", "1")]), case .miss = cache.look("/a", [("A", "2")]) else {
            return #expect(Bool(false), "the other variant should be there, the purged one not")
        }
        #expect("one".withBytes { cache.purge(surrogateKey: $0, soft: false, now: 0) } == 1)
        #expect(cache.count == 0)
    }
}
