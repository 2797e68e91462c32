import HTTP1
import Kernel

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

/// Values that are kept as a number, each as exactly these bytes.
enum KnownValues {
    /// What is longer is none of them and need not be hashed to know it.
    private static let longest = 38

    static let all: [Bytes] =
        ([
            "", "*", "0", "1", "1; mode=block", "Accept", "Accept-Encoding", "Accept-Encoding, Origin",
            "Accept-Encoding, User-Agent", "DENY", "HEAD, GET, OPTIONS", "OK", "Origin", "SAMEORIGIN",
            "accept-encoding",
            "application/javascript", "application/javascript; charset=utf-8", "application/json",
            "application/json; charset=utf-8", "application/octet-stream", "application/pdf", "br", "bytes",
            "en", "en-US", "font/woff2", "gzip", "gzip, deflate", "gzip, deflate, br", "image/avif",
            "image/gif", "image/jpeg",
            "image/png", "image/svg+xml", "image/webp", "image/x-icon", "max-age=31536000", "max-age=3600",
            "max-age=60", "no-referrer", "no-referrer-when-downgrade", "nosniff", "none",
            "public, max-age=31536000, immutable", "public, max-age=31536000", "same-origin",
            "strict-origin-when-cross-origin", "text/css", "text/css; charset=UTF-8",
            "text/css; charset=utf-8",
            "text/html", "text/html; charset=UTF-8", "text/html; charset=utf-8", "text/html;charset=utf-8",
            "text/javascript", "text/javascript; charset=utf-8", "text/plain", "text/plain; charset=utf-8",
            "text/xml",
            "true", "video/mp4",
        ] as [StaticString]).map { Bytes($0) }

    /// By a hash that tells small letters from capital ones.
    private static let numbers: [UInt64: Int] = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { (ByteHash.process($1), $0) })

    static func number(_ value: Bytes) -> Int? {
        guard value.count <= longest, let number = numbers[ByteHash.process(value)] else { return nil }
        return all[number] == value ? number : nil
    }
}
