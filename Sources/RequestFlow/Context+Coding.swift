package import Compression
package import HTTP1
package import HTTPCache
import Kernel
package import VCLRuntime

// Content codings: what a client accepts, and what compressing a response does to its head.

extension HeaderName {
    package static let acceptEncoding = HeaderName("Accept-Encoding")
    package static let originalAcceptEncoding = HeaderName("Fastly-Orig-Accept-Encoding")
    package static let contentEncoding = HeaderName("Content-Encoding")
    package static let contentRange = HeaderName("Content-Range")
    package static let compressHint = HeaderName("X-Compress-Hint")
    package static let ifRange = HeaderName("If-Range")
}

extension Context {
    // MARK: the request

    /// Leaves one coding or none of what the client accepts, so that `Vary: Accept-Encoding` means two variants and not a
    /// hundred; what the client wrote goes to Fastly-Orig-Accept-Encoding (Fastly, "Accept-Encoding"). A program that wants
    /// brotli asks that header and sets this one to `br`.
    package func normalizeAcceptEncoding() {
        guard let first = req.headers.firstIndex(.acceptEncoding) else { return }
        var asked = req.headers.fields[first].value
        let fields = req.headers.fields
        for index in fields.indices.dropFirst(first + 1)
        where fields[index].hash == HeaderName.acceptEncoding.hash {
            asked = req.headers.joined(.acceptEncoding, in: arena)
            break
        }
        req.headers.set(.originalAcceptEncoding, asked)
        // Nearly all send one of these.
        if asked == "gzip, deflate, br, zstd" || asked == "gzip, deflate, br" || asked == "gzip" {
            return req.headers.set(.acceptEncoding, Bytes("gzip"))
        }
        let accepted = AcceptEncoding(asked)
        if accepted.gzip {
            req.headers.set(.acceptEncoding, Bytes("gzip"))
        } else if accepted.deflate {
            req.headers.set(.acceptEncoding, Bytes("deflate"))
        } else {
            req.headers.remove(.acceptEncoding)
        }
    }

    // MARK: the backend's answer

    /// The coding that this client gets of what vcl_fetch wants compressed; nil when it gets the response as it is. What is to be
    /// compressed varies by Accept-Encoding from here on, for whomever it is answered to.
    package func chooseCoding() -> ContentCoding? {
        let wantsBrotli = usedExtras?.pass.brotli ?? false
        guard gzip || wantsBrotli, mayBeCompressed else { return nil }
        varyByCoding()
        let accepted = AcceptEncoding(req.headers[.acceptEncoding])
        if wantsBrotli { return accepted.brotli ? .brotli : nil }
        return accepted.gzip ? .gzip : nil
    }

    /// Whole, not compressed yet, and not forbidden (RFC 9110, section 7.7). Pages with includes go out put together.
    private var mayBeCompressed: Bool {
        guard !esi, beresp.mayHaveBody, beresp.status != 206, !beresp.headers.contains(.contentEncoding),
            !(bereq.method == "HEAD")
        else { return false }
        return beresp.headers[.contentLength].decimal != 0
            && !beresp.headers.lists(.cacheControl, token: "no-transform")
    }

    func varyByCoding() {
        guard
            !StoredResponse.varyNames(beresp.headers).contains(where: {
                $0.bytes.equalsIgnoringCase("Accept-Encoding") || $0.bytes == "*"
            })
        else { return }
        let before = beresp.headers.joined(.vary, in: arena)
        let name = Bytes("Accept-Encoding")
        beresp.headers.set(.vary, before.count > 0 ? arena.concatenate([before, Bytes(", "), name]) : name)
    }

    /// Makes the head in `beresp` that of the same response with `coding` on.
    package func encodeResponse(_ coding: ContentCoding) {
        Context.encode(&beresp.headers, coding, in: arena)
    }

    /// The same for a head that only this client gets.
    package func encodeAnswer(_ coding: ContentCoding) { Context.encode(&resp.headers, coding, in: arena) }

    private static func encode(_ headers: inout HeaderList, _ coding: ContentCoding, in arena: Arena) {
        headers.set(.contentEncoding, Bytes(coding.name))
        forgetBytes(&headers, in: arena)
    }

    /// Makes the head in `beresp` that of the same response with its coding off.
    package func decodeResponse() {
        beresp.headers.remove(.contentEncoding)
        Context.forgetBytes(&beresp.headers, in: arena)
    }

    /// The bytes will be others, and mean the same: neither their number nor a strong validator holds (RFC 9110, section
    /// 8.8.3.3).
    private static func forgetBytes(_ headers: inout HeaderList, in arena: Arena) {
        headers.remove(.contentLength)
        headers.remove(contentMD5)
        let tag = headers[.etag]
        if tag.isSet, !tag.hasPrefix("W/") { headers.set(.etag, arena.concatenate([Bytes("W/"), tag])) }
    }

    private static let contentMD5 = HeaderName("Content-MD5")

    /// What goes into the cache for those who accept no coding, besides what this client gets.
    package func makeStoredIdentity(_ body: StoredBody) -> StoredResponse {
        var request = req.headers
        request.remove(.acceptEncoding)
        return makeStored(body, for: request)
    }

    // MARK: the answer

    /// What X-Compress-Hint in the answer asks for and this client takes (Fastly, "X-Compress-Hint"); the hint goes in any case.
    package func takeCompressHint() -> ContentCoding? {
        let hint = resp.headers[.compressHint]
        guard hint.isSet else { return nil }
        resp.headers.remove(.compressHint)
        let isPlain = !resp.headers.contains(.contentEncoding) && resp.mayHaveBody && resp.status != 206
        guard isPlain, !resp.headers.lists(.cacheControl, token: "no-transform") else { return nil }
        let original = req.headers[.originalAcceptEncoding]
        let accepted = AcceptEncoding(original.isSet ? original : req.headers[.acceptEncoding])
        let wishes: [ContentCoding] =
            hint.equalsIgnoringCase("on") ? [.brotli, .gzip] : ContentCoding(hint).map { [$0] } ?? []
        return wishes.first { accepted.allows($0) }
    }
}
