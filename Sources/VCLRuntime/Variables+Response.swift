import HTTP1
import Kernel
import VCL

extension Variables {
    private static let delivering = Scopes(.deliver, .log)

    static let response: [Variable] = [
        Variable(
            "resp.status", delivering, .integer { Int64($0.resp.status) },
            set: .integer { $0.resp.status = status($1) },
            "The status of the response; set to what is no status it becomes 500."),
        Variable(
            "resp.response", delivering, .string { $0.resp.reason },
            set: .string { $0.resp.reason = line($0, $1) }, "The text behind the status."),
        Variable(
            "resp.proto", delivering, .string { _ in Bytes("HTTP/1.1") },
            "The version of HTTP of the response: HTTP/1.1."),
        Variable(
            "resp.headers", delivering, .id("resp.headers"),
            "All header fields of the response, for the functions that take such a collection."),
        Variable(
            "resp.is_locally_generated", delivering, .bool { $0.state == .error || $0.state == .synthetic },
            "Whether vcl_error made the response."),
        Variable(
            "resp.header_bytes_written", Scopes(.log), .integer { $0.responseHeadBytes },
            "Bytes of the response's head, status line included."),
        Variable(
            "resp.body_bytes_written", Scopes(.log), .integer { $0.bodyBytesWritten },
            "Bytes of the response's body that were sent."),
        Variable(
            "resp.bytes_written", Scopes(.log), .integer { $0.responseHeadBytes + $0.bodyBytesWritten },
            "Bytes of the response that were sent, head and body."),
        Variable(
            "resp.completed", Scopes(.log), .bool { !$0.traffic.isCut },
            "Whether the client took the response to its end."),
        Variable(
            "resp.stale", .all, .bool { $0.respIsStale }, set: .bool { $0.respIsStale = $1 },
            "Whether the response is a stale object."),
        Variable(
            "resp.stale.is_error", .all, .bool { $0.respIsStaleError },
            set: .bool { $0.respIsStaleError = $1 },
            "Whether the response is stale because the origin failed or the program said so."),
        Variable(
            "resp.stale.is_revalidating", .all,
            .bool { $0.usedExtras?.pass.isRevalidating ?? ($0.respIsStale && !$0.respIsStaleError) },
            set: .bool { $0.extras.pass.isRevalidating = $1 },
            "Whether the response is stale while the object is being renewed."),
        Variable(
            "time.to_first_byte", delivering,
            .rtime { ($0.deliveryTime > 0 ? $0.deliveryTime : $0.now) - $0.startTime },
            "How long it took from the request's start to vcl_deliver."),
    ]
}

extension Context {
    fileprivate var responseHeadBytes: Int64 {
        traffic.responseHead > 0 ? traffic.responseHead : HeadSize.response(resp)
    }
}
