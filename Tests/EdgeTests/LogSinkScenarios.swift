import EdgeRecords
import Foundation
import Kernel
import NIOCore
import NIOPosix
import Testing

@testable import Edge

/// Lines on their way to other machines.
@Suite struct LogSinkScenarios {
    private let lines = Array("one\ntwo\n".utf8)
    private let message = SyslogMessage(host: "edge1", application: "hq-edge", process: 1)
    private static let group = MultiThreadedEventLoopGroup.singleton

    /// Collects what comes, datagrams with a line's end behind each.
    private final class Receiver: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        let text = Guarded("")
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let piece = String(buffer: unwrapInboundIn(data))
            text.withLock { $0 += piece }
        }
        var received: String { text.withLock { $0 } }
    }

    private final class Unwrapper: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias InboundOut = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data).data
            buffer.writeString("\n")
            context.fireChannelRead(wrapInboundOut(buffer))
        }
    }

    private func datagrams(_ receiver: Receiver) -> DatagramBootstrap {
        DatagramBootstrap(group: LogSinkScenarios.group).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandlers([Unwrapper(), receiver])
            }
        }
    }

    private func streams(_ receiver: Receiver) -> ServerBootstrap {
        ServerBootstrap(group: LogSinkScenarios.group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(receiver) }
        }
    }

    private func messages(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.components(separatedBy: " - - ").last ?? "" }
    }

    @Test func sendsSyslogInDatagrams() async throws {
        let receiver = Receiver()
        let server = try await datagrams(receiver).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let sink = SyslogSink(.udp(HostPort(host: "127.0.0.1", port: port)), message: message)
        try await sink.write(lines)
        #expect(try await eventually { messages(receiver.received) == ["one", "two"] })
        #expect(receiver.received.hasPrefix("<134>1 20"))
        await sink.close()
        try await server.close().get()
    }

    @Test func sendsSyslogOverTCPAndConnectsAgain() async throws {
        let receiver = Receiver()
        let server = try await streams(receiver).bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let sink = SyslogSink(.tcp(HostPort(host: "127.0.0.1", port: port)), message: message)
        try await sink.write(lines)
        #expect(try await eventually { receiver.received.hasSuffix(" - - two") })
        // Each message has its length in front.
        let length = try #require(Int(receiver.received.prefix { $0 != " " }))
        let first = receiver.received.drop { $0 != " " }.dropFirst().prefix(length)
        #expect(first.hasSuffix(" - - one"))
        await sink.close()
        try await sink.write(Array("three\n".utf8))
        #expect(try await eventually { receiver.received.hasSuffix(" - - three") })
        await sink.close()
        try await server.close().get()
        await #expect(throws: (any Error).self) { try await sink.write(lines) }
    }

    /// As /dev/log: what binds no address of its own has none, which NIO's own receiver does not take.
    @Test func sendsSyslogToASocketOfDatagrams() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let path = folder.path + "/log"
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
        #expect(isBound)
        let sink = SyslogSink(.socket(path), message: message)
        try await sink.write(lines)
        var text = ""
        for _ in 0..<2 {
            var bytes = [UInt8](repeating: 0, count: 1000)
            // What was written is there.
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            text += String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) + "\n"
        }
        #expect(messages(text) == ["one", "two"])
        await sink.close()
    }

    @Test func sendsSyslogToASocketThatTakesAStream() async throws {
        let folder = try ScratchFolder()
        defer { folder.remove() }
        let (receiver, path) = (Receiver(), folder.path + "/log")
        let server = try await streams(receiver).bind(unixDomainSocketPath: path).get()
        let sink = SyslogSink(.socket(path), message: message)
        try await sink.write(lines)
        #expect(
            try await eventually {
                receiver.received.contains(" - - one") && receiver.received.contains(" - - two")
            })
        await sink.close()
        try await server.close().get()
    }

    @Test func postsBatches() async throws {
        let origin = ScenarioOrigin()
        try await origin.start()
        // Bytes where none belong would close the connection under the next batch.
        origin.answer("/in", status: "204 No Content", body: "")
        let sink = HTTPSink(
            url: "http://127.0.0.1:\(origin.port)/in", format: .json, authorization: "Bearer x")
        try await sink.write(lines)
        let request = try #require(origin.requests.first).lowercased()
        #expect(request.hasPrefix("post /in ") && request.contains("content-type: application/x-ndjson"))
        #expect(request.contains("authorization: bearer x") && request.contains("content-length: 8"))
        // One that is in trouble may be asked again; one that refuses may not.
        origin.answer("/in", status: "503 Busy")
        await #expect(throws: Failure.self) { try await sink.write(lines) }
        origin.answer("/in", status: "400 Bad")
        await #expect(throws: LogRefusal.self) { try await sink.write(lines) }
        await sink.close()
        try await origin.end()
    }
}
