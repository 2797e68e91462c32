import HTTP1
import Kernel
import VCL

extension Variables {
    private static let fetch = Scopes(.fetch)
    private static let answered = Scopes(.fetch, .error, .deliver, .log)

    static let backendResponse: [Variable] = [
        Variable(
            "beresp.status", fetch, .integer { Int64($0.beresp.status) },
            set: .integer { $0.beresp.status = status($1) },
            "The status of the backend's response; set to what is no status it becomes 500."),
        Variable(
            "beresp.response", fetch, .string { $0.beresp.reason },
            set: .string { $0.beresp.reason = line($0, $1) }, "The text behind the status."),
        Variable(
            "beresp.proto", fetch, .string { protocolName(minor: $0.beresp.minor) },
            "The version of HTTP in which the backend answered."),
        Variable(
            "beresp.headers", fetch, .id("beresp.headers"),
            "All header fields of the backend's response, for the functions that take such a collection."),
        Variable(
            "beresp.ttl", fetch, .rtime { $0.lifetime.ttl }, set: .rtime { $0.lifetime.ttl = $1 },
            "How long the object stays fresh; at or below 0 it is stale at once."),
        Variable(
            "beresp.grace", fetch, .rtime { $0.lifetime.grace }, set: .rtime { $0.lifetime.grace = $1 },
            replacement: "beresp.stale_if_error", "How long the stale object may still be used."),
        Variable(
            "beresp.stale_while_revalidate", fetch, .rtime { $0.lifetime.staleWhileRevalidate },
            set: .rtime { $0.lifetime.staleWhileRevalidate = $1 },
            "How long the stale object is served while it is renewed."),
        Variable(
            "beresp.stale_if_error", fetch, .rtime { $0.lifetime.staleIfError },
            set: .rtime { $0.lifetime.staleIfError = $1 },
            "How long the stale object is served when the origin fails."),
        Variable(
            "beresp.cacheable", fetch, .bool { $0.cacheable }, set: .bool { $0.cacheable = $1 },
            "Whether the response may be kept."),
        Variable(
            "beresp.gzip", fetch, .bool { $0.gzip },
            set: .bool {
                $0.gzip = $1
                if $1, let used = $0.usedExtras { used.pass.brotli = false }
            },
            "Whether the edge compresses the object with gzip before it keeps it; setting it unsets beresp.brotli."
        ),
        Variable(
            "beresp.brotli", fetch, .bool { $0.usedExtras?.pass.brotli ?? false },
            set: .bool {
                $0.extras.pass.brotli = $1
                if $1 { $0.gzip = false }
            },
            "Whether the edge compresses the object with Brotli before it keeps it; setting it unsets beresp.gzip."
        ),
        Variable(
            "beresp.do_stream", fetch, .bool { $0.doStream }, set: .bool { $0.doStream = $1 },
            "Whether the response goes to the client while it arrives."),
        Variable(
            "beresp.do_esi", fetch, .bool { $0.esi }, set: .bool { $0.esi = $1 },
            "Whether ESI tags in the response are processed."),
        Variable(
            "beresp.hipaa", fetch, .bool { $0.usedExtras?.pass.hipaa ?? false },
            set: .bool { $0.extras.pass.hipaa = $1 },
            "A wish that the object is kept in volatile memory alone; HQ's cache never writes to disk."),
        Variable(
            "beresp.pci", fetch, .bool { $0.usedExtras?.pass.pci ?? false },
            set: .bool { $0.extras.pass.pci = $1 },
            "A wish that the object is kept in volatile memory alone; HQ's cache never writes to disk."),
        Variable(
            "beresp.saintmode", fetch, nil, set: .rtime { $0.extras.pass.saintMode = $1 },
            "How long this object is not asked of this backend again (saint mode)."),
    ]

    static let backendConnection: [Variable] =
        [
            Variable(
                "beresp.backend.name", answered, .string { $0.backendName },
                "The name of the backend that answered, a director's member rather than the director."),
            Variable(
                "beresp.backend.host", answered, .string { $0.fact($0.answeringBackend?.host) },
                "The host of the backend that answered, as it was declared."),
            Variable(
                "beresp.backend.ip", fetch, .ip { $0.facts?.origin?.address ?? .unspecified },
                "The address of the backend that answered; 0.0.0.0 where the host does not say."),
            Variable("beresp.backend.port", fetch, .integer { $0.backendPort }, "The backend's port."),
            Variable(
                "beresp.backend.requests", fetch, .integer { $0.facts?.origin?.requests ?? 1 },
                "Requests on the backend's connection, this one included; 1 where the host does not say."),
            Variable(
                "beresp.backend.src_ip", .all, .ip { $0.facts?.origin?.localAddress ?? .unspecified },
                "The edge's own address on the backend's connection; 0.0.0.0 where the host does not say."),
            Variable(
                "beresp.backend.src_port", .all, .integer { $0.facts?.origin?.localPort ?? 0 },
                "The edge's own port on the backend's connection; 0 where the host does not say."),
            Variable(
                "beresp.backend.alternate_ips", fetch, .string { _ in .empty },
                "Addresses from which the edge might connect by another route; empty, for HQ has no such routes."
            ),
            Variable(
                "beresp.used_alternate_path_to_origin", fetch, .bool { _ in false },
                "Whether the backend was reached by another route; false, for HQ has no such routes."),
            Variable(
                "beresp.handshake_time_to_origin_ms", fetch,
                .integer { $0.facts?.origin?.handshakeMilliseconds ?? 0 },
                "Milliseconds that connecting took; 0 for a connection used again and where the host does not say."
            ),
            Variable(
                "backend.conn.is_tls", fetch, .bool { !($0.facts?.origin?.tlsVersion ?? "").isEmpty },
                "Whether the backend's connection uses TLS."),
            Variable(
                "backend.conn.tls_protocol", fetch, .string { $0.fact($0.facts?.origin?.tlsVersion) },
                "The version of TLS on the backend's connection; empty without TLS."),
            Variable(
                "backend.socket.congestion_algorithm", fetch,
                .string { $0.fact($0.facts?.backendSocket?.congestionAlgorithm) },
                "The congestion control of the backend's connection; empty where the host does not say."),
            Variable(
                "backend.socket.cwnd", fetch, .integer { $0.facts?.backendSocket?[.sndCwnd] ?? 0 },
                "The congestion window of the backend's connection in segments; 0 where the host does not say."
            ),
        ] + Variables.socketMetrics("backend.socket.tcpi_", fetch) { $0.facts?.backendSocket }
}
