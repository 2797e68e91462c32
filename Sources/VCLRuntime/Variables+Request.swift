import Crypto
import HTTP1
import Kernel
import VCL

extension Variables {
    private static let once = Scopes(.recv, .hash, .deliver, .log)
    private static let afterwards = Scopes(.deliver, .log)

    static let requestURL: [Variable] = [
        Variable(
            "req.url", .all, .string { $0.req.target }, set: .string { $0.req.target = Target.clean($1) },
            "The request's path and query string, as the client sent them until the program sets them."),
        Variable(
            "req.url.path", .all, .string { Target.path($0.req.target) }, "The URL up to its question mark."),
        Variable(
            "req.url.qs", .all, .string { Target.query($0.req.target) },
            "The query string without its question mark; empty when there is none."),
        Variable(
            "req.url.basename", .all, .string { Target.basename(Target.path($0.req.target)) },
            "What stands behind the path's last slash."),
        Variable(
            "req.url.dirname", .all, .string { Target.dirname(Target.path($0.req.target)) },
            "The path up to its last slash, without it."),
        Variable(
            "req.url.ext", .all, .string { Target.extension_(Target.path($0.req.target)) },
            "The extension of the path's last part, without the dot."),
        Variable(
            "req.topurl", .all, .string { $0.topURL },
            "The URL of the page that includes this fragment; req.url where nothing is included."),
    ]

    static let request: [Variable] = [
        Variable(
            "req.method", .all, .string { $0.req.method },
            set: .string { $0.req.method = method($1, else: $0.req.method) }, "The request's method."),
        Variable(
            "req.request", .all, .string { $0.req.method },
            set: .string { $0.req.method = method($1, else: $0.req.method) }, replacement: "req.method",
            "The request's method under its older name."),
        Variable(
            "req.proto", .all, .string { $0.clientProtocol },
            "The version of HTTP that the client speaks, such as HTTP/1.1."),
        Variable(
            "req.protocol", .all, .string { $0.isTLS ? Bytes("https") : Bytes("http") },
            "The scheme of the request: http or https."),
        Variable("req.is_ssl", .all, .bool { $0.isTLS }, "Whether the client's connection uses TLS."),
        Variable(
            "req.is_ipv6", once, .bool { !$0.clientAddress.isIPv4 },
            "Whether the client's address is one of IPv6."),
        Variable("req.is_purge", once, .bool { $0.isPurge }, "Whether this request purges."),
        Variable(
            "req.is_background_fetch", .all, .bool { $0.isBackgroundFetch },
            "Whether this run renews a stale object behind a request that was answered already."),
        Variable(
            "req.is_clustering", .all, .bool { _ in false },
            "Whether another node of the same place sent this request on; false, for an HQ edge is one node."),
        Variable(
            "req.is_esi_subreq", .all, .bool { ($0.usedExtras?.esiLevel ?? 0) > 0 },
            "Whether this request fetches a fragment for an ESI page."),
        Variable(
            "req.restarts", .all, .integer { Int64($0.restarts) }, "How often this request was restarted."),
        Variable(
            "req.xid", .all,
            .string { Format.integer(Int64(truncatingIfNeeded: $0.requestID >> 1), in: $0.arena) },
            "The number of this request, unique on this edge."),
        Variable(
            "req.headers", .all, .id("req.headers"),
            "All header fields of the request, for the functions that take such a collection."),
        Variable(
            "req.body", .all, .string { $0.requestBody },
            "The request's body up to 8 KB; empty for a longer one and where the host reads none."),
        Variable(
            "req.body.base64", .all, .string { $0.base64Body },
            "The same as req.body in base64, which keeps NUL bytes."),
        Variable("req.postbody", .all, .string { $0.requestBody }, "The same as req.body."),
        Variable(
            "req.header_bytes_read", .all, .integer { $0.requestHeadBytes },
            "Bytes of the request's head, request line included."),
        Variable(
            "req.body_bytes_read", afterwards, .integer { $0.traffic.requestBody },
            "Bytes of the request's body that were read."),
        Variable(
            "req.bytes_read", afterwards, .integer { $0.requestHeadBytes + $0.traffic.requestBody },
            "Bytes of the request, head and body."),
        Variable(
            "req.hash", Scopes(.hash, .error), .string { $0.hashKey },
            set: .string { context, value in
                // Pieces end with a byte that no header or URL can hold, so that "ab" + "c" differs from "a" + "bc".
                // A key that outgrew its bound is not set: nothing stored under it is this request's.
                if !value.isSet { context.hashAlwaysMiss = true }
                context.hashKey = context.arena.concatenate([value, Bytes("\u{0}")])
            }, "The pieces of the cache key; += adds one."),
        Variable(
            "req.digest", .all, .string { $0.digest },
            "SHA-256 of the cache key in 64 hexadecimal digits; zeros before vcl_hash has run."),
        Variable(
            "req.digest.ratio", .all, .float { $0.digestRatio },
            "A number from 0 to 1 made of req.digest, the same for every request of one object."),
    ]
}

extension Context {
    fileprivate var topURL: Bytes {
        if let top = usedExtras?.topURL, top.isSet { return top }
        return req.target
    }

    fileprivate var clientProtocol: Bytes {
        switch facts?.http?.major {
        case 2: Bytes("HTTP/2")
        case 3: Bytes("HTTP/3")
        default: Variables.protocolName(minor: req.minor)
        }
    }

    fileprivate var requestBody: Bytes {
        guard let body = facts?.requestBody, body.count <= FastlyLimits.readableBody else { return .empty }
        // A STRING ends at its first NUL, as everywhere in VCL.
        return body.withUnsafeBytes { arena.copy(UnsafeRawBufferPointer(rebasing: $0.prefix { $0 != 0 })) }
    }

    fileprivate var base64Body: Bytes {
        guard let body = facts?.requestBody, body.count <= FastlyLimits.readableBody else { return .empty }
        return body.withUnsafeBytes { Base64.encode(Bytes($0), in: arena) }
    }

    fileprivate var requestHeadBytes: Int64 {
        traffic.requestHead > 0 ? traffic.requestHead : HeadSize.request(req)
    }

    fileprivate var digest: Bytes {
        guard !hashKey.isEmpty else {
            return Bytes("0000000000000000000000000000000000000000000000000000000000000000")
        }
        return SHA256.hash(data: hashKey.buffer).withUnsafeBytes { arena.copy(Array($0).hexadecimal) }
    }

    /// The digest's first 32 bits over the largest such number.
    fileprivate var digestRatio: Double {
        guard !hashKey.isEmpty else { return 0 }
        let first = SHA256.hash(data: hashKey.buffer).withUnsafeBytes {
            UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self))
        }
        return Double(first) / Double(UInt32.max)
    }
}

/// How many bytes a head has on the wire.
enum HeadSize {
    static func request(_ head: RequestHead) -> Int64 {
        // Two spaces, the version, two line ends.
        Int64(head.method.count + head.target.count + 2 + 8 + 4) + lines(head.headers)
    }

    static func response(_ head: ResponseHead) -> Int64 {
        Int64(8 + 1 + 3 + 1 + head.reason.count + 4) + lines(head.headers)
    }

    private static func lines(_ list: HeaderList) -> Int64 {
        list.fields.reduce(0) { $0 + Int64($1.name.count + 2 + $1.value.count + 2) }
    }
}
