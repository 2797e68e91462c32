import HTTP1
import Kernel
import VCL

/// The built-in variables, a row each. Headers, `re.group.N` and local variables follow rules of their own (see
/// `HeaderReference`). Names, types and scopes: Fastly's VCL reference, variables.
package enum Variables {
    package static let byName: [String: Variable] = Dictionary(
        uniqueKeysWithValues: all.map { ($0.name, $0) })

    package static let all: [Variable] =
        request + client + backendRequest + backendResponse + object + response + time + server

    private static let request: [Variable] = [
        Variable(
            "req.url", .all, .string { $0.req.target }, set: .string { $0.req.target = Target.clean($1) }),
        Variable("req.url.path", .all, .string { Target.path($0.req.target) }),
        Variable("req.url.qs", .all, .string { Target.query($0.req.target) }),
        Variable("req.url.basename", .all, .string { Target.basename(Target.path($0.req.target)) }),
        Variable("req.url.dirname", .all, .string { Target.dirname(Target.path($0.req.target)) }),
        Variable("req.url.ext", .all, .string { Target.extension_(Target.path($0.req.target)) }),
        Variable("req.method", .all, .string { $0.req.method }, set: .string { $0.req.method = $1 }),
        Variable("req.request", .all, .string { $0.req.method }, set: .string { $0.req.method = $1 }),
        Variable("req.proto", .all, .string { $0.req.minor == 1 ? Bytes("HTTP/1.1") : Bytes("HTTP/1.0") }),
        Variable("req.protocol", .all, .string { $0.isTLS ? Bytes("https") : Bytes("http") }),
        Variable("req.is_ssl", .all, .bool { $0.isTLS }),
        Variable("req.is_ipv6", .all, .bool { !$0.clientAddress.isIPv4 }),
        Variable("req.is_purge", .all, .bool { $0.isPurge }),
        Variable("req.is_background_fetch", .all, .bool { $0.isBackgroundFetch }),
        Variable("req.restarts", .all, .integer { Int64($0.restarts) }),
        Variable(
            "req.xid", .all,
            .string { Format.integer(Int64(truncatingIfNeeded: $0.requestID >> 1), in: $0.arena) }),
        Variable("req.backend", .all, .backend { Int64($0.backend) }, set: .backend { $0.backend = Int($1) }),
        Variable(
            "req.hash", Scopes(.hash, .error), .string { $0.hashKey },
            set: .string { context, value in
                // Pieces end with a byte that no header or URL can hold, so that "ab" + "c" differs from "a" + "bc".
                context.hashKey = context.arena.concatenate([value, Bytes("\u{0}")])
            }),
        Variable(
            "req.hash_always_miss", Scopes(.recv), .bool { $0.hashAlwaysMiss },
            set: .bool { $0.hashAlwaysMiss = $1 }),
        Variable(
            "req.hash_ignore_busy", Scopes(.recv), .bool { $0.hashIgnoreBusy },
            set: .bool { $0.hashIgnoreBusy = $1 }),
        Variable("fastly_info.state", .all, .string { Bytes($0.state.name) }),
        Variable(
            "fastly.error", .all, .string { $0.lastError },
            unset: {
                $0.lastError = .notSet
                return .next
            }),
        Variable("fastly.ff.visits_this_service", .all, .integer { _ in 0 }),
        Variable("stale.exists", .all, .bool { $0.staleExists }),
    ]

    private static let client: [Variable] = [
        Variable("client.ip", .all, .ip { $0.clientAddress }),
        Variable("client.port", .all, .integer { Int64($0.clientPort) }),
        Variable("client.requests", .all, .integer { Int64($0.requestNumber) }),
        Variable(
            "client.identity", .all,
            .string {
                $0.clientIdentity.isSet ? $0.clientIdentity : Format.address($0.clientAddress, in: $0.arena)
            },
            set: .string { $0.clientIdentity = $1 }),
    ]

    private static let backendRequest: [Variable] = [
        Variable(
            "bereq.url", fetching, .string { $0.bereq.target },
            set: .string { $0.bereq.target = Target.clean($1) }),
        Variable("bereq.url.path", fetching, .string { Target.path($0.bereq.target) }),
        Variable("bereq.url.qs", fetching, .string { Target.query($0.bereq.target) }),
        Variable(
            "bereq.method", fetching, .string { $0.bereq.method }, set: .string { $0.bereq.method = $1 }),
        Variable(
            "bereq.request", fetching, .string { $0.bereq.method }, set: .string { $0.bereq.method = $1 }),
        Variable("bereq.proto", fetching, .string { _ in Bytes("HTTP/1.1") }),
        Variable(
            "bereq.connect_timeout", Scopes(.miss, .pass), .rtime { $0.connectTimeout },
            set: .rtime { $0.connectTimeout = $1 }),
        Variable(
            "bereq.first_byte_timeout", Scopes(.miss, .pass), .rtime { $0.firstByteTimeout },
            set: .rtime { $0.firstByteTimeout = $1 }),
        Variable(
            "bereq.between_bytes_timeout", Scopes(.miss, .pass), .rtime { $0.betweenBytesTimeout },
            set: .rtime { $0.betweenBytesTimeout = $1 }),
    ]
    private static let fetching = Scopes(.miss, .pass, .fetch)

    private static let backendResponse: [Variable] = [
        Variable(
            "beresp.status", Scopes(.fetch), .integer { Int64($0.beresp.status) },
            set: .integer { $0.beresp.status = status($1) }),
        Variable(
            "beresp.response", Scopes(.fetch), .string { $0.beresp.reason },
            set: .string { $0.beresp.reason = line($0, $1) }),
        Variable(
            "beresp.proto", Scopes(.fetch),
            .string { $0.beresp.minor == 1 ? Bytes("HTTP/1.1") : Bytes("HTTP/1.0") }),
        Variable(
            "beresp.ttl", Scopes(.fetch), .rtime { $0.lifetime.ttl }, set: .rtime { $0.lifetime.ttl = $1 }),
        Variable(
            "beresp.grace", Scopes(.fetch), .rtime { $0.lifetime.grace },
            set: .rtime { $0.lifetime.grace = $1 }),
        Variable(
            "beresp.stale_while_revalidate", Scopes(.fetch), .rtime { $0.lifetime.staleWhileRevalidate },
            set: .rtime { $0.lifetime.staleWhileRevalidate = $1 }),
        Variable(
            "beresp.stale_if_error", Scopes(.fetch), .rtime { $0.lifetime.staleIfError },
            set: .rtime { $0.lifetime.staleIfError = $1 }),
        Variable(
            "beresp.cacheable", Scopes(.fetch), .bool { $0.cacheable }, set: .bool { $0.cacheable = $1 }),
        Variable("beresp.gzip", Scopes(.fetch), .bool { $0.gzip }, set: .bool { $0.gzip = $1 }),
        Variable("beresp.do_stream", Scopes(.fetch), .bool { $0.doStream }, set: .bool { $0.doStream = $1 }),
        Variable("beresp.do_esi", Scopes(.fetch), .bool { $0.esi }, set: .bool { $0.esi = $1 }),
        Variable(
            "beresp.backend.name", Scopes(.fetch), .string { $0.snapshot.program.backendName($0.backend) }),
    ]

    private static let object: [Variable] = [
        Variable(
            "obj.status", Scopes(.hit, .error), .integer { Int64($0.obj.status) },
            set: .integer { $0.obj.status = status($1) }),
        Variable(
            "obj.response", Scopes(.hit, .error), .string { $0.obj.reason },
            set: .string { $0.obj.reason = line($0, $1) }),
        Variable("obj.proto", Scopes(.hit, .error), .string { _ in Bytes("HTTP/1.1") }),
        Variable("obj.hits", Scopes(.hit, .deliver, .log), .integer { $0.objectHits }),
        Variable("obj.age", Scopes(.hit, .error, .deliver, .log), .rtime { $0.objectAge }),
        Variable("obj.entered", Scopes(.hit, .error, .deliver, .log), .rtime { $0.objectAge }),
        Variable(
            "obj.ttl", Scopes(.hit, .error, .log), .rtime { $0.objectLifetime.ttl },
            set: .rtime { $0.objectLifetime.ttl = $1 }),
        Variable(
            "obj.grace", Scopes(.hit, .error, .log), .rtime { $0.objectLifetime.grace },
            set: .rtime { $0.objectLifetime.grace = $1 }),
        Variable(
            "obj.stale_while_revalidate", Scopes(.hit, .error, .log),
            .rtime { $0.objectLifetime.staleWhileRevalidate }),
        Variable("obj.stale_if_error", Scopes(.hit, .error, .log), .rtime { $0.objectLifetime.staleIfError }),
        Variable("obj.cacheable", Scopes(.hit), .bool { $0.cacheable }),
    ]

    private static let response: [Variable] = [
        Variable(
            "resp.status", delivering, .integer { Int64($0.resp.status) },
            set: .integer { $0.resp.status = status($1) }),
        Variable(
            "resp.response", delivering, .string { $0.resp.reason },
            set: .string { $0.resp.reason = line($0, $1) }),
        Variable("resp.proto", delivering, .string { _ in Bytes("HTTP/1.1") }),
        Variable("resp.body_bytes_written", Scopes(.log), .integer { $0.bodyBytesWritten }),
        Variable("resp.stale", .all, .bool { $0.respIsStale }, set: .bool { $0.respIsStale = $1 }),
        Variable(
            "resp.stale.is_error", .all, .bool { $0.respIsStaleError },
            set: .bool { $0.respIsStaleError = $1 }),
        Variable("resp.stale.is_revalidating", .all, .bool { $0.respIsStale && !$0.respIsStaleError }),
    ]
    private static let delivering = Scopes(.deliver, .log)

    private static let time: [Variable] = [
        Variable("now", .all, .time { $0.now }),
        Variable("now.sec", .all, .string { Format.integer($0.now / 1_000_000_000, in: $0.arena) }),
        Variable("time.start", .all, .time { $0.startTime }),
        Variable(
            "time.start.sec", .all, .string { Format.integer($0.startTime / 1_000_000_000, in: $0.arena) }),
        Variable("time.elapsed", .all, .rtime { $0.now - $0.startTime }),
        Variable(
            "time.elapsed.msec", .all,
            .string { Format.integer(($0.now - $0.startTime) / 1_000_000, in: $0.arena) }),
        Variable(
            "time.elapsed.usec", .all,
            .string { Format.integer(($0.now - $0.startTime) / 1000, in: $0.arena) }),
        Variable(
            "time.elapsed.sec", .all,
            .string { Format.integer(($0.now - $0.startTime) / 1_000_000_000, in: $0.arena) }),
    ]

    private static let server: [Variable] = [
        Variable("server.identity", .all, .string { $0.serverIdentity }),
        Variable("server.hostname", .all, .string { $0.serverIdentity }),
        // One edge of one campaign is no point of presence; Fastly's own name for such a place is its three letters.
        Variable("server.datacenter", .all, .string { _ in Bytes("HQ") }),
        Variable("server.region", .all, .string { _ in Bytes("local") }),
        Variable("server.ip", .all, .ip { $0.serverAddress }),
        Variable("server.port", .all, .integer { Int64($0.serverPort) }),
        Variable("LF", .all, .string { _ in Bytes("\n") }),
    ]

    /// A status that HTTP can carry; anything else is a broken program's and becomes 500.
    private static func status(_ value: Int64) -> Int { value >= 100 && value <= 999 ? Int(value) : 500 }

    private static func line(_ context: Context, _ value: Bytes) -> Bytes {
        HeaderReference.clean(value, in: context.arena)
    }
}

