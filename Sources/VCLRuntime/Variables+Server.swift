import Kernel
import VCL

extension Variables {
    static let server: [Variable] = [
        Variable("server.identity", .all, .string { $0.serverIdentity }, "What the edge calls itself."),
        Variable("server.hostname", .all, .string { $0.serverIdentity }, "The edge's host name."),
        // One edge of one campaign is no point of presence; Fastly's own name for such a place is its three letters.
        Variable(
            "server.datacenter", .all, .string { $0.placed("HQ", \.datacenter) },
            "The place where the edge stands; HQ where the host does not say."),
        Variable(
            "server.pop", .all, .string { $0.placed("HQ", \.datacenter) },
            "The place where the edge stands; HQ where the host does not say."),
        Variable(
            "server.region", .all, .string { $0.placed("local", \.region) },
            "The region where the edge stands; local where the host does not say."),
        Variable(
            "server.billing_region", .all, .string { $0.placed("local", \.billingRegion) },
            "The region by whose rates traffic is charged; local where the host does not say."),
        Variable(
            "server.ip", .all, .ip { $0.serverAddress }, "The address at which the client reached the edge."),
        Variable(
            "server.port", .all, .integer { Int64($0.serverPort) },
            "The port at which the client reached the edge."),
        Variable(
            "workspace.bytes_total", .all, .integer { _ in FastlyLimits.workspace },
            "Bytes of working memory that a request has at Fastly."),
        Variable(
            "workspace.bytes_free", .all,
            .integer { max(0, FastlyLimits.workspace - Int64($0.arena.byteCount)) },
            "Bytes of that memory that this request has not used."),
        Variable(
            "workspace.overflowed", .all, .bool { Int64($0.arena.byteCount) > FastlyLimits.workspace },
            "Whether this request has used more; at Fastly it would have ended in 503."),
    ]

    static let service: [Variable] = [
        Variable(
            "req.service_id", .all, .string { $0.fact($0.serviceID) },
            "The service to which the program belongs; empty where the host does not say."),
        Variable(
            "req.customer_id", .all, .string { $0.fact($0.facts?.service?.customerID) },
            "The account to which the service belongs; empty where the host does not say."),
        Variable(
            "req.vcl", .all, .string { $0.programName },
            "The name of the program: service, version, generation and MD5."),
        Variable(
            "req.vcl.version", .all, .integer { $0.programVersion },
            "The version of the program; the snapshot's number where the host names no version."),
        Variable(
            "req.vcl.generation", .all, .integer { $0.facts?.service?.generation ?? $0.snapshot.number },
            "How often programs and dictionaries of this edge were replaced."),
        Variable(
            "req.vcl.md5", .all, .string { $0.fact($0.programDigest) },
            "MD5 of the program in hexadecimal; empty where the host does not say."),
    ]

    static let segmentedCaching: [Variable] = [
        Variable(
            "segmented_caching.block_size", Scopes(.recv, .log),
            .integer { $0.facts?.segment?.blockSize ?? $0.usedExtras?.segmentSize ?? -1 },
            set: .integer { $0.extras.segmentSize = $1 },
            "Bytes of a segment, 1 MiB unless set; -1 where it does not apply."),
        segment("is_inner_req", "Whether this request fetches one segment.") { $0.isInner },
        segment("is_outer_req", "Whether this request is put together of segments.") { $0.isOuter },
        segment("autopurged", "Whether segments did not fit together, so that they were purged.") {
            $0.isAutopurged
        },
        segment("cancelled", "Whether the origin answered without a range, which ended segmenting.") {
            $0.isCancelled
        },
        segment("completed", "Whether all segments were delivered.") { $0.isCompleted },
        segment("failed", "Whether segmenting failed.") { $0.isFailed },
        segment("client_req.is_range", "Whether the client asked for a range.") { $0.clientRange != nil },
        segment("client_req.is_open_ended", "Whether the client's range has no end.") { $0.isOpenEnded },
        Variable(
            "segmented_caching.error", Scopes(.log), .string { $0.fact($0.facts?.segment?.error) },
            "Why segmenting failed; empty when it did not."),
        segmentNumber("block_number", "The segment's place, from 0; -1 where it does not apply.") {
            $0.blockNumber
        },
        segmentNumber("total_blocks", "Segments of this response; -1 where it does not apply.") {
            $0.totalBlocks
        },
        segmentNumber("obj.complete_length", "Bytes of the whole object; -1 where it does not apply.") {
            $0.completeLength
        },
        segmentNumber("client_req.range_low", "The client's range's first byte; -1 where it does not apply.")
        {
            $0.clientRange?.low ?? -1
        },
        segmentNumber("client_req.range_high", "The client's range's last byte; -1 where it does not apply.")
        {
            $0.clientRange?.high ?? -1
        },
        segmentNumber(
            "rounded_req.range_low", "The first byte of whole segments; -1 where it does not apply."
        ) {
            $0.roundedRange.low
        },
        segmentNumber(
            "rounded_req.range_high", "The last byte of whole segments; -1 where it does not apply."
        ) {
            $0.roundedRange.high
        },
    ]

    private static func segment(
        _ name: String, _ summary: String, _ read: @escaping @Sendable (SegmentFacts) -> Bool
    ) -> Variable {
        Variable(
            "segmented_caching." + name, Scopes(.log), .bool { $0.facts?.segment.map(read) ?? false }, summary
        )
    }

    private static func segmentNumber(
        _ name: String, _ summary: String, _ read: @escaping @Sendable (SegmentFacts) -> Int64
    ) -> Variable {
        Variable(
            "segmented_caching." + name, Scopes(.log), .integer { $0.facts?.segment.map(read) ?? -1 }, summary
        )
    }
}

extension Context {
    fileprivate func placed(_ unknown: StaticString, _ part: KeyPath<PlaceFacts, String>) -> Bytes {
        guard let place = facts?.place, !place[keyPath: part].isEmpty else { return Bytes(unknown) }
        return arena.copy(place[keyPath: part])
    }

    fileprivate var serviceID: String? { facts?.service?.id ?? snapshot.service?.id }
    fileprivate var programDigest: String? { facts?.service?.md5 ?? snapshot.service?.md5 }

    fileprivate var programVersion: Int64 {
        facts?.service?.version ?? snapshot.service?.version ?? snapshot.number
    }

    fileprivate var programName: Bytes {
        arena.concatenate([
            fact(serviceID), Bytes("."), Format.integer(programVersion, in: arena), Bytes("_"),
            Format.integer(facts?.service?.generation ?? snapshot.number, in: arena), Bytes("-"),
            fact(programDigest),
        ])
    }
}
