import Kernel
import NIOCore

/// A connection that speaks another protocol from here on (RFC 9110, section 7.8): what one side sends goes to the other, no faster
/// than that takes it, until either closes or both have been silent for long. Both channels are on one loop, to which it is
/// confined.
final class Tunnel: @unchecked Sendable {
    private let edge: EdgeLoop
    private let client: any Channel
    private let origin: OriginConnection
    private let backend: any Channel
    private var lastSign = NIODeadline.now()
    private var timer: Scheduled<Void>?
    private var open = 2
    private var isEnding = false

    private init(_ edge: EdgeLoop, _ client: any Channel, _ origin: OriginConnection, _ backend: any Channel)
    {
        self.edge = edge
        self.client = client
        self.origin = origin
        self.backend = backend
    }

    /// Puts the tunnel's ends in the place of `handler` and of the connection to the backend. `toBackend` and `toClient` came
    /// already. False when a channel is closed.
    static func begin(
        _ edge: EdgeLoop, client: any Channel, _ handler: ClientConnection, to origin: OriginConnection,
        toBackend: ByteBuffer, toClient: ByteBuffer
    ) -> Bool {
        guard let backend = origin.channel, backend.isActive, client.isActive else { return false }
        let tunnel = Tunnel(edge, client, origin, backend)
        let (front, back) = (client.pipeline.syncOperations, backend.pipeline.syncOperations)
        do {
            try front.addHandler(TunnelEnd(tunnel, to: backend))
            try back.addHandler(TunnelEnd(tunnel, to: client))
        } catch {
            return false
        }
        edge.tunnels += 1
        edge.openConnections += 1
        front.removeHandler(handler, promise: nil)
        origin.hand(over: back)
        if toClient.readableBytes > 0 { client.writeAndFlush(toClient, promise: nil) }
        if toBackend.readableBytes > 0 { backend.writeAndFlush(toBackend, promise: nil) }
        for channel in [client, backend] {
            channel.setOption(.autoRead, value: true).whenFailure { _ in }
            channel.read()
        }
        tunnel.arm(after: OriginLimits.tunnelIdleSeconds * 1_000_000_000)
        return true
    }

    fileprivate func sign() { lastSign = .now() }

    private func arm(after nanoseconds: Int64) {
        timer = edge.loop.scheduleTask(in: .nanoseconds(nanoseconds)) { [self] in
            let left =
                OriginLimits.tunnelIdleSeconds * 1_000_000_000 - (NIODeadline.now() - lastSign).nanoseconds
            if left > 0, !isEnding { arm(after: left) } else { close() }
        }
    }

    private func close() {
        client.close(promise: nil)
        backend.close(promise: nil)
    }

    /// Closes both sides, once what is under way has left; a side that takes nothing has some seconds.
    fileprivate func end() {
        guard !isEnding else { return }
        isEnding = true
        timer?.cancel()
        arm(after: OriginLimits.lingerSeconds * 1_000_000_000)
        for channel in [client, backend] {
            channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    fileprivate func closed() {
        open -= 1
        // The other side may close while this one is told to.
        guard open == 0 else { return end() }
        timer?.cancel()
        edge.tunnels -= 1
        edge.openConnections -= 1
        origin.tunnelEnded()
    }
}

/// One side of a tunnel.
private final class TunnelEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let tunnel: Tunnel
    private let other: any Channel

    init(_ tunnel: Tunnel, to other: any Channel) {
        self.tunnel = tunnel
        self.other = other
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        tunnel.sign()
        other.write(unwrapInboundIn(data), promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) { other.flush() }

    /// The other side sends no faster than this one takes.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        other.setOption(.autoRead, value: context.channel.isWritable).whenFailure { _ in }
    }

    /// The edge shall stop. A tunnel does not end by itself, and its client will come back.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        tunnel.end()
    }

    func channelInactive(context: ChannelHandlerContext) { tunnel.closed() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { tunnel.end() }
}
