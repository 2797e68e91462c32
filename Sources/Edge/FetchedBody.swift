import HTTPCache
import Kernel
import NIOCore
import Synchronization

/// A body that arrives from an origin and is read by any number of clients on any loop meanwhile. Kept bodies hold all
/// their bytes; a body that is only passed on drops what its reader has taken, and tells the fetch when to pause. One that
/// is kept and complete is a single piece of memory, and a small one takes no more of it than it has bytes.
final class FetchedBody: StoredBody, @unchecked Sendable {
    enum End: Sendable, Equatable { case growing, complete, failed }

    private enum Content: Sendable {
        case parts(Parts)
        /// Complete, and copied behind its head by whoever writes it.
        case small(OwnBytes)
        /// Complete, and written as it is.
        case large(ByteBuffer)

        /// Of a body that is all here in one buffer.
        init(whole buffer: ByteBuffer) {
            guard buffer.readableBytes <= EdgeLimits.copiedBody else {
                self = .large(buffer)
                return
            }
            self = .small(buffer.withUnsafeReadableBytes { OwnBytes(copying: $0) })
        }
    }

    private let content: Mutex<Content>
    /// Whether its ESI tags are looked at when it is delivered. Set before anybody else has it.
    var isESI = false

    init(isKept: Bool) { content = Mutex(.parts(Parts(isKept: isKept))) }

    /// A body that is already there.
    init(complete buffer: ByteBuffer) { content = Mutex(Content(whole: buffer)) }

    deinit {
        content.withLock { if case .small(let bytes) = $0 { bytes.deallocate() } }
    }

    override var byteCount: Int {
        content.withLock {
            switch $0 {
            case .parts(let parts): parts.bytes
            case .small(let bytes): bytes.count
            case .large(let buffer): buffer.readableBytes
            }
        }
    }

    override var footprint: Int {
        content.withLock {
            switch $0 {
            case .parts(let parts): parts.memory + EdgeLimits.bodyOverhead + EdgeLimits.partsOverhead
            case .small(let bytes): bytes.count + EdgeLimits.bodyOverhead
            case .large(let buffer):
                buffer.storageCapacity + EdgeLimits.bodyOverhead + EdgeLimits.bufferOverhead
            }
        }
    }

    var end: End {
        content.withLock { if case .parts(let parts) = $0 { parts.end } else { .complete } }
    }

    /// The whole when it is complete and in one piece. Bytes are there as long as the body is.
    var whole: WholeBody? {
        content.withLock {
            switch $0 {
            case .parts(let parts): parts.single.map { .buffer($0) }
            case .small(let bytes): .bytes(bytes.view)
            case .large(let buffer): .buffer(buffer)
            }
        }
    }

    /// Its length once it is complete and all of it is there.
    var completeLength: Int? {
        content.withLock {
            switch $0 {
            case .parts(let parts): parts.end == .complete && parts.base == 0 ? parts.bytes : nil
            case .small(let bytes): bytes.count
            case .large(let buffer): buffer.readableBytes
            }
        }
    }

    // MARK: the fetch's side

    /// False when the fetch shall pause until `resume` is called.
    func append(_ buffer: ByteBuffer, resume: @escaping @Sendable () -> Void) -> Bool {
        let (readers, goOn) = content.withLock { content -> (Readers, Bool) in
            guard case .parts(let parts) = content else { preconditionFailure("a complete body grows") }
            return parts.append(buffer, resume: resume)
        }
        wake(readers)
        return goOn
    }

    func finish(_ end: End) {
        wake(
            content.withLock { content in
                guard case .parts(let parts) = content, parts.end == .growing else { return [] }
                parts.end = end
                parts.resume = nil
                if let whole = parts.gathered { content = Content(whole: whole) }
                return parts.takeReaders()
            })
    }

    /// From here on nothing is kept: the response turned out to be too large for the cache.
    func stopKeeping() {
        content.withLock { if case .parts(let parts) = $0 { parts.isKept = false } }
    }

    // MARK: the reader's side

    struct Chunk: Sendable {
        let buffers: [ByteBuffer]
        let next: Int
        let end: End
    }

    /// What is there from byte `cursor` on: bytes, because buffers may become one while somebody reads. When that is nothing
    /// and more may come, `wake` is called once on `loop`.
    func read(from cursor: Int, on loop: any EventLoop, wake: @escaping @Sendable () -> Void) -> Chunk {
        let (chunk, resume) = content.withLock { content -> (Chunk, (@Sendable () -> Void)?) in
            let whole: WholeBody
            switch content {
            case .parts(let parts): return parts.read(from: cursor, on: loop, wake: wake)
            case .small(let bytes): whole = .bytes(bytes.view)
            case .large(let buffer): whole = .buffer(buffer)
            }
            let rest = cursor < whole.count ? [whole.part(cursor..<whole.count).buffer] : []
            return (Chunk(buffers: rest, next: max(cursor, whole.count), end: .complete), nil)
        }
        resume?()
        return chunk
    }

