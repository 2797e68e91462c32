import HTTP1
import Kernel

// A stored head is a run of bytes behind its response's fixed part: lengths as numbers of one byte where they fit in seven bits,
// names that everybody sends as a number too. A view of 40 bytes for each line, as requests have, would take more than the
// line; it is made when a hit copies the head into the lists of its request, which have their room already.

/// Names that are kept as a number, in the spelling of the RFCs and in the small letters of HTTP/2.
enum KnownNames {
    private static let names: [StaticString] = [
        "Accept-Encoding", "Accept-Language", "Accept-Ranges", "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers", "Age", "Allow", "Alt-Svc", "Cache-Control", "Content-Disposition",
        "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
        "Content-Security-Policy", "Content-Type", "Cookie", "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy", "Date", "ETag", "Expires", "Host", "Last-Modified", "Link",
        "Location",
        "Origin", "P3P", "Permissions-Policy", "Pragma", "Referrer-Policy", "Retry-After", "Server",
        "Server-Timing", "Set-Cookie", "Strict-Transport-Security", "Surrogate-Control", "Surrogate-Key",
        "Timing-Allow-Origin", "User-Agent", "Vary", "Via", "X-Cache", "X-Content-Type-Options",
        "X-Frame-Options", "X-Powered-By", "X-Request-Id", "X-Robots-Tag", "X-Served-By", "X-Timer",
        "X-XSS-Protection",
    ]

    /// By number: an even one is the RFC's spelling, the next one its small letters.
    static let all: [HeaderName] = names.flatMap { literal in
        let name = HeaderName(literal)
        let small = UnsafeMutablePointer<UInt8>.allocate(capacity: name.bytes.count)
        for (index, byte) in name.bytes.buffer.enumerated() { small[index] = lowercased(byte) }
        return [name, HeaderName(Bytes(start: small, count: name.bytes.count))]
    }

    private static let numbers: [UInt32: Int] = Dictionary(
        uniqueKeysWithValues: names.indices.map { (all[$0 * 2].hash, $0 * 2) })

    static func number(_ name: Bytes, _ hash: UInt32) -> Int? {
        guard let number = numbers[hash] else { return nil }
        if all[number].bytes == name { return number }
        return all[number + 1].bytes == name ? number + 1 : nil
    }
}

/// Writes a head, or only counts its bytes while it has nowhere to write.
struct HeadEncoder {
    private(set) var count = 0
    private let start: UnsafeMutablePointer<UInt8>?

    init(_ start: UnsafeMutablePointer<UInt8>? = nil) { self.start = start }

    mutating func put(number: UInt64) {
        var rest = number
        while rest > 0x7F {
            put(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(byte: UInt8(rest))
    }

    mutating func put(signed number: Int64) { put(number: UInt64(bitPattern: number << 1 ^ number >> 63)) }

    /// "Not set" stays apart from empty.
    mutating func put(_ bytes: Bytes) {
        guard let from = bytes.start else { return put(number: 0) }
        put(number: UInt64(bytes.count) + 1)
        put(from, bytes.count)
    }

    mutating func put(name: Bytes, hash: UInt32) {
        if let known = KnownNames.number(name, hash) { return put(number: UInt64(known) << 1 | 1) }
        put(number: UInt64(name.count) << 1)
        if let from = name.start { put(from, name.count) }
    }

    private mutating func put(byte: UInt8) {
        start?[count] = byte
        count += 1
    }

    private mutating func put(_ from: UnsafePointer<UInt8>, _ length: Int) {
        if let start { (start + count).update(from: from, count: length) }
        count += length
    }
}

/// Reads what the encoder wrote, in the same order. Its views last as long as the response.
struct HeadDecoder {
    private var next: UnsafePointer<UInt8>

    init(_ start: UnsafePointer<UInt8>) { next = start }

    mutating func number() -> UInt64 {
        let first = next[0]
        next += 1
        guard first > 0x7F else { return UInt64(first) }
        var (value, shift) = (UInt64(first & 0x7F), UInt64(7))
        while true {
            let byte = next[0]
            next += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte <= 0x7F { return value }
            shift += 7
        }
    }

    mutating func signed() -> Int64 {
        let value = number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func bytes() -> Bytes {
        let length = number()
        return length == 0 ? .notSet : take(Int(length) - 1)
    }

    mutating func name() -> HeaderName {
        let length = number()
        return length & 1 == 1 ? KnownNames.all[Int(length >> 1)] : HeaderName(take(Int(length >> 1)))
    }

    mutating func field() -> HeaderField {
        let name = name()
        return HeaderField(name, value: bytes())
    }

    private mutating func take(_ count: Int) -> Bytes {
        defer { next += count }
        return Bytes(start: next, count: count)
    }
}
