import Kernel
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// The way out of a connection that speaks HTTP/1.1, in order, to a client or to a backend. A channel's write and flush cost a
/// hit as much as the program that it runs. So what is short, without TLS, gathers in the loop's `Outbox` and leaves with one
/// `send`; what is long, and what the socket does not take, goes through the channel, which waits for the other end. Confined to
/// its loop.
final class SocketOutput {
    let channel: any Channel
    private let outbox: Outbox
    /// The socket, when nothing stands between it and what is written here.
    private let socket: Int32?
    /// The channel was given something that it may still have.
    private var isBehindChannel = false
    /// The channel was given something that it was not told to send.
    private var needsFlush = false

    init(_ channel: any Channel, _ outbox: Outbox, encrypted: Bool) {
        self.channel = channel
        self.outbox = outbox
        socket =
            encrypted
            ? nil
            : try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { $0 }
    }

    /// Where the next `size` bytes are to be put, all of them, before anything else is called; nil when they have to be a buffer.
    func room(for size: Int) -> UnsafeMutablePointer<UInt8>? {
        guard socket != nil, size <= Outbox.capacity else { return nil }
        if isBehindChannel {
            guard !needsFlush,
                let waiting = try? channel.syncOptions?.getOption(.bufferedWritableBytes), waiting == 0
            else { return nil }
            isBehindChannel = false
        }
        return outbox.room(for: size, of: self)
    }

    func write(_ buffer: ByteBuffer) {
        let size = buffer.readableBytes
        if size <= EdgeLimits.copiedBody, let room = room(for: size) {
            buffer.withUnsafeReadableBytes { bytes in
                if let from = bytes.baseAddress { memcpy(room, from, size) }
            }
        } else {
            // What is before it leaves in the same system call.
            if outbox.isHeld(by: self) { give(outbox.take()) }
            give(buffer)
        }
    }

    private func give(_ buffer: ByteBuffer) {
        isBehindChannel = true
        needsFlush = true
        channel.write(buffer, promise: nil)
    }

    func flush() {
        if outbox.isHeld(by: self) { outbox.empty() }
        guard needsFlush else { return }
        needsFlush = false
        channel.flush()
    }

    func writeAndFlush(_ buffer: ByteBuffer) {
        write(buffer)
        flush()
    }

    /// What the socket does not take now the channel sends when it does. An error it meets too, and closes.
    fileprivate func send(_ bytes: UnsafeRawBufferPointer) {
        // A channel that has closed has given its descriptor back, and somebody else may have it.
        guard let socket, channel.isActive else { return }
        let sent = max(0, Glibc.send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)))
        guard sent < bytes.count else { return }
        isBehindChannel = true
        channel.writeAndFlush(ByteBuffer(bytes: bytes[sent...]), promise: nil)
    }
}

/// Where a loop's connections, one after the other, put together what they send. Confined to its loop.
final class Outbox {
    /// Two of the largest bodies that are copied behind their head.
    static let capacity = 2 * EdgeLimits.copiedBody

    private let start = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    private var count = 0
    private var holder: SocketOutput?

    deinit { start.deallocate() }

    func isHeld(by output: SocketOutput) -> Bool { holder === output }

    fileprivate func room(for size: Int, of output: SocketOutput) -> UnsafeMutablePointer<UInt8> {
        if holder !== output || count + size > Outbox.capacity { empty() }
        holder = output
        defer { count += size }
        return (start + count).assumingMemoryBound(to: UInt8.self)
    }

    fileprivate func empty() {
        guard let holder else { return }
        holder.send(contents)
        self.holder = nil
        count = 0
    }

    fileprivate func take() -> ByteBuffer {
        defer {
            holder = nil
            count = 0
        }
        return ByteBuffer(bytes: contents)
    }

    private var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }
}
