import Kernel
package import NIOCore
package import Rehearsal

/// Everything that a load follows from; nothing in it depends on what the edge answers.
package struct LoadPlan: Sendable {
    package let target: RehearsalTarget
    /// The host's addresses as they were found and allowed. A name is not looked up again meanwhile: it could lead elsewhere.
    package let addresses: [SocketAddress]
    package let mix: PathMix
    package let curve: RateCurve
    package var spacing = ArrivalSchedule.Spacing.even
    package var seed: UInt64 = 1
    /// Event loops, one core each.
    package var loops = 1
    package var maxConnections = 1000
    /// Open before the start, so that the first requests do not wait for them.
    package var warmConnections = 0
    /// Requests after which a connection is closed, as a visitor leaves; nil: it stays.
    package var requestsPerConnection: Int?
    /// For each answer; so long, too, the load waits for answers after its last request.
    package var timeout = Duration.seconds(10)
    /// Each path is asked for once before the start.
    package var warmsCache = false
    /// Another value for the Host header than the target's own.
    package var hostHeader: String?
    /// The address to come from, when it matters which.
    package private(set) var source: SocketAddress?
    /// Certificates of loopback edges are seldom anybody's.
    package var verifiesCertificates = true

    package init(target: RehearsalTarget, addresses: [SocketAddress], mix: PathMix, curve: RateCurve) {
        precondition(!addresses.isEmpty, "an address to connect to")
        self.target = target
        self.addresses = addresses
        self.mix = mix
        self.curve = curve
    }

    /// An address of this machine; the kernel chooses the port.
    package mutating func come(from address: String) throws {
        source = try SocketAddress(ipAddress: address, port: 0)
    }

    /// The bytes of each path's request.
    func requests() -> [ByteBuffer] {
        let host = hostHeader ?? target.authority
        return mix.paths.map { path in
            ByteBuffer(
                string:
                    "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: hq-rehearsal\r\nAccept: */*\r\n\r\n"
            )
        }
    }
}