/// Parts of a request's target.
enum Target {
    static func path(_ target: Bytes) -> Bytes {
        target.firstIndex(of: UInt8(ascii: "?")).map { target.slice(0, $0) } ?? target
    }

    static func query(_ target: Bytes) -> Bytes {
        target.firstIndex(of: UInt8(ascii: "?")).map { target.slice($0 + 1, target.count) } ?? .empty
    }

    static func basename(_ path: Bytes) -> Bytes {
        path.lastIndex(of: UInt8(ascii: "/")).map { path.slice($0 + 1, path.count) } ?? path
    }

    static func dirname(_ path: Bytes) -> Bytes {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return Bytes(".") }
        return slash == 0 ? Bytes("/") : path.slice(0, slash)
    }

    static func extension_(_ path: Bytes) -> Bytes {
        let name = basename(path)
        return name.lastIndex(of: UInt8(ascii: ".")).map { name.slice($0 + 1, name.count) } ?? .empty
    }

    /// A target up to its first octet that cannot stand in one, so that no program can be made to split a request.
    static func clean(_ value: Bytes) -> Bytes {
        guard let start = value.start, value.count > 0 else { return Bytes("/") }
        for index in 0..<value.count where start[index] <= 0x20 || start[index] == 0x7F {
            return index == 0 ? Bytes("/") : value.slice(0, index)
        }
        return value
    }
}
