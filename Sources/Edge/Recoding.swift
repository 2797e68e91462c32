import Atomics
import Compression
import HTTPCache
import Kernel
import NIOCore
import NIOPosix

/// Reads a body and makes its compressed or decompressed form of it, in steps of bounded size: small ones on the loop, others
/// on threads of their own, never two of one body at once. Whoever reads slowly holds it up, unless what it makes is kept.
final class Recoding: BodyProducer, @unchecked Sendable {
    enum Work: Sendable {
        case compress(ContentCoding, isFast: Bool)
        case decompress(ContentCoding)
    }

    private enum Coder {
        case compressor(Compressor)
        case decompressor(Decompressor)
    }

    let target: FetchedBody
    private let source: FetchedBody
    private let edge: EdgeLoop
    private let coder: Coder
    private var kept: (response: StoredResponse, key: [UInt8])?
    private var cursor = 0
    private var pieces: [ByteBuffer] = []
    private var sourceEnd = FetchedBody.End.growing
    private var bytesIn = 0
    private var leftOnLoop = EdgeLimits.codedOnLoopInAll
    private var isWaiting = false
    private var isWorking = false
    private var isPaused = false
    private var isOver = false

    /// Nil when too many are under way, or there is no memory for one more.
    init?(_ work: Work, of source: FetchedBody, isKept: Bool, on edge: EdgeLoop) {
        guard edge.core.recodings.begin() else { return nil }
        do {
            switch work {
            case .compress(let coding, let isFast):
                coder = .compressor(try Compressor(coding, isFast: isFast))
            case .decompress(let coding): coder = .decompressor(try Decompressor(coding))
            }
        } catch {
            edge.core.recodings.end()
            return nil
        }
        self.source = source
        self.edge = edge
        target = FetchedBody(isKept: isKept)
    }

    var isForCache: Bool { kept != nil }

    /// `kept` is the response in the cache that has `target`.
    func start(keeping kept: (StoredResponse, [UInt8])? = nil) {
        self.kept = kept.map { (response: $0.0, key: $0.1) }
        advance()
    }

    func cancel() {
        forget()
        end(.failed)
    }

    // MARK: steps

    private func advance() {
        while !isOver, !isWorking, !isPaused {
            if !pieces.isEmpty {
                step()
            } else if sourceEnd == .complete {
                finish()
            } else if isWaiting {
                return
            } else {
                read()
            }
        }
    }

    private func read() {
        let chunk = source.read(from: cursor, on: edge.loop) { [self] in
            isWaiting = false
            advance()
        }
        cursor = chunk.next
        pieces = chunk.buffers
        sourceEnd = chunk.end
        if chunk.end == .failed { return cancel() }
        if chunk.buffers.isEmpty, chunk.end == .growing { isWaiting = true }
    }

    /// Takes as much as one step may.
    private func takeStep() -> [ByteBuffer] {
        var (taken, room) = ([ByteBuffer](), CompressionLimits.step)
        while room > 0, !pieces.isEmpty {
            guard let piece = pieces[0].readSlice(length: min(room, pieces[0].readableBytes)) else { break }
            room -= piece.readableBytes
            taken.append(piece)
            if pieces[0].readableBytes == 0 { pieces.removeFirst() }
        }
        return taken
    }

    private func step() {
        let taken = takeStep()
        let count = taken.reduce(0) { $0 + $1.readableBytes }
        bytesIn += count
        if kept != nil, bytesIn > CacheLimits.objectBytes {
            forget()
            target.stopKeeping()
        }
        // The reader at the other end shall not wait for what may come much later.
        let flushes = pieces.isEmpty && sourceEnd == .growing
        if count <= EdgeLimits.codedOnLoop, count <= leftOnLoop {
            leftOnLoop -= count
            return took(run(taken, flushes))
        }
        isWorking = true
        Recoding.threads.submit { [self] _ in
            let result = run(taken, flushes)
            edge.loop.execute { [self] in
                isWorking = false
                took(result)
                advance()
            }
        }
    }

    /// On whatever thread, one at a time. Nil for what cannot be decompressed.
    private func run(_ taken: [ByteBuffer], _ flushes: Bool) -> [UInt8]? {
        var out: [UInt8] = []
        for (index, piece) in taken.enumerated() {
            let part = piece.withUnsafeReadableBytes { raw -> [UInt8]? in
                switch coder {
                case .compressor(let compressor):
                    compressor.compress(raw, flushes: flushes && index == taken.count - 1)
                case .decompressor(let decompressor): try? decompressor.decompress(raw)
                }
            }
            guard let part else { return nil }
            if out.isEmpty { out = part } else { out += part }
        }
        return out
    }

    private func took(_ result: [UInt8]?) {
        guard !isOver else { return }
        guard let result else { return cancel() }
        guard !result.isEmpty else { return }
        let goesOn = target.append(ByteBuffer(bytes: result)) { [self] in
            edge.loop.execute { [self] in
                isPaused = false
                advance()
            }
        }
        if !goesOn { isPaused = true }
    }

    private func finish() {
        switch coder {
        case .compressor(let compressor): took(compressor.finish())
        case .decompressor(let decompressor):
            guard (try? decompressor.finish()) != nil else { return cancel() }
        }
        end(.complete)
        // Once more, with the body's size known.
        if let kept { kept.key.withUnsafeBytes { edge.core.cache.recount(kept.response, key: Bytes($0)) } }
        kept = nil
    }

    private func end(_ end: FetchedBody.End) {
        guard !isOver else { return }
        isOver = true
        pieces = []
        target.finish(end)
        edge.core.recodings.end()
    }

    /// Half a response is no response for anybody else.
    private func forget() {
        guard let kept else { return }
        _ = kept.key.withUnsafeBytes { edge.core.cache.purge(Bytes($0), soft: false, now: wallClock()) }
        self.kept = nil
    }

    /// Started with the first body that needs them; they end with the process.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: EdgeLimits.coderThreads)
        pool.start()
        return pool
    }()
}

/// How many bodies are recoded now, of all loops.
final class RecodingCount: Sendable {
    private let count = ManagedAtomic<Int>(0)

    func begin() -> Bool {
        if count.wrappingIncrementThenLoad(ordering: .relaxed) <= EdgeLimits.recodings { return true }
        end()
        return false
    }

    func end() { count.wrappingDecrement(ordering: .relaxed) }
}
