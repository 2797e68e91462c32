import HTTP1
import Kernel
import NIOCore

/// Takes the PROXY header off a connection, which must come from a proxy that is trusted: anybody else could
/// claim any address, and is shown the door. Confined to its loop.
final class ProxyGate: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let doorway: Doorway
    private let peer: Peer
    private let trusted: [AddressRange]
    private var pending = ByteBuffer()
    private var timer: Scheduled<Void>?
    private var isClosing = false

    init(doorway: Doorway, peer: Peer, trusted: [AddressRange]) {
        self.doorway = doorway
        self.peer = peer
        self.trusted = trusted
    }

    /// Who may write to a Unix socket is for its folder's permissions to say.
    private func isTrusted(_ channel: any Channel) -> Bool {
        if case .unixDomainSocket = channel.localAddress { return true }
        return trusted.contains { $0.contains(peer.address) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard isTrusted(context.channel) else { return shut(context) }
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: .seconds(EdgeLimits.handshakeSeconds)) {
            channel.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelActive(context: ChannelHandlerContext) {
        // Closed here and not before: a channel cannot be closed while it is being set up.
        if isClosing { context.close(promise: nil) }
        context.fireChannelActive()
    }

    private func shut(_ context: ChannelHandlerContext) {
        isClosing = true
        if context.channel.isActive { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        var buffer = unwrapInboundIn(data)
        pending.writeBuffer(&buffer)
        switch pending.withUnsafeReadableBytes({ ProxyHeader.parse(Bytes($0)) }) {
        case .needMore: break
        case .malformed: shut(context)
        case .header(let header): pass(header, context)
        }
    }

    private func pass(_ header: ProxyHeader, _ context: ChannelHandlerContext) {
        pending.moveReaderIndex(forwardBy: header.byteCount)
        do {
            try doorway.admit(context.channel, Peer(header, through: peer))
        } catch {
            return shut(context)
        }
        if pending.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(pending)) }
        pending = ByteBuffer()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
