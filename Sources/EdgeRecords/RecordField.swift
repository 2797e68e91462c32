package import Kernel

/// One field of a record as logs show it and filters name it. The log's JSON has them in this order.
package struct RecordField: Sendable {
    package enum Kind: Sendable {
        case text(@Sendable (RecordView) -> Bytes)
        /// Addresses are made for each reader: `ClientShown` says how much of one.
        case address
        case number(@Sendable (RecordView) -> Int64)
        case milliseconds(@Sendable (RecordView) -> Int64)
        case flag(@Sendable (RecordView) -> Bool)
        /// Text of the request in which secrets may stand; they are masked.
        case target(@Sendable (RecordView) -> Bytes)
        case time
        case requestID
        case lines
    }

    package let name: String
    package let summary: String
    package let kind: Kind

    private static func text(
        _ name: String, _ summary: String, _ read: @escaping @Sendable (RecordView) -> Bytes
    ) -> RecordField {
        RecordField(name: name, summary: summary, kind: .text(read))
    }

    package static let all: [RecordField] = [
        RecordField(name: "time", summary: "when the request had arrived, in UTC", kind: .time),
        RecordField(name: "client", summary: "the client's address", kind: .address),
        text("method", "GET, POST ...") { $0.method },
        text("host", "the request's Host") { $0.host },
        RecordField(
            name: "target",
            summary: "path and query as the client sent them; values of secret parameters are ***",
            kind: .target { $0.target }),
        text("path", "the target without its query") {
            $0.target.slice(0, $0.target.firstIndex(of: 0x3F) ?? $0.target.count)
        },
        RecordField(
            name: "protocol", summary: "HTTP/1.0, HTTP/1.1 or HTTP/2",
            kind: .text { view in view.flags.contains(.http2) ? Bytes("HTTP/2") : view.proto }),
        RecordField(
            name: "tls", summary: "whether it came over TLS", kind: .flag { $0.flags.contains(.tls) }),
        RecordField(
            name: "status", summary: "the answer's status; 499 when the client left before there was one",
            kind: .number { $0.status == 0 ? 499 : Int64($0.status) }),
        RecordField(
            name: "cache", summary: "HIT, STALE, MISS, PASS, SYNTH or ERROR, as X-Cache says it",
            kind: .text { view in Bytes(view.cache.word) }),
        RecordField(name: "bytes", summary: "bytes of the answer's body", kind: .number { $0.bodyBytes }),
        RecordField(
            name: "ms", summary: "milliseconds until the answer's end was handed to the connection",
            kind: .milliseconds { $0.elapsed }),
        RecordField(
            name: "first_byte_ms", summary: "milliseconds until its head was",
            kind: .milliseconds { $0.firstByte }),
        text("backend", "the backend that was asked; empty when none was") { $0.backend },
        RecordField(
            name: "referer", summary: "the request's Referer, secret parameters masked",
            kind: .target { $0.referer }),
        text("user_agent", "the request's User-Agent") { $0.userAgent },
        text("identity", "client.identity, when the program set it") { $0.identity },
        RecordField(
            name: "request_id", summary: "the request's number in hexadecimal", kind: .requestID),
        RecordField(
            name: "snapshot", summary: "the change that it was served under", kind: .number { $0.snapshot }),
        RecordField(
            name: "restarts", summary: "restarts of the program", kind: .number { Int64($0.restarts) }),
        RecordField(
            name: "cut", summary: "whether the client left before the answer's end",
            kind: .flag { $0.flags.contains(.cut) }),
        RecordField(
            name: "refused", summary: "whether the request was malformed and no program saw it",
            kind: .flag { $0.flags.contains(.refused) }),
        RecordField(
            name: "log", summary: "the lines that the program logged; shown live alone", kind: .lines),
    ]

    package static func named(_ name: String) -> RecordField? { all.first { $0.name == name } }
}

/// How much of a client's address a log shows.
package enum ClientShown: String, Sendable, CaseIterable {
    case full
    /// The first 24 bits of IPv4 and 48 of IPv6; the rest is zero.
    case network
    case none

    package func text(of address: IPAddress) -> String {
        switch self {
        case .full: return address.description
        case .none: return "-"
        case .network:
            let kept =
                address.isIPv4
                ? IPAddress(high: address.high, low: address.low & ~0xFF)
                : IPAddress(high: address.high & ~0xFFFF, low: 0)
            return kept.description
        }
    }
}
