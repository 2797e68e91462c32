import EdgeLink
import HTTP1
import Kernel
import NIOCore
import NIOSSL
import NIOTLS
import VCLRuntime

#if canImport(Glibc)
    import Glibc
#endif

/// What stands between the acceptance of a connection and its first request, on one loop of one listener: the
/// proxy's header, the TLS handshake, the choice of a protocol. Each step puts the handlers of the next in
/// place.
final class Doorway: Sendable {
    let edge: EdgeLoop
    let listener: EdgeListener
    /// The value of Strict-Transport-Security, when there is to be one.
    private let hsts: LiteralBytes?

    init(edge: EdgeLoop, listener: EdgeListener) {
        self.edge = edge
        self.listener = listener
        hsts = listener.hsts.map { LiteralBytes($0) }
    }

    func open(_ channel: any Channel) throws {
        let peer = Peer(of: channel)
        guard let proxies = listener.proxies else { return try admit(channel, peer) }
        let gate = ProxyGate(doorway: self, peer: peer, trusted: proxies)
        try channel.pipeline.syncOperations.addHandler(gate)
    }

    func admit(_ channel: any Channel, _ arrived: Peer) throws {
        var peer = arrived
        switch edge.core.admission.admit(peer.address, now: Doorway.now) {
        case .success(let ticket): peer.ticket = ticket
        case .failure: return turnAway(channel)
        }
        guard let certificates = listener.certificates else { return try serve(channel, peer) }
        let gate = TLSGate(doorway: self, peer: peer, certificates: certificates)
        try channel.pipeline.syncOperations.addHandlers(gate.handlers(on: channel))
    }

    /// Nanoseconds of a clock that only grows.
    static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds) }

    /// Says nothing: an answer would cost more than the connection.
    private func turnAway(_ channel: any Channel) {
        edge.statistics.refusedConnections += 1
        // Reset rather than closed in good order, which would leave a socket behind for a minute.
        if let options = channel as? any SocketOptionProvider {
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
        }
        guard !channel.isActive else { return channel.close(promise: nil) }
        try? channel.pipeline.syncOperations.addHandler(ClosedDoor())
    }

    /// `version` is what the handshake settled on, if there was one.
    func serve(_ channel: any Channel, _ peer: Peer, _ version: String? = nil) throws {
        if version == "h2" { return try HTTP2Connection.begin(channel, self, peer) }
        try channel.pipeline.syncOperations.addHandler(ClientConnection(doorway: self, peer: peer))
    }

    /// A connection that began as HTTP/1.1 goes on as HTTP/2 with what was read from it.
    func changeToHTTP2(
        _ channel: any Channel, _ peer: Peer, from handler: some ChannelHandler & RemovableChannelHandler,
        _ bytes: ByteBuffer
    ) {
        do {
            let pipeline = channel.pipeline.syncOperations
            let place = try pipeline.context(handler: handler)
            try serve(channel, peer, "h2")
            place.fireChannelRead(NIOAny(bytes))
            place.fireChannelReadComplete()
            pipeline.removeHandler(handler, promise: nil)
        } catch {
            channel.close(promise: nil)
        }
    }

    /// Starts a request, unless it is an authority's or its answer is that it should have come over TLS.
    func start(_ transaction: Transaction) {
        if let answers = edge.core.acmeAnswers, transaction.answer(answers) { return }
        // HQ asks whether sites are there, which a redirect of the listener would not tell.
        guard let port = listener.redirectPort, !transaction.context.isTLS,
            !transaction.isUncounted
        else { return transaction.start() }
        transaction.redirect(toPort: port)
    }

    /// What the listener adds to an answer. Browsers believe it only over TLS (RFC 6797, section 7.2).
    func dress(_ context: Context) {
        guard let hsts, context.isTLS else { return }
        context.resp.headers.set(Doorway.strictTransport, hsts.bytes)
    }

    /// The head with which a backend switches protocols, for the client.
    func switching(_ context: Context, to head: ResponseHead, _ allocator: ByteBufferAllocator) -> ByteBuffer
    {
        context.resp.copy(head)
        HeadWriter.removeHopByHop(&context.resp.headers)
        context.resp.headers.append(HeaderField(.connection, value: Bytes("Upgrade")))
        context.resp.headers.append(HeaderField(.upgrade, value: head.headers[.upgrade]))
        dress(context)
        return context.resp.buffer(with: allocator)
    }

    private static let strictTransport = HeaderName("Strict-Transport-Security")
}

/// A connection that is to be closed cannot be before it is registered with its loop.
private final class ClosedDoor: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func channelActive(context: ChannelHandlerContext) { context.close(promise: nil) }
}
