import HTTPCache
import Kernel
import NIOCore

/// A body that arrives from an origin and is read by any number of clients on any loop meanwhile. Kept bodies hold all
/// their bytes; a body that is only passed on drops what its reader has taken, and tells the fetch when to pause.
final class FetchedBody: StoredBody, @unchecked Sendable {
    enum End: Sendable, Equatable { case growing, complete, failed }

    fileprivate struct State {
        var buffers: [ByteBuffer] = []
        /// Where each buffer ends, in bytes from the body's beginning.
        var ends: [Int] = []
        /// How many bytes were dropped at the front.
        var base = 0
        var bytes = 0
        var held = 0
        var end = End.growing
        var isKept: Bool
        var readers: [(loop: any EventLoop, wake: @Sendable () -> Void)] = []
        var resume: (@Sendable () -> Void)?
    }

    private let state: Guarded<State>
    /// Whether its ESI tags are looked at when it is delivered. Set before anybody else has it.
    var isESI = false

    init(isKept: Bool) {
        state = Guarded(State(isKept: isKept))
    }

    /// A body that is already there.
    init(complete buffer: ByteBuffer) {
        var state = State(isKept: true)
        state.buffers = buffer.readableBytes > 0 ? [buffer] : []
        state.ends = state.buffers.map(\.readableBytes)
        state.bytes = buffer.readableBytes
        state.end = .complete
        self.state = Guarded(state)
    }

    override var byteCount: Int { state.withLock { $0.bytes } }

    override var footprint: Int { state.withLock { $0.memory + EdgeLimits.bodyOverhead } }

    var end: End { state.withLock { $0.end } }

    /// The whole as one buffer when it is complete and in one piece.
    var single: ByteBuffer? {
        state.withLock {
            $0.end == .complete && $0.base == 0 && $0.buffers.count <= 1
                ? $0.buffers.first ?? ByteBuffer() : nil
        }
    }

    /// Its length once it is complete and all of it is there.
    var completeLength: Int? {
        state.withLock { $0.end == .complete && $0.base == 0 ? $0.bytes : nil }
    }

    // MARK: the fetch's side

    /// False when the fetch shall pause until `resume` is called.
    func append(_ buffer: ByteBuffer, resume: @escaping @Sendable () -> Void) -> Bool {
        let (readers, goOn) = state.withLock { state in
            state.buffers.append(buffer)
            state.bytes += buffer.readableBytes
            state.ends.append(state.bytes)
            state.held += buffer.readableBytes
            let goOn = state.isKept || state.held < EdgeLimits.streamWindow
            if !goOn { state.resume = resume }
            return (state.takeReaders(), goOn)
        }
        wake(readers)
        return goOn
    }

    func finish(_ end: End) {
        wake(
            state.withLock { state in
                guard state.end == .growing else { return [] }
                state.end = end
                state.resume = nil
                if end == .complete, state.isKept, state.base == 0 { state.compact() }
                return state.takeReaders()
            })
    }

    /// From here on nothing is kept: the response turned out to be too large for the cache.
    func stopKeeping() { state.withLock { $0.isKept = false } }

    // MARK: the reader's side

    struct Chunk: Sendable {
        let buffers: [ByteBuffer]
        let next: Int
        let end: End
    }

    /// What is there from byte `cursor` on: bytes, because buffers may become one while somebody reads. When that is nothing and more may come, `wake` is called once on `loop`.
    func read(from cursor: Int, on loop: any EventLoop, wake: @escaping @Sendable () -> Void) -> Chunk {
        let (chunk, resume) = state.withLock { state -> (Chunk, (@Sendable () -> Void)?) in
            // Another reader has taken what this one never saw: it cannot have the whole any more.
            guard cursor >= state.base else { return (Chunk(buffers: [], next: cursor, end: .failed), nil) }
            let fresh = state.buffers(from: cursor)
            let next = state.ends.last ?? state.base
            if fresh.isEmpty, state.end == .growing { state.readers.append((loop, wake)) }
            var resume: (@Sendable () -> Void)?
            if !state.isKept {
                state.base = next
                state.held = 0
                state.buffers.removeAll(keepingCapacity: true)
                state.ends.removeAll(keepingCapacity: true)
                resume = state.resume
                state.resume = nil
            }
            return (Chunk(buffers: fresh, next: next, end: state.end), resume)
        }
        resume?()
        return chunk
    }

    private func wake(_ readers: [(loop: any EventLoop, wake: @Sendable () -> Void)]) {
        for reader in readers { reader.loop.execute(reader.wake) }
    }
}

private extension FetchedBody.State {
    mutating func takeReaders() -> [(loop: any EventLoop, wake: @Sendable () -> Void)] {
        defer { readers = [] }
        return readers
    }

    /// What its bytes take. One buffer may be a small part of what was read at once and keep all of that; several are such parts
    /// of one another, or large enough for it not to matter.
    var memory: Int { buffers.count == 1 ? buffers[0].storageCapacity : bytes }

    /// Many small pieces cost a write each on every hit, and a small part keeps the whole that it is of: a kept body of moderate
    /// size becomes one buffer of its own.
    mutating func compact() {
        guard buffers.count > 1 || memory > bytes * 2, bytes <= 1024 * 1024 else { return }
        var whole = ByteBufferAllocator().buffer(capacity: bytes)
        for var buffer in buffers { whole.writeBuffer(&buffer) }
        buffers = bytes > 0 ? [whole] : []
        ends = buffers.map(\.readableBytes)
    }

    /// Everything behind byte `cursor`.
    func buffers(from cursor: Int) -> [ByteBuffer] {
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
