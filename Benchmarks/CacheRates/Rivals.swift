import HTTP1
import HTTPCache
import Kernel

// Plain caches that hold as many addresses as the real one, to compare what stays.

protocol Rival {
    /// Whether `address` was there; it is afterwards.
    mutating func ask(_ address: Int) -> Bool
}

struct FirstInFirstOut: Rival {
    private var known: Set<Int> = []
    private var ring: [Int] = []
    private var next = 0
    private let most: Int

    init(most: Int) { self.most = most }

    mutating func ask(_ address: Int) -> Bool {
        if known.contains(address) { return true }
        if ring.count < most {
            ring.append(address)
        } else {
            known.remove(ring[next])
            ring[next] = address
            next = (next + 1) % most
        }
        known.insert(address)
        return false
    }
}

/// Least recently used, as a ring of places that know their neighbours; place 0 is where the ring begins.
struct LeastRecentlyUsed: Rival {
    private var places: [Int: Int] = [:]
    private var address = [0]
    private var before = [0]
    private var after = [0]
    private let most: Int

    init(most: Int) { self.most = most }

    mutating func ask(_ wanted: Int) -> Bool {
        if let place = places[wanted] {
            unlink(place)
            link(place)
            return true
        }
        let place: Int
        if places.count < most {
            place = address.count
            address.append(wanted)
            before.append(0)
            after.append(0)
        } else {
            place = before[0]
            unlink(place)
            places[address[place]] = nil
            address[place] = wanted
        }
        places[wanted] = place
        link(place)
        return false
    }

    private mutating func unlink(_ place: Int) {
        after[before[place]] = after[place]
        before[after[place]] = before[place]
    }

    private mutating func link(_ place: Int) {
        after[place] = after[0]
        before[place] = 0
        before[after[0]] = place
        after[0] = place
    }
}

/// The real cache in the same part.
struct Real: Rival {
    let cache: ResponseCache
    private var workload = Workload(objects: 1_000_000)
    private let request = HeaderList(capacity: 0)
    private let body = ClaimedBody()

    init(_ cache: ResponseCache) { self.cache = cache }

    mutating func ask(_ address: Int) -> Bool {
        if case .hit = cache.lookup(workload.address(address), request, now: 1) { return true }
        cache.insert(workload.response(address, body: body), key: workload.address(address))
        return false
    }
}

enum HitRatios {
    static let addresses = 200_000
    static let questions = 2_000_000
    /// After so many questions of visitors somebody walks through so many addresses that nobody asks for twice.
    static let scanEvery = 50_000
    static let scanLength = 20_000

    /// Shares of hits among the visitors' questions; what the scan asks for cannot be a hit.
    static func measure() -> [(name: String, share: Double)] {
        let cache = ResponseCache(capacity: ByteCount(30 << 20), shards: CacheLimits.shards)
        var real = Real(cache)
        // As many as the real one holds when it is full.
        for address in 0..<100_000 { _ = real.ask(address) }
        let most = cache.count
        cache.purgeAll(now: 1)
        var fifo = FirstInFirstOut(most: most)
        var lru = LeastRecentlyUsed(most: most)
        var hits = [0, 0, 0]
        var random = SeededRandom(seed: 7)
        let zipf = Zipf(addresses: addresses, exponent: 0.9)
        var scanned = addresses
        for question in 1...questions {
            let address = zipf.next(&random)
            if real.ask(address) { hits[0] += 1 }
            if lru.ask(address) { hits[1] += 1 }
            if fifo.ask(address) { hits[2] += 1 }
            guard question % scanEvery == 0 else { continue }
            for address in scanned..<scanned + scanLength {
                _ = (real.ask(address), lru.ask(address), fifo.ask(address))
            }
            scanned += scanLength
        }
        return zip(["S3-FIFO", "LRU", "FIFO"], hits).map { ($0, Double($1) / Double(questions)) }
    }
}
