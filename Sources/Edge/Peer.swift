import HTTP1
import Kernel
import NIOCore
import VCLRuntime

/// Who is at the other end of a connection, and how: what its requests have in common.
struct Peer: Sendable {
    var address = IPAddress.unspecified
    var port = 0
    var serverAddress = IPAddress.unspecified
    var serverPort = 0
    var isTLS = false
    /// What is known besides, once the handshake has ended.
    var facts: EdgeFacts?
    /// Its place among the edge's connections, held for as long as the connection's handlers are.
    var ticket: AdmissionTicket?

    init() {}

    init(of channel: any Channel) {
        (address, port) = Peer.read(channel.remoteAddress)
        (serverAddress, serverPort) = Peer.read(channel.localAddress)
    }

    /// Who sent the request that `context` holds.
    init(asking context: Context) {
        (address, port) = (context.clientAddress, context.clientPort)
        (serverAddress, serverPort) = (context.serverAddress, context.serverPort)
        isTLS = context.isTLS
        facts = context.facts as? EdgeFacts
    }

    /// The peer for whom a proxy in front speaks.
    init(_ header: ProxyHeader, through proxy: Peer) {
        self = proxy
        guard let ends = header.ends else { return }
        (address, port) = (ends.source, ends.sourcePort)
        (serverAddress, serverPort) = (ends.destination, ends.destinationPort)
        isTLS = header.isTLS
    }

    /// A Unix socket has no address.
    private static func read(_ address: SocketAddress?) -> (IPAddress, Int) {
        guard let text = address?.ipAddress else { return (.unspecified, 0) }
        return (IPAddress(text) ?? .unspecified, address?.port ?? 0)
    }
}
