import HTTP1
import Kernel
import RequestFlow
import VCLRuntime

extension Context {
    /// What is known of a request as soon as its head is in `req`.
    func arrive(from peer: Peer, number: Int) {
        now = wallClock()
        startTime = now
        clientAddress = peer.address
        clientPort = peer.port
        serverAddress = peer.serverAddress
        serverPort = peer.serverPort
        isTLS = peer.isTLS
        if let known = peer.facts { facts = known }
        requestNumber = number
        req.takeOriginForm(in: arena)
        enterService()
        HeadWriter.removeConnectionOptions(&req.headers)
        normalizeAcceptEncoding()
    }
}

extension Bytes {
    /// A target's path.
    var withoutQuery: Bytes { slice(0, firstIndex(of: UInt8(ascii: "?")) ?? count) }
}
