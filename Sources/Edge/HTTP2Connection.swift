import EdgeLink
import HTTP1
import Kernel
import NIOCore
import NIOHTTP2
import VCLRuntime

/// One client's HTTP/2 connection. NIO cuts it into streams, each of which is a channel with a `ClientStream`; it also
/// keeps the limits, says goodbye (GOAWAY) when the edge shall stop, and closes a connection that idles. What is left
/// is to count, and to close what never asks for anything. Confined to its loop.
final class HTTP2Connection: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTP2Frame

    let doorway: Doorway
    let peer: Peer
    private var served = 0
    private var timer: Scheduled<Void>?

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
        timer?.cancel()
        timer = nil
        return served
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let edge = doorway.edge
        edge.statistics.connections += 1
        edge.openConnections += 1
        let channel = context.channel
        // NIO's own clock for idle connections starts with the end of a stream.
        timer = context.eventLoop.scheduleTask(in: .seconds(EdgeLimits.clientIdleSeconds)) {
            channel.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        doorway.edge.openConnections -= 1
    }

    /// NIO has told the client with GOAWAY what was wrong. An error of one stream is no reason to close the others.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !(error is NIOHTTP2Errors.StreamError) else { return }
        context.close(promise: nil)
    }
}
