import HTTP1
import Kernel
import VCL

extension Variables {
    private static let fetching = Scopes(.miss, .pass, .fetch)
    private static let before = Scopes(.miss, .pass)
    private static let after = Scopes(.fetch, .deliver, .log)

    static let backendRequest: [Variable] = [
        Variable(
            "bereq.url", fetching, .string { $0.bereq.target },
            set: .string { $0.bereq.target = Target.clean($1) }, "The URL that the backend is asked for."),
        Variable(
            "bereq.url.path", fetching, .string { Target.path($0.bereq.target) },
            "The backend request's URL up to its question mark."),
        Variable(
            "bereq.url.qs", fetching, .string { Target.query($0.bereq.target) },
            "The backend request's query string without its question mark."),
        Variable(
            "bereq.url.basename", fetching, .string { Target.basename(Target.path($0.bereq.target)) },
            "What stands behind the last slash of the backend request's path."),
        Variable(
            "bereq.url.dirname", fetching, .string { Target.dirname(Target.path($0.bereq.target)) },
            "The backend request's path up to its last slash, without it."),
        Variable(
            "bereq.url.ext", fetching, .string { Target.extension_(Target.path($0.bereq.target)) },
            "The extension of the backend request's path, without the dot."),
        Variable(
            "bereq.method", fetching, .string { $0.bereq.method },
            set: .string { $0.bereq.method = method($1, else: $0.bereq.method) },
            "The method of the backend request."),
        Variable(
            "bereq.request", fetching, .string { $0.bereq.method },
            set: .string { $0.bereq.method = method($1, else: $0.bereq.method) }, replacement: "bereq.method",
            "The method of the backend request under its older name."),
        Variable(
            "bereq.proto", fetching, .string { _ in Bytes("HTTP/1.1") },
            "The version of HTTP that the edge speaks to backends: HTTP/1.1."),
        Variable(
            "bereq.headers", fetching, .id("bereq.headers"),
            "All header fields of the backend request, for the functions that take such a collection."),
        Variable(
            "bereq.is_clustering", .all, .bool { _ in false },
            "Whether the request goes to a node of the same place; false, for an HQ edge is one node."),
        Variable(
            "bereq.connect_timeout", before, .rtime { $0.connectTimeout },
            set: .rtime { $0.connectTimeout = $1 },
            "How long connecting to the backend may take; 0 unless set, which leaves it to the backend's own."
        ),
        Variable(
            "bereq.first_byte_timeout", before, .rtime { $0.firstByteTimeout },
            set: .rtime { $0.firstByteTimeout = $1 },
            "How long the backend's first byte may take; 0 unless set, which leaves it to the backend's own."),
        Variable(
            "bereq.between_bytes_timeout", before, .rtime { $0.betweenBytesTimeout },
            set: .rtime { $0.betweenBytesTimeout = $1 },
            "How long the backend may pause; 0 unless set, which leaves it to the backend's own."),
        Variable(
            "bereq.fetch_timeout", before, .rtime { $0.usedExtras?.pass.fetchTimeout ?? 0 },
            set: .rtime { $0.extras.pass.fetchTimeout = $1 },
            "How long the whole fetch may take; 0 unless set, which leaves it to the backend's own."),
        Variable(
            "bereq.max_reuse_idle_time", before, .rtime { $0.usedExtras?.pass.maxReuseIdleTime ?? 0 },
            set: .rtime { $0.extras.pass.maxReuseIdleTime = $1 },
            "How long a connection may have been idle to be used again; 0 unless set, for no bound besides the backend's."),
        Variable(
            "bereq.header_bytes_written", after, .integer { $0.backendHeadBytes },
            "Bytes of the backend request's head, request line included."),
        Variable(
            "bereq.body_bytes_written", after, .integer { $0.traffic.backendBody },
            "Bytes of the body that were sent to the backend."),
        Variable(
            "bereq.bytes_written", after, .integer { $0.backendHeadBytes + $0.traffic.backendBody },
            "Bytes that were sent to the backend, head and body."),
    ]
}

extension Context {
    /// 0 for a request that asked no backend.
    fileprivate var backendHeadBytes: Int64 {
        if traffic.backendHead > 0 { return traffic.backendHead }
        return bereq.method.isEmpty ? 0 : HeadSize.request(bereq)
    }
}
