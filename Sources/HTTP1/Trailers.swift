/// Fields behind a body (RFC 9110, section 6.5) that may go on to the next recipient. Here they are merged into no head; because
/// others do that, fields that say how a message is read, where it goes, who asks or how it is kept are dropped.
package struct Trailers: Sendable, Equatable {
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String
    }

    package let fields: [Field]

    /// From the lines that `ChunkedDecoder` has checked. Nil when nothing of them may go on.
    package init?(lines: [UInt8]) {
        var found: [Field] = []
        for line in lines.split(separator: 0x0A) {
            guard let colon = line.firstIndex(of: 0x3A) else { continue }
            found.append(
                Field(
                    name: String(decoding: line[..<colon], as: UTF8.self),
                    value: Trailers.trimmed(line[line.index(after: colon)...])))
        }
        self.init(found)
    }

    /// From the last headers of a stream of HTTP/2, which may hold anything.
    package init?(_ fields: some Sequence<(name: String, value: String)>) {
        var found: [Field] = []
        var bytes = 0
        for (name, value) in fields {
            bytes += name.utf8.count + value.utf8.count + 4
            guard bytes <= HTTP1Limits.trailerBytes else { return nil }
            guard !name.isEmpty, name.utf8.allSatisfy(Octets.isToken), value.utf8.allSatisfy(Octets.isText)
            else { continue }
            found.append(Field(name: name, value: Trailers.trimmed(Array(value.utf8)[...])))
        }
        self.init(found)
    }

    /// Of too many none goes on: half of them might say what the whole does not.
    private init?(_ found: [Field]) {
        guard found.count <= HTTP1Limits.trailerFields else { return nil }
        fields = found.filter { !Trailers.forbidden.contains($0.name.lowercased()) }
        if fields.isEmpty { return nil }
    }

    private static func trimmed(_ octets: ArraySlice<UInt8>) -> String {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 || octet == 0x0D }
        let start = octets.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }.map { start.index(after: $0) } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }

    /// As they stand behind the last chunk of HTTP/1.1, without the empty line.
    package var text: String { fields.map { "\($0.name): \($0.value)\r\n" }.joined() }

    /// RFC 9110, section 6.5.1, by its groups; and what edges and proxies say to one another and believe.
    private static let forbidden: Set<String> = [
        // Framing, and what is between two hops.
        "connection", "content-length", "keep-alive", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
        // Routing, and what changes how a request is meant.
        "cache-control", "expect", "host", "if-match", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "max-forwards", "pragma", "range",
        // Who asks.
        "authorization", "cookie", "proxy-authenticate", "proxy-authorization", "set-cookie",
        "www-authenticate",
        // How an answer is kept and what is done with it.
        "age", "date", "expires", "location", "retry-after", "vary", "warning",
        // What the body is.
        "content-encoding", "content-location", "content-range", "content-security-policy", "content-type",
        // Of edges and proxies.
        "cdn-cache-control", "cdn-loop", "fastly-client-ip", "fastly-ff", "forwarded",
        "strict-transport-security",
        "surrogate-control", "surrogate-key", "via", "x-forwarded-for", "x-forwarded-host",
        "x-forwarded-proto",
    ]
}
