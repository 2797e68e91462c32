package import ESI
import HTTP1
import Kernel
package import VCLRuntime

// Edge Side Includes: an include is a request of its own, with the head that the visitor sent (Fastly, "esi").

extension Context {
    /// Whether the tags of an answer in `resp` are looked at.
    package var mayInclude: Bool { (usedExtras?.allowsESI ?? true) && resp.mayHaveBody && resp.status != 206 }

    /// How many pages stand around this request.
    package var includeLevel: Int { Int(usedExtras?.esiLevel ?? 0) }

    /// Makes the request in `req`, a copy of the visitor's own, that for an include of what `page` asked for.
    package func becomeInclude(_ address: Include.Address, in page: Context) {
        req.method = Bytes("GET")
        req.target = arena.copy(address.target)
        if let host = address.host { req.headers.set(.host, arena.copy(host)) }
        for name in Context.notForIncludes { req.headers.remove(name) }
        extras.esiLevel = Int64(page.includeLevel + 1)
        let top = page.usedExtras?.topURL ?? .notSet
        extras.topURL = arena.copy(top.isSet ? top : page.req.target)
    }

    /// What speaks of the page alone: its conditions and parts, its body. A part must be plain, as it becomes part of something
    /// plain.
    private static let notForIncludes: [HeaderName] = [
        .ifNoneMatch, .ifModifiedSince, .range, .ifRange, HeaderName("If-Match"),
        HeaderName("If-Unmodified-Since"),
        .contentLength, .transferEncoding, .expect, .upgrade, .acceptEncoding, .originalAcceptEncoding,
        .hqCheck,
    ]

    /// What a page's head says of bytes does not hold for the page and its parts together.
    package func dressPage() {
        for name in Context.notForPages { resp.headers.remove(name) }
    }

    private static let notForPages: [HeaderName] = [
        .contentLength, .etag, .lastModified, HeaderName("Content-MD5"), HeaderName("Accept-Ranges"),
    ]
}

extension Arena {
    fileprivate func copy(_ bytes: [UInt8]) -> Bytes { bytes.withUnsafeBytes { copy(Bytes($0)) } }
}
