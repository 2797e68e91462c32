import Kernel
import NIOCore
import NIOSSL
import NIOTLS
import VCLRuntime

/// Holds a connection until its TLS handshake has ended: reads the client's hello for the name that it asks
/// for, lets NIOSSL do the handshake with that name's certificate, and hands the connection on. Confined to
/// its loop.
final class TLSGate: ChannelInboundHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private let doorway: Doorway
    private var peer: Peer
    private let certificates: Certificates
    private let hello = ServerHelloWatch()
    private var serverName = ""
    private var timer: Scheduled<Void>?

    init(doorway: Doorway, peer: Peer, certificates: Certificates) {
        self.doorway = doorway
        self.peer = peer
        self.certificates = certificates
    }

    /// In the order of the pipeline.
    func handlers(on channel: any Channel) -> [any ChannelHandler] {
        let names = SNIHandler { [self] result in
            if case .hostname(let name) = result { serverName = name }
            return channel.eventLoop.makeCompletedFuture { try shake(channel) }
        }
        return [ByteToMessageHandler(names), hello, self]
    }

    private func shake(_ channel: any Channel) throws {
        let tls = NIOSSLServerHandler(
            context: certificates.context(for: serverName.isEmpty ? nil : serverName))
        try channel.pipeline.syncOperations.addHandler(tls, position: .after(hello))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timer = context.eventLoop.scheduleTask(in: .seconds(EdgeLimits.handshakeSeconds)) {
            channel.close(mode: .all, promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted(let version): pass(context, version)
        // No request is under way that the edge should wait for.
        case is ChannelShouldQuiesceEvent: context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Strangers try the port all day; their handshakes that fail are worth no line in a log.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func pass(_ context: ChannelHandlerContext, _ version: String?) {
        peer.isTLS = true
        peer.facts = EdgeFacts(like: doorway.edge.core.facts, tls: facts(context))
        do {
            try doorway.serve(context.channel, peer, version)
            context.pipeline.syncOperations.removeHandler(hello, promise: nil)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    private func facts(_ context: ChannelHandlerContext) -> TLSFacts {
        var facts = TLSFacts()
        facts.serverName = serverName
        facts.cipherID = Int64(hello.cipher)
        facts.cipher = EdgeLimits.tlsCipherNames[hello.cipher] ?? ""
        facts.handshakeBytes = Int64(hello.sent)
        let version = (try? context.pipeline.syncOperations.nioSSL_tlsVersion()) ?? nil
        facts.version =
            switch version {
            case .tlsv13: "TLSv1.3"
            case .tlsv12: "TLSv1.2"
            default: ""
            }
        return facts
    }
}

/// Reads which cipher suite the server chose from its hello, which passes in the open; NIOSSL does not tell.
final class ServerHelloWatch: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var cipher: UInt16 = 0
    /// Bytes that the handshake sent.
    private(set) var sent = 0

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let buffer = unwrapOutboundIn(data)
        if sent == 0 { cipher = ServerHelloWatch.cipher(buffer) ?? 0 }
        sent += buffer.readableBytes
        context.write(data, promise: promise)
    }

    /// RFC 8446, sections 5.1 and 4.1.3: a record's head of 5 bytes, a message's of 4, a version, 32 random
    /// bytes and the session's identifier come before the suite.
    static func cipher(_ buffer: ByteBuffer) -> UInt16? {
        let start = buffer.readerIndex
        guard buffer.getInteger(at: start, as: UInt8.self) == 22,
            buffer.getInteger(at: start + 5, as: UInt8.self) == 2,
            let session = buffer.getInteger(at: start + 43, as: UInt8.self)
        else { return nil }
        return buffer.getInteger(at: start + 44 + Int(session), as: UInt16.self)
    }
}
