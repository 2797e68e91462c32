import HTTP1
import HTTPCache
import Kernel

/// A body as small as a body can be kept: what the cache itself costs shall show, and not what a transport adds.
final class ArrayBody: StoredBody, @unchecked Sendable {
    let bytes: [UInt8]
    init(_ count: Int) { bytes = [UInt8](repeating: 0x78, count: count) }
    override var byteCount: Int { bytes.count }
}

/// A body that only claims its size, where nothing but the choice of what stays is looked at.
final class ClaimedBody: StoredBody, @unchecked Sendable {
    override var byteCount: Int { 1024 }
}

/// Text put together in one buffer that is used again and again, so that making a response costs little beside storing it.
struct Text {
    private let start: UnsafeMutablePointer<UInt8>
    private var count = 0

    init() { start = .allocate(capacity: 256) }

    mutating func make(_ parts: (StaticString, Int)...) -> Bytes {
        count = 0
        for (word, number) in parts {
            (start + count).update(from: word.utf8Start, count: word.utf8CodeUnitCount)
            count += word.utf8CodeUnitCount
            append(number)
        }
        return Bytes(start: start, count: count)
    }

    /// Seven digits at least, as addresses and tags have.
    private mutating func append(_ number: Int) {
        var (rest, digits) = (number, 7)
        var most = 10_000_000
        while number >= most {
            digits += 1
            most *= 10
        }
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            start[place] = UInt8(0x30 + rest % 10)
            rest /= 10
        }
        count += digits
    }
}

/// Responses as an origin sends them: eight headers, a page's own surrogate key and one that it shares with others.
struct Workload {
    /// How many responses have a surrogate key in common.
    static let group = 100
    private var key = Text()
    private var etag = Text()
    private var tags = Text()
    /// Used again, as a request's lists are.
    private var head = ResponseHead()
    private let groups: Int

    init(objects: Int) { groups = max(1, objects / Workload.group) }

    mutating func address(_ number: Int) -> Bytes {
        key.make(("/articles/2026/", number), ("\0www.example.com:", 80))
    }
    mutating func groupKey(_ number: Int) -> Bytes { tags.make(("section-", number % groups)) }

    mutating func response(_ number: Int, body: StoredBody) -> StoredResponse {
        head.status = 200
        head.reason = Bytes("OK")
        head.headers.removeAll()
        let surrogates = tags.make(("article-", number), (" section-", number % groups))
        func add(_ name: StaticString, _ value: Bytes) {
            head.headers.append(HeaderField(name: Bytes(name), value: value))
        }
        add("Date", Bytes("Thu, 26 Nov 2026 02:00:00 GMT"))
        add("Content-Type", Bytes("text/html; charset=utf-8"))
        add("Content-Length", Bytes("1024"))
        add("Cache-Control", Bytes("public, max-age=3600"))
        add("ETag", etag.make(("\"5f3a-", number), ("-", 400)))
        add("Last-Modified", Bytes("Wed, 25 Nov 2026 08:49:37 GMT"))
        add("Surrogate-Key", surrogates)
        add("X-Request-Id", Bytes("0f8fad5b-d9cb-469f-a165"))
        let times = StoredResponse.Times(
            born: 0, now: 0, ttl: .max / 2, grace: 0, staleWhileRevalidate: 0, staleIfError: 0)
        return StoredResponse(
            head: head, body: body, times: times, request: HeaderList(capacity: 0), surrogateKeys: surrogates)
    }
}

/// Which address is asked for next: a few often, most hardly ever.
struct Zipf {
    private let upTo: [Double]

    init(addresses: Int, exponent: Double) {
        var sum = 0.0
        var all: [Double] = []
        all.reserveCapacity(addresses)
        for rank in 1...addresses {
            sum += power(Double(rank), -exponent)
            all.append(sum)
        }
        upTo = all
    }

    func next(_ random: inout SeededRandom) -> Int {
        let wanted = Double.random(in: 0..<upTo[upTo.count - 1], using: &random)
        var (low, high) = (0, upTo.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if upTo[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
