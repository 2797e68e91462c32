import Foundation
import HTTP1
import Kernel
import Testing

@testable import HTTPCache

/// The cache as one would write it who had all the time and memory: a list of responses for each address, latest first.
private struct Model {
    struct Kept {
        let id: Int
        let vary: String?
        let value: String?
        let keys: Set<String>
        var freshUntil: Int64
        let stale: Int64
        let isHitForPass: Bool
    }

    var addresses: [String: [Kept]] = [:]

    mutating func insert(_ kept: Kept, _ address: String) {
        var all = addresses[address, default: []]
        all.removeAll { $0.vary == kept.vary && $0.value == kept.value }
        addresses[address] = Array(([kept] + all).prefix(CacheLimits.variants))
    }

    func look(_ address: String, _ request: [String: String], now: Int64) -> String {
        let found = addresses[address]?.first { kept in kept.vary.map { request[$0] == kept.value } ?? true }
        guard let found else { return "miss" }
        if found.freshUntil > now { return found.isHitForPass ? "pass" : "hit \(found.id)" }
        return !found.isHitForPass && found.freshUntil + found.stale > now ? "stale \(found.id)" : "miss"
    }

    mutating func purge(soft: Bool, now: Int64, where test: (String, Kept) -> Bool) -> Int {
        var count = 0
        for (address, all) in addresses {
            count += all.count { test(address, $0) }
            let left =
                soft
                ? all.map { kept in
                    var kept = kept
                    if test(address, kept) { kept.freshUntil = min(kept.freshUntil, now) }
                    return kept
                } : all.filter { !test(address, $0) }
            addresses[address] = left.isEmpty ? nil : left
        }
        return count
    }
}

@Suite struct CacheModelTests {
    private static let names = ["Accept-Encoding", "accept-language", "X-Own"]
    private static let keys = ["home", "news", "sports", "all"]

    private func word(_ lookup: Lookup) -> String {
        switch lookup {
        case .hit(let found): "hit \(found.headers[HeaderName("X-Id")].string)"
        case .stale(let found): "stale \(found.headers[HeaderName("X-Id")].string)"
        case .hitForPass: "pass"
        case .miss: "miss"
        }
    }

    /// Below its capacity the cache is the model, whatever happens in whatever order.
    @Test(arguments: 1...12) func doesWhatThePlainModelDoes(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let cache = ResponseCache(capacity: ByteCount(1 << 26), shards: CacheLimits.shards)
        var model = Model()
        var now: Int64 = 0
        for step in 0..<4000 {
            let address = "/page/\(Int.random(in: 0..<40, using: &random))"
            now += Int64.random(in: 0...second, using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<35: insert(step, address, now, cache, &model, &random)
            case 35..<85: look(address, now, cache, model, &random, "seed \(seed), step \(step)")
            default:
                let counts = purge(address, now, cache, &model, &random)
                #expect(counts.0 == counts.1, "seed \(seed), step \(step)")
            }
            if step % 500 == 0 { cache.checkBooks() }
        }
        #expect(cache.count == model.addresses.count, "seed \(seed)")
        #expect(cache.evicted == 0)
        cache.purgeAll(now: now)
        cache.checkBooks()
        #expect(cache.byteCount == 0 && cache.count == 0)
    }

    private func insert(
        _ id: Int, _ address: String, _ now: Int64, _ cache: ResponseCache, _ model: inout Model,
        _ random: inout SeededRandom
    ) {
        let name = CacheModelTests.names.randomElement(using: &random)!
        let vary = Int.random(in: 0..<10, using: &random) < 6 ? name : nil
        let value = Bool.random(using: &random) ? "v\(Int.random(in: 0..<40, using: &random))" : nil
        let keys = Set(CacheModelTests.keys.filter { _ in Int.random(in: 0..<3, using: &random) == 0 })
        var sample = Sample(
            headers: [("X-Id", "\(id)"), ("Content-Type", "text/html")] + (vary.map { [("Vary", $0)] } ?? []),
            request: value.map { [(name, $0)] } ?? [], ttl: Int64.random(in: 1...900, using: &random),
            stale: Int64.random(in: 0...600, using: &random), now: now,
            isHitForPass: Int.random(in: 0..<20, using: &random) == 0)
        sample.keys = keys.isEmpty ? nil : keys.sorted().joined(separator: " ")
        if Bool.random(using: &random), let keys = sample.keys {
            sample.headers.append(("Surrogate-Key", keys))
        }
        cache.insert(sample, address)
        model.insert(
            Model.Kept(
                id: id, vary: vary, value: vary == nil ? nil : value, keys: keys,
                freshUntil: now + sample.ttl * second, stale: sample.stale * second,
                isHitForPass: sample.isHitForPass), address)
    }

    private func look(
        _ address: String, _ now: Int64, _ cache: ResponseCache, _ model: Model, _ random: inout SeededRandom,
        _ place: String
    ) {
        var request: [String: String] = [:]
        for name in CacheModelTests.names where Bool.random(using: &random) {
            request[name] = "v\(Int.random(in: 0..<40, using: &random))"
        }
        let found = cache.look(address, request.map { ($0.key, $0.value) }, now: now)
        #expect(word(found) == model.look(address, request, now: now), "\(place)")
    }

    /// What the cache counted and what the model did.
    private func purge(
        _ address: String, _ now: Int64, _ cache: ResponseCache, _ model: inout Model,
        _ random: inout SeededRandom
    ) -> (Int, Int) {
        let soft = Bool.random(using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0:
            return (
                cache.purgeAll(soft: soft, now: now),
                model.purge(soft: soft, now: now) { _, _ in true }
            )
        case 1..<8:
            let key = CacheModelTests.keys.randomElement(using: &random)!
            return (
                key.withBytes { cache.purge(surrogateKey: $0, soft: soft, now: now) },
                model.purge(soft: soft, now: now) { $1.keys.contains(key) }
            )
        default:
            return (
                address.withBytes { cache.purge($0, soft: soft, now: now) },
                model.purge(soft: soft, now: now) { other, _ in other == address }
            )
        }
    }

    /// Loops at once: whatever they do, the books agree afterwards and nobody is given another address's response.
    @Test func keepsItsBooksWhileManyUseIt() {
        let cache = ResponseCache(capacity: ByteCount(64 * 40_000), shards: CacheLimits.shards)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            var random = SeededRandom(seed: UInt64(thread))
            for step in 0..<15_000 {
                let address = "/\(Int.random(in: 0..<3000, using: &random))"
                switch Int.random(in: 0..<100, using: &random) {
                case 0..<40:
                    let body = ClaimedBody(Int.random(in: 0...2000, using: &random))
                    cache.insert(
                        Sample(headers: [("X-Address", address)], keys: "a\(step % 50) all", body: body),
                        address)
                case 40..<95:
                    if case .hit(let found) = cache.look(address) {
                        #expect(found.headers[HeaderName("X-Address")].string == address)
                    }
                case 95..<97: _ = address.withBytes { cache.purge($0, soft: step % 2 == 0, now: 0) }
                default:
                    _ = "a\(step % 50)".withBytes {
                        cache.purge(surrogateKey: $0, soft: step % 2 == 0, now: 0)
                    }
                }
                if step % 5000 == 4999 { cache.purgeAll(now: 0) }
            }
        }
        cache.checkBooks()
        #expect(cache.evicted > 0)
        #expect(cache.byteCount <= 64 * 40_000)
        cache.purgeAll(now: 0)
        #expect(cache.count == 0)
    }
}
