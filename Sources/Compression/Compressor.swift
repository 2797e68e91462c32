import CBrotli
import CZlib

/// Compresses one body, piece by piece. Not safe to use from two threads at once; what it gave is whole after `finish`.
package final class Compressor {
    private var deflater: UnsafeMutablePointer<z_stream>?
    private var brotli: OpaquePointer?
    private var finished = false

    /// What the library cannot do: no memory left.
    package struct Unavailable: Error {}

    /// `isFast`: for one answer alone, as quickly as can be; else for an object that is kept.
    package init(_ coding: ContentCoding, isFast: Bool = false) throws(Unavailable) {
        switch coding {
        case .gzip:
            let level = isFast ? CompressionLimits.fastestGzipLevel : CompressionLimits.gzipLevel
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            // 15 bits of window, and 16 for gzip's own head and end (RFC 1952).
            let done = deflateInit2_(
                stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            guard done == Z_OK else {
                stream.deallocate()
                throw Unavailable()
            }
            deflater = stream
        case .brotli:
            guard let state = BrotliEncoderCreateInstance(nil, nil, nil) else { throw Unavailable() }
            let quality = isFast ? CompressionLimits.fastestBrotliQuality : CompressionLimits.brotliQuality
            BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, quality)
            BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, CompressionLimits.brotliWindow)
            brotli = state
        }
    }

    deinit {
        if let deflater {
            deflateEnd(deflater)
            deflater.deallocate()
        }
        if let brotli { BrotliEncoderDestroyInstance(brotli) }
    }

    /// What there is to send after `input`, often nothing yet. With `flushes` all of it can be read by the other end at once,
    /// which costs some bytes; for bodies that are sent while they grow.
    package func compress(_ input: UnsafeRawBufferPointer, flushes: Bool = false) -> [UInt8] {
        precondition(!finished, "a body that has ended does not go on")
        guard deflater != nil else {
            return run(brotli: input, flushes ? BROTLI_OPERATION_FLUSH : BROTLI_OPERATION_PROCESS)
        }
        return run(deflate: input, flushes ? Z_SYNC_FLUSH : Z_NO_FLUSH)
    }

    /// The rest.
    package func finish() -> [UInt8] {
        precondition(!finished, "a body ends once")
        finished = true
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        return deflater == nil
            ? run(brotli: nothing, BROTLI_OPERATION_FINISH) : run(deflate: nothing, Z_FINISH)
    }

    private func run(deflate input: UnsafeRawBufferPointer, _ flush: Int32) -> [UInt8] {
        guard let deflater else { return [] }
        var out: [UInt8] = []
        deflater.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        deflater.pointee.avail_in = UInt32(input.count)
        repeat {
            out.appendRoom(CompressionLimits.room) { room in
                deflater.pointee.next_out = room.baseAddress
                deflater.pointee.avail_out = UInt32(room.count)
                // With room and input that are right it cannot fail; Z_BUF_ERROR says that there is nothing more.
                _ = CZlib.deflate(deflater, flush)
                return room.count - Int(deflater.pointee.avail_out)
            }
        } while deflater.pointee.avail_out == 0
        return out
    }

    private func run(brotli input: UnsafeRawBufferPointer, _ operation: BrotliEncoderOperation) -> [UInt8] {
        guard let brotli else { return [] }
        var out: [UInt8] = []
        var left = input.count
        var next = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        repeat {
            out.appendRoom(CompressionLimits.room) { room in
                var free = room.count
                var at = room.baseAddress
                BrotliEncoderCompressStream(brotli, operation, &left, &next, &free, &at, nil)
                return room.count - free
            }
        } while left > 0 || BrotliEncoderHasMoreOutput(brotli) != 0
        return out
    }
}

extension [UInt8] {
    /// Appends what `fill` writes into room for `count` bytes; it says how many.
    mutating func appendRoom(_ count: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        let piece = [UInt8](unsafeUninitializedCapacity: count) { room, used in used = fill(room) }
        if isEmpty { self = piece } else { append(contentsOf: piece) }
    }
}
