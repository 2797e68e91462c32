import HTTP1
import Kernel
import Testing

@testable import HTTPCache

private final class FixedBody: StoredBody, @unchecked Sendable {
    let size: Int
    init(_ size: Int) { self.size = size }
    override var byteCount: Int { size }
}

@Suite struct FreshnessTests {
    private func judge(_ headers: [(StaticString, StaticString)], status: Int = 200, authorized: Bool = false)
        -> Freshness
    {
        var head = ResponseHead()
        head.status = status
        for (name, value) in headers {
            head.headers.append(HeaderField(name: Bytes(name), value: Bytes(value)))
        }
        return Freshness(head, now: 784_111_777 * second, requestHasAuthorization: authorized)
    }

    @Test(
        arguments: [
            ([("Cache-Control", "max-age=60")], 60), ([("Cache-Control", "max-age=60, s-maxage=90")], 90),
            ([("Cache-Control", "max-age=60"), ("Surrogate-Control", "max-age=5")], 5),
            ([("Cache-Control", "max-age=60"), ("Age", "20")], 40),
            ([("Expires", "Sun, 06 Nov 1994 08:50:37 GMT"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT")], 60),
            ([("Expires", "0")], 0),
            ([("Cache-Control", "max-age=banana")], 0), ([("Cache-Control", "max-age=\"60\"")], 60),
            ([("Cache-Control", "no-cache, max-age=60")], 0),
            ([("Cache-Control", "max-age=99999999999999999999")], 1 << 31),
            ([("Last-Modified", "Sat, 05 Nov 1994 08:49:37 GMT")], 8640),
        ] as [([(StaticString, StaticString)], Int64)])
    func findsTheLifetime(headers: [(StaticString, StaticString)], seconds: Int64) {
        #expect(judge(headers).lifetime == seconds * second)
    }

    @Test func readsStaleDirectives() {
        let found = judge([("Cache-Control", "max-age=1, stale-while-revalidate=30, stale-if-error=600")])
        #expect(found.staleWhileRevalidate == 30 * second)
        #expect(found.staleIfError == 600 * second)
        #expect(
            judge([("Cache-Control", "max-age=1, must-revalidate, stale-if-error=600")]).staleIfError == 0)
    }

    @Test func saysWhatMayBeStored() {
        #expect(judge([("Cache-Control", "max-age=60")]).storable)
        #expect(!judge([("Cache-Control", "no-store, max-age=60")]).storable)
        #expect(!judge([("Cache-Control", "private, max-age=60")]).storable)
        #expect(!judge([]).storable)
        #expect(!judge([("Cache-Control", "max-age=60")], status: 206).storable)
        #expect(!judge([("Cache-Control", "max-age=60")], authorized: true).storable)
        #expect(judge([("Cache-Control", "public, max-age=60")], authorized: true).storable)
    }
}

@Suite struct ResponseCacheTests {
    private func response(
        _ headers: [(StaticString, StaticString)] = [], request: HeaderList = HeaderList(), ttl: Int64 = 60,
        body: Int = 100,
        keys: Bytes = .notSet, stale: Int64 = 0
    ) -> StoredResponse {
        var head = ResponseHead()
        head.status = 200
        for (name, value) in headers {
            head.headers.append(HeaderField(name: Bytes(name), value: Bytes(value)))
        }
        let times = StoredResponse.Times(
            born: 0, now: 0, ttl: ttl * second, grace: 0, staleWhileRevalidate: stale * second,
            staleIfError: 0)
        return StoredResponse(
            head: head, body: FixedBody(body), times: times, request: request, surrogateKeys: keys)
    }

    private func request(_ headers: [(StaticString, StaticString)] = []) -> HeaderList {
        var list = HeaderList()
        for (name, value) in headers { list.append(HeaderField(name: Bytes(name), value: Bytes(value))) }
        return list
    }

    private func isHit(_ lookup: Lookup) -> Bool { if case .hit = lookup { true } else { false } }

    @Test func goesFromFreshToStaleToGone() {
        let cache = ResponseCache(capacity: ByteCount(1 << 24), shards: CacheLimits.shards)
        cache.insert(response(stale: 30), key: Bytes("/a"))
        #expect(isHit(cache.lookup(Bytes("/a"), request(), now: 59 * second)))
        guard case .stale = cache.lookup(Bytes("/a"), request(), now: 61 * second) else {
            return #expect(Bool(false), "should be stale")
        }
        guard case .miss = cache.lookup(Bytes("/a"), request(), now: 91 * second) else {
            return #expect(Bool(false), "should be gone")
        }
        guard case .miss = cache.lookup(Bytes("/b"), request(), now: 0) else {
            return #expect(Bool(false), "was never there")
        }
    }

    @Test func keepsVariantsApart() {
        let cache = ResponseCache(capacity: ByteCount(1 << 24), shards: CacheLimits.shards)
        let gzip = request([("Accept-Encoding", "gzip")])
        cache.insert(response([("Vary", "Accept-Encoding"), ("X", "gzip")], request: gzip), key: Bytes("/a"))
        #expect(!isHit(cache.lookup(Bytes("/a"), request(), now: 0)))
        cache.insert(response([("Vary", "Accept-Encoding"), ("X", "plain")]), key: Bytes("/a"))
        guard case .hit(let found) = cache.lookup(Bytes("/a"), gzip, now: 0) else {
            return #expect(Bool(false), "should hit")
        }
        #expect(found.headers[HeaderName("x")] == "gzip")
        #expect(cache.count == 1)
    }

    @Test func purgesByAddressKeyAndAll() {
        let cache = ResponseCache(capacity: ByteCount(1 << 24), shards: CacheLimits.shards)
        cache.insert(response(keys: Bytes("home news")), key: Bytes("/a"))
        cache.insert(response(keys: Bytes("news")), key: Bytes("/b"))
        cache.insert(response(), key: Bytes("/c"))
        #expect(cache.purge(surrogateKey: Bytes("home"), soft: false, now: 0) == 1)
        #expect(!isHit(cache.lookup(Bytes("/a"), request(), now: 0)))
        #expect(cache.purge(Bytes("/b"), soft: true, now: 0) == 1)
        #expect(!isHit(cache.lookup(Bytes("/b"), request(), now: 0)))
        #expect(cache.purgeAll(now: 0) == 2)
        #expect(cache.count == 0)
        #expect(cache.byteCount == 0)
    }

    @Test func whatWasPurgedWhileItGrewStaysGone() {
        let cache = ResponseCache(capacity: ByteCount(1 << 20))
        let first = response()
        cache.insert(first, key: Bytes("k"))
        cache.recount(first, key: Bytes("k"))
        #expect(cache.count == 1)
        cache.purge(Bytes("k"), soft: false, now: 0)
        cache.recount(first, key: Bytes("k"))
        #expect(cache.count == 0)
        cache.insert(response(), key: Bytes("k"))
        cache.recount(first, key: Bytes("k"))
        #expect(cache.count == 1)
    }

    @Test func staysWithinItsBoundsAndKeepsWhatIsUsed() {
        let capacity = 64 * 100 * 1024
        let cache = ResponseCache(capacity: ByteCount(capacity), shards: CacheLimits.shards)
        let popular = (0..<200).map { "/popular/\($0)" }
        for key in popular { key.withBytes { cache.insert(response(body: 1024), key: $0) } }
        for round in 0..<40 {
            for key in popular { key.withBytes { _ = cache.lookup($0, request(), now: 0) } }
            for index in 0..<1000 {
                "/scan/\(round)/\(index)".withBytes { cache.insert(response(body: 1024), key: $0) }
            }
            #expect(cache.byteCount <= capacity)
        }
        let kept = popular.filter { key in key.withBytes { isHit(cache.lookup($0, request(), now: 0)) } }
        #expect(kept.count >= 190, "kept \(kept.count) of 200 popular responses through a scan of 40,000")
        #expect(cache.evicted > 30_000)
    }
}
