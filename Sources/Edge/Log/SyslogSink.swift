package import EdgeRecords
import Kernel
import NIOCore
import NIOPosix

/// Sends lines to a syslog server: RFC 5424 in datagrams, or over TCP with the length in front (RFC 6587).
package actor SyslogSink: LogSink {
    private let transport: LogPlace.SyslogTransport
    private let message: SyslogMessage
    private var channel: (any Channel)?
    /// A Unix socket that takes a stream, as some servers offer.
    private var isStream: Bool
    private static let group = MultiThreadedEventLoopGroup.singleton

    package init(_ transport: LogPlace.SyslogTransport, message: SyslogMessage) {
        self.transport = transport
        self.message = message
        if case .tcp = transport { isStream = true } else { isStream = false }
    }

    package func write(_ lines: [UInt8]) async throws {
        let channel = try await connected()
        let (message, isStream) = (message, isStream)
        do {
            if isStream {
                let buffer = ByteBuffer(
                    bytes: SyslogSink.frames(lines, message).flatMap(SyslogMessage.counted))
                try await SyslogSink.timed(channel.writeAndFlush(buffer))
            } else {
                for frame in SyslogSink.frames(lines, message) {
                    let buffer = ByteBuffer(bytes: frame.prefix(LogLimits.datagramBytes))
                    try await SyslogSink.timed(channel.writeAndFlush(buffer))
                }
            }
        } catch {
            // The next try connects anew.
            self.channel = nil
            channel.close(promise: nil)
            throw error
        }
    }

    private static func frames(_ lines: [UInt8], _ message: SyslogMessage) -> [[UInt8]] {
        let now = wallClock()
        return lines.split(separator: 0x0A).map { line in
            line.withUnsafeBytes { message.frame(Bytes($0), time: now) }
        }
    }

    private static func timed(_ future: EventLoopFuture<Void>) async throws {
        let done = future.eventLoop.makePromise(of: Void.self)
        future.cascade(to: done)
        let late = future.eventLoop.scheduleTask(in: .seconds(LogLimits.sendSeconds)) {
            done.fail(Failure(.unavailable, "nothing was taken for \(LogLimits.sendSeconds) s"))
        }
        defer { late.cancel() }
        try await done.futureResult.get()
    }

    private func connected() async throws -> any Channel {
        if let channel, channel.isActive { return channel }
        let made = try await connect()
        channel = made
        return made
    }

    private func connect() async throws -> any Channel {
        switch transport {
        case .tcp(let address):
            return try await SyslogSink.stream { $0.connect(host: address.host, port: address.port) }
        case .udp(let address):
            let place = try SocketAddress.makeAddressResolvingHost(address.host, port: address.port)
            return try await SyslogSink.datagrams { $0.connect(to: place) }
        case .socket(let path):
            do {
                let made = try await SyslogSink.datagrams { $0.connect(unixDomainSocketPath: path) }
                isStream = false
                return made
            } catch {
                let made = try await SyslogSink.stream { $0.connect(unixDomainSocketPath: path) }
                isStream = true
                return made
            }
        }
    }

    private static func stream(
        _ connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
    ) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(LogLimits.sendSeconds))
        return try await connect(bootstrap).get()
    }

    private static func datagrams(
        _ connect: (DatagramBootstrap) -> EventLoopFuture<any Channel>
    ) async throws -> any Channel {
        try await connect(DatagramBootstrap(group: group)).get()
    }

    package func close() async {
        try? await channel?.close().get()
        channel = nil
    }
}
