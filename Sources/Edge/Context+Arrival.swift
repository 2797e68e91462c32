import HTTP1
import Kernel
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
        req.takeOriginForm()
    }
}

extension RequestHead {
    /// `GET http://host/path` counts as that host's path (RFC 9112, section 3.2.2).
    mutating func takeOriginForm() {
        guard target.count > 7, target[0] != UInt8(ascii: "/"),
            target.slice(0, 7).equalsIgnoringCase("http://")
        else { return }
        let rest = target.slice(7, target.count)
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.count
        headers.set(.host, rest.slice(0, slash))
        target = slash < rest.count ? rest.slice(slash, rest.count) : Bytes("/")
    }
}

extension Bytes {
    /// A target's path.
    var withoutQuery: Bytes { slice(0, firstIndex(of: UInt8(ascii: "?")) ?? count) }
}
