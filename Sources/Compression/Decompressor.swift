import CBrotli
import CZlib

/// Takes a coding off one body, piece by piece, and stops at what is no body: garbage, something behind the end, a bomb. Not
/// safe to use from two threads at once.
package final class Decompressor {
    package enum Fault: Error, Equatable { case malformed, tooLarge, unavailable }

    private var inflater: UnsafeMutablePointer<z_stream>?
    private var brotli: OpaquePointer?
    private let limit: Int
    private var bytesIn = 0
    private var bytesOut = 0
    /// The coding's own end has come.
    private var ended = false

    /// `limit`: bytes that may come out of it.
    package init(_ coding: ContentCoding, limit: Int = CompressionLimits.decompressedBytes) throws(Fault) {
        self.limit = limit
        switch coding {
        case .gzip:
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            stream.initialize(to: z_stream())
            guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
            else {
                stream.deallocate()
                throw .unavailable
            }
            inflater = stream
        case .brotli:
            guard let state = BrotliDecoderCreateInstance(nil, nil, nil) else { throw .unavailable }
            brotli = state
        }
    }

    deinit {
        if let inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
        if let brotli { BrotliDecoderDestroyInstance(brotli) }
    }

    /// What `input` stands for. After a fault nothing more may be asked.
    package func decompress(_ input: UnsafeRawBufferPointer) throws(Fault) -> [UInt8] {
        guard !input.isEmpty else { return [] }
        bytesIn += input.count
        return inflater == nil ? try run(brotli: input) : try run(gzip: input)
    }

    /// Throws when the body ended in the middle.
    package func finish() throws(Fault) { if !ended { throw .malformed } }

    private func run(gzip input: UnsafeRawBufferPointer) throws(Fault) -> [UInt8] {
        guard let inflater else { throw .unavailable }
        var out: [UInt8] = []
        inflater.pointee.next_in = UnsafeMutablePointer(
            mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        inflater.pointee.avail_in = UInt32(input.count)
        while true {
            // Members may follow each other (RFC 1952, section 2.2).
            if ended {
                guard inflater.pointee.avail_in > 0 else { return out }
                guard inflateReset(inflater) == Z_OK else { throw .malformed }
                ended = false
            }
            var status = Z_OK
            out.appendRoom(CompressionLimits.room) { room in
                inflater.pointee.next_out = room.baseAddress
                inflater.pointee.avail_out = UInt32(room.count)
                status = inflate(inflater, Z_NO_FLUSH)
                return room.count - Int(inflater.pointee.avail_out)
            }
            try check(out.count)
            switch status {
            case Z_STREAM_END: ended = true
            case Z_OK where inflater.pointee.avail_in > 0 || inflater.pointee.avail_out == 0: continue
            case Z_OK, Z_BUF_ERROR:
                bytesOut += out.count
                return out
            default: throw .malformed
            }
            if inflater.pointee.avail_in == 0 {
                bytesOut += out.count
                return out
            }
        }
    }

    private func run(brotli input: UnsafeRawBufferPointer) throws(Fault) -> [UInt8] {
        guard let brotli, !ended else { throw .malformed }
        var out: [UInt8] = []
        var left = input.count
        var next = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        while true {
            var status = BROTLI_DECODER_RESULT_ERROR
            out.appendRoom(CompressionLimits.room) { room in
                var free = room.count
                var at = room.baseAddress
                status = BrotliDecoderDecompressStream(brotli, &left, &next, &free, &at, nil)
                return room.count - free
            }
            try check(out.count)
            switch status {
            case BROTLI_DECODER_RESULT_SUCCESS:
                guard left == 0 else { throw .malformed }
                ended = true
                bytesOut += out.count
                return out
            case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT: continue
            case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
                bytesOut += out.count
                return out
            default: throw .malformed
            }
        }
    }

    private func check(_ fresh: Int) throws(Fault) {
        let total = bytesOut + fresh
        if total > limit { throw .tooLarge }
        if total > CompressionLimits.ratioCountsFrom, total / CompressionLimits.ratio > bytesIn {
            throw .tooLarge
        }
    }
}
