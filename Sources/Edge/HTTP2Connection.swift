import EdgeLink
import HTTP1
import Kernel
import NIOCore
import NIOHTTP2
import VCLRuntime

/// One client's HTTP/2 connection. NIO cuts it into streams, each of which is a channel with a
/// `ClientStream`; it also keeps the limits, and says goodbye (GOAWAY) when the edge shall stop or nothing
/// was asked for a while. What is left is to count, and to close on who does not answer to that. Confined to
/// its loop.
final class HTTP2Connection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTP2Frame

    let doorway: Doorway
    let peer: Peer
    private var served = 0
    private var streams = 0
    private var channel: (any Channel)?
    private var timer: Scheduled<Void>?
    /// Streams whose answers wait for the client.
    private var stalledStreams = 0
    private var slowness: SlowClientWatch?

    private init(doorway: Doorway, peer: Peer) {
        self.doorway = doorway
        self.peer = peer
    }

    /// Puts what speaks HTTP/2 at the pipeline's end.
    static func begin(_ channel: any Channel, _ doorway: Doorway, _ peer: Peer) throws {
        let connection = HTTP2Connection(doorway: doorway, peer: peer)
        let keeper = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(
                maxIdleTime: .seconds(EdgeLimits.clientIdleSeconds), maxAge: nil,
                maxGraceTime: .seconds(EdgeLimits.drainSeconds), keepalive: nil))
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: HTTP2Limits.connection,
            streamConfiguration: HTTP2Limits.stream, streamDelegate: keeper.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(ClientStream(on: connection))
            }
        }
        try pipeline.addHandlers([keeper, connection])
    }

    /// The number of the next request.
    func count() -> Int {
        served += 1
        return served
    }

    func opened() {
        streams += 1
        timer?.cancel()
        timer = nil
    }

    func closed() {
        streams -= 1
        if streams == 0 { armIdle() }
    }

    /// One more stream waits for the client, or one less. A client that opens no windows would hold all of them for ever.
    func stalled(_ change: Int) {
        stalledStreams += change
        if slowness == nil, let channel {
            slowness = SlowClientWatch(on: channel, doorway.edge.core.admission.limits) { [weak self] in
                self?.doorway.edge.statistics.slowClients += 1
                self?.channel?.close(promise: nil)
            }
        }
        slowness?.note(waiting: stalledStreams > 0)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        doorway.edge.statistics.connections += 1
        doorway.edge.openConnections += 1
        armIdle()
    }

    /// NIO's own clock starts with the end of a stream, and believes that the client confirms its goodbye.
    private func armIdle() {
        guard let channel else { return }
        let seconds = EdgeLimits.clientIdleSeconds + EdgeLimits.drainSeconds
        timer = channel.eventLoop.scheduleTask(in: .seconds(seconds)) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        slowness?.end()
        channel = nil
        doorway.edge.openConnections -= 1
    }

    /// NIO has told the client what was wrong, with GOAWAY or by resetting a stream; it says here which error
    /// it was, and not which of the two.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if !HTTP2Connection.concernsOneStream(error) { context.close(promise: nil) }
    }

    /// Malformed requests (RFC 9113, section 8.1.1), and streams beyond the limit, are no reason to close the
    /// others.
    private static func concernsOneStream(_ error: any Error) -> Bool {
        switch error {
        case is NIOHTTP2Errors.StreamError, is NIOHTTP2Errors.MaxStreamsViolation,
            is NIOHTTP2Errors.StreamClosed, is NIOHTTP2Errors.NoSuchStream,
            is NIOHTTP2Errors.EmptyPathHeader, is NIOHTTP2Errors.InvalidPseudoHeaders,
            is NIOHTTP2Errors.DuplicatePseudoHeader, is NIOHTTP2Errors.MissingPseudoHeader,
            is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader, is NIOHTTP2Errors.UnknownPseudoHeader,
            is NIOHTTP2Errors.UnsupportedPseudoHeader, is NIOHTTP2Errors.InvalidPseudoHeaderValue,
            is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName, is NIOHTTP2Errors.InvalidHTTP2HeaderFieldValue,
            is NIOHTTP2Errors.ForbiddenHeaderField, is NIOHTTP2Errors.TrailersWithoutEndStream,
            is NIOHTTP2Errors.ContentLengthViolated, is NIOHTTP2Errors.ContentLengthHeadersMismatch,
            is NIOHTTP2Errors.ContentLengthHeaderNegative,
            is NIOHTTP2Errors.ContentLengthHeaderMalformedValue:
            true
        default: false
        }
    }
}