    private func wake(_ readers: Readers) {
        for reader in readers { reader.loop.execute(reader.wake) }
    }
}

private typealias Readers = [(loop: any EventLoop, wake: @Sendable () -> Void)]

/// A body that is not yet, or never will be, in one piece. Guarded by its body's lock.
private final class Parts: @unchecked Sendable {
    private var buffers: [ByteBuffer] = []
    /// Where each buffer ends, in bytes from the body's beginning.
    private var ends: [Int] = []
    /// How many bytes were dropped at the front.
    private(set) var base = 0
    private(set) var bytes = 0
    private var held = 0
    var end = FetchedBody.End.growing
    var isKept: Bool
    private var readers: Readers = []
    var resume: (@Sendable () -> Void)?

    init(isKept: Bool) { self.isKept = isKept }

    func takeReaders() -> Readers {
        defer { readers = [] }
        return readers
    }

    func append(_ buffer: ByteBuffer, resume: @escaping @Sendable () -> Void) -> (Readers, Bool) {
        buffers.append(buffer)
        bytes += buffer.readableBytes
        ends.append(bytes)
        held += buffer.readableBytes
        let goOn = isKept || held < EdgeLimits.streamWindow
        if !goOn { self.resume = resume }
        return (takeReaders(), goOn)
    }

    /// What its bytes take. One buffer may be a small part of what was read at once and keep all of that; several are such
    /// parts of one another, or large enough for it not to matter.
    var memory: Int { buffers.count == 1 ? buffers[0].storageCapacity : bytes }

    var single: ByteBuffer? {
        end == .complete && base == 0 && buffers.count <= 1 ? buffers.first ?? ByteBuffer() : nil
    }

    /// The whole in one buffer. Many small pieces cost a write each on every hit, and a small part keeps the whole that it is of:
    /// a kept body of moderate size becomes one buffer of its own.
    var gathered: ByteBuffer? {
        guard end == .complete, isKept, base == 0 else { return nil }
        if let single, memory <= bytes * 2 || bytes <= EdgeLimits.copiedBody { return single }
        guard bytes <= EdgeLimits.gatheredBody else { return nil }
        var whole = ByteBufferAllocator().buffer(capacity: bytes)
        for var buffer in buffers { whole.writeBuffer(&buffer) }
        return whole
    }

    func read(from cursor: Int, on loop: any EventLoop, wake: @escaping @Sendable () -> Void) -> (
        FetchedBody.Chunk, (@Sendable () -> Void)?
    ) {
        // Another reader has taken what this one never saw: it cannot have the whole any more.
        guard cursor >= base else {
            return (FetchedBody.Chunk(buffers: [], next: cursor, end: .failed), nil)
        }
        let fresh = buffers(from: cursor)
        let next = ends.last ?? base
        if fresh.isEmpty, end == .growing { readers.append((loop, wake)) }
        let goOn = isKept ? nil : resume
        if !isKept {
            base = next
            held = 0
            buffers.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
            resume = nil
        }
        return (FetchedBody.Chunk(buffers: fresh, next: next, end: end), goOn)
    }

    /// Everything behind byte `cursor`.
    private func buffers(from cursor: Int) -> [ByteBuffer] {
        var (low, high) = (0, ends.count)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > cursor { high = middle } else { low = middle + 1 }
        }
        guard low < buffers.count else { return [] }
        var fresh = Array(buffers[low...])
        let taken = cursor - (ends[low] - buffers[low].readableBytes)
        if taken > 0 { fresh[0].moveReaderIndex(forwardBy: taken) }
        return fresh
    }
}

/// Bytes in memory of their own, exactly as much as they need: a `ByteBuffer` rounds up to a power of two and has an object besides.
private struct OwnBytes: @unchecked Sendable {
    private let start: UnsafeMutableRawPointer?
    let count: Int

    init(copying bytes: UnsafeRawBufferPointer) {
        count = bytes.count
        start = count > 0 ? .allocate(byteCount: count, alignment: 1) : nil
        if let source = bytes.baseAddress { start?.copyMemory(from: source, byteCount: count) }
    }

    var view: Bytes { Bytes(UnsafeRawBufferPointer(start: start, count: count)) }

    func deallocate() { start?.deallocate() }
}
