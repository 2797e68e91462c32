import Kernel
import VCL

extension Variables {
    private static let connected = Scopes(.recv, .error, .deliver, .log)
    private static let told = Scopes(.recv, .hash, .deliver, .log)

    static let clientSocket: [Variable] =
        [
            Variable(
                "client.socket.congestion_algorithm", connected,
                .string { context in
                    if let wish = context.usedExtras?.congestionAlgorithm, wish.isSet { return wish }
                    return context.facts?.clientSocket.map { context.fact($0.congestionAlgorithm) }
                        ?? Bytes("cubic")
                },
                set: .string { $0.extras.congestionAlgorithm = $1 },
                "The congestion control of the client's connection, cubic where the host does not say; a wish for the edge."
            ),
            Variable(
                "client.socket.cwnd", connected.union(Scopes(.fetch)),
                .integer { $0.usedExtras?.congestionWindow ?? $0.facts?.clientSocket?[.sndCwnd] ?? 0 },
                set: .integer { $0.extras.congestionWindow = $1 },
                "The congestion window of the client's connection in segments, 0 where the host does not say; a wish for the edge."
            ),
            Variable(
                "client.socket.nexthop", connected, .ip { $0.facts?.clientSocket?.nextHop ?? .unspecified },
                "The next router on the way to the client; 0.0.0.0 where the host does not say."),
            Variable(
                "client.socket.pace", connected, .integer { $0.usedExtras?.pace ?? 0 },
                set: .integer { $0.extras.pace = $1 },
                "The rate in KiB a second above which the client is not sent to; 0 for no bound; a wish for the edge."
            ),
            Variable(
                "client.socket.ploss", connected, .float { $0.facts?.clientSocket?.packetLoss ?? 0 },
                "The share of packets to the client that were lost; 0 where the host does not say."),
            Variable(
                "client.socket.tcp_info", connected, .bool { $0.facts?.clientSocket != nil },
                "Whether client.socket.tcpi_* tell of this connection."),
            Variable(
                "transport.bw_estimate", told, .integer { $0.facts?.clientSocket?.bandwidth ?? 0 },
                "Bytes a second that the way to the client seems to carry; 0 where the host does not say."),
            Variable(
                "transport.type", told, .string { $0.facts?.quic == nil ? Bytes("tcp") : Bytes("quic") },
                "What carries the client's connection: tcp or quic."),
        ] + socketMetrics("client.socket.tcpi_", connected) { $0.facts?.clientSocket }

    /// A row for each figure of Linux' tcp_info; 0 where the host does not say.
    static func socketMetrics(
        _ prefix: String, _ scopes: Scopes, _ facts: @escaping @Sendable (Context) -> SocketFacts?
    ) -> [Variable] {
        metrics.map { row in
            let metric = row.metric
            // The manual lets vcl_fetch read the client's window too.
            let more: Scopes = metric == .sndCwnd ? Scopes(.fetch) : []
            return Variable(
                prefix + row.name, scopes.union(more), .integer { facts($0)?[metric] ?? 0 }, row.summary)
        }
    }

    private static let metrics: [(metric: SocketFacts.Metric, name: String, summary: String)] = [
        (.advmss, "advmss", "TCP: the largest segment that this end announced."),
        (.bytesAcked, "bytes_acked", "TCP: bytes that were sent and acknowledged."),
        (.bytesReceived, "bytes_received", "TCP: bytes that were received and acknowledged."),
        (.dataSegsIn, "data_segs_in", "TCP: segments with data that were received."),
        (.dataSegsOut, "data_segs_out", "TCP: segments with data that were sent."),
        (.deliveryRate, "delivery_rate", "TCP: bytes a second at which the latest data arrived."),
        (.deltaRetrans, "delta_retrans", "TCP: segments sent again since the request began."),
        (.lastDataSent, "last_data_sent", "TCP: milliseconds since data was last sent."),
        (.maxPacingRate, "max_pacing_rate", "TCP: bytes a second above which the kernel does not send."),
        (.minRTT, "min_rtt", "TCP: the shortest round trip so far in microseconds."),
        (.notsentBytes, "notsent_bytes", "TCP: bytes that wait to be sent."),
        (.pacingRate, "pacing_rate", "TCP: bytes a second at which the kernel sends."),
        (.pmtu, "pmtu", "TCP: the largest packet that the path carries."),
        (.rcvMSS, "rcv_mss", "TCP: the largest segment that was received."),
        (.rcvRTT, "rcv_rtt", "TCP: the receiver's estimate of the round trip in microseconds."),
        (.rcvSpace, "rcv_space", "TCP: bytes of the receive buffer."),
        (.rcvSsthresh, "rcv_ssthresh", "TCP: the receive window's slow start threshold in bytes."),
        (
            .reordering, "reordering",
            "TCP: how far out of order segments may arrive before they count as lost."
        ),
        (.rtt, "rtt", "TCP: the smoothed round trip in microseconds."),
        (.rttvar, "rttvar", "TCP: how much the round trip varies, in microseconds."),
        (.segsIn, "segs_in", "TCP: segments that were received."),
        (.segsOut, "segs_out", "TCP: segments that were sent."),
        (.sndCwnd, "snd_cwnd", "TCP: the congestion window in segments."),
        (.sndMSS, "snd_mss", "TCP: the largest segment that is sent."),
        (.sndSsthresh, "snd_ssthresh", "TCP: the slow start threshold in segments."),
        (.totalRetrans, "total_retrans", "TCP: segments sent again since the connection began."),
    ]

    static let quic: [Variable] = quicMetrics.map { row in
        let metric = row.metric
        return Variable(row.name, told, .integer { $0.facts?.quic?[metric] ?? 0 }, row.summary)
    }

    private static let quicMetrics: [(metric: QUICFacts.Metric, name: String, summary: String)] = [
        (.cwnd, "quic.cc.cwnd", "QUIC: the congestion window in bytes; 0 for other transports."),
        (.ssthresh, "quic.cc.ssthresh", "QUIC: the slow start threshold in bytes; 0 for other transports."),
        (
            .bytesReceived, "quic.num_bytes.received",
            "QUIC: bytes that were received; 0 for other transports."
        ),
        (.bytesSent, "quic.num_bytes.sent", "QUIC: bytes that were sent; 0 for other transports."),
        (
            .ackReceived, "quic.num_packets.ack_received",
            "QUIC: packets that the client acknowledged; 0 for other transports."
        ),
        (
            .decryptionFailed, "quic.num_packets.decryption_failed",
            "QUIC: packets that could not be decrypted; 0 for other transports."
        ),
        (
            .lateAcked, "quic.num_packets.late_acked",
            "QUIC: packets acknowledged after they had counted as lost; 0 for other transports."
        ),
        (.lost, "quic.num_packets.lost", "QUIC: packets that were lost; 0 for other transports."),
        (.received, "quic.num_packets.received", "QUIC: packets that were received; 0 for other transports."),
        (.sent, "quic.num_packets.sent", "QUIC: packets that were sent; 0 for other transports."),
        (
            .rttLatest, "quic.rtt.latest",
            "QUIC: the latest round trip in microseconds; 0 for other transports."
        ),
        (
            .rttMinimum, "quic.rtt.minimum",
            "QUIC: the shortest round trip in microseconds; 0 for other transports."
        ),
        (
            .rttSmoothed, "quic.rtt.smoothed",
            "QUIC: the smoothed round trip in microseconds; 0 for other transports."
        ),
        (
            .rttVariance, "quic.rtt.variance",
            "QUIC: how much the round trip varies, in microseconds; 0 for other transports."
        ),
    ]
}
