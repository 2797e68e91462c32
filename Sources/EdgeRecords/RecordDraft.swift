package import Kernel

// A record is bytes: what the loop knows at the end of a request, copied with a few moves of memory. Nothing is
// formatted on the loop; whoever reads the record does that, on a thread of its own. The request's head is copied as
// it came, because taking it apart is the reader's work too; of it only the fields of `RecordField` ever go further.

/// One request's facts, before they are bytes. Its views live as long as the request.
package struct RecordDraft {
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        package static let tls = Flags(rawValue: 1)
        package static let http2 = Flags(rawValue: 2)
        /// The client left before the end of its answer.
        package static let cut = Flags(rawValue: 4)
        /// The head was refused before any program saw it.
        package static let refused = Flags(rawValue: 8)
    }

    /// Nanoseconds since 1970 at which the head had arrived.
    package var began: Int64 = 0
    /// Nanoseconds until the end of the answer had been handed to the connection.
    package var elapsed: Int64 = 0
    /// Nanoseconds until the head of the answer had been.
    package var firstByte: Int64 = 0
    package var bodyBytes: Int64 = 0
    /// Zero when the client left before there was an answer.
    package var status = 0
    package var cache = CacheResult.error
    package var flags: Flags = []
    package var client = IPAddress.unspecified
    package var clientPort = 0
    package var requestID: UInt64 = 0
    package var restarts = 0
    /// The number of the snapshot that it ran against.
    package var snapshot: Int64 = 0
    package var head = Bytes.empty
    /// `client.identity`, when the program set it.
    package var identity = Bytes.notSet
    package var backend = Bytes.notSet
    package var lines: [Bytes] = []

    package init() {}

    /// Bytes of the part that each record has.
    static let fixedBytes = 88

    /// At most so many bytes `encode` needs.
    package var mostBytes: Int {
        RecordDraft.fixedBytes + min(head.count, RecordLimits.headBytes) + 2 * RecordLimits.nameBytes
            + (lines.isEmpty
                ? 0 : RecordLimits.linesBytes + 2 * RecordLimits.lines)
    }

    /// Writes the record to `start`, in at most `room` bytes; head and lines are cut to fit. `room` is at least
    /// `fixedBytes` and two names. Returns its length.
    package func encode(to start: UnsafeMutableRawPointer, room: Int) -> Int {
        func put<T: BitwiseCopyable>(_ value: T, at offset: Int) {
            start.storeBytes(of: value, toByteOffset: offset, as: T.self)
        }
        var end = RecordDraft.fixedBytes
        func append(_ bytes: Bytes, most: Int) -> Int {
            let count = min(bytes.count, most, room - end)
            if count > 0, let from = bytes.start { (start + end).copyMemory(from: from, byteCount: count) }
            end += count
            return count
        }
        put(UInt16(truncatingIfNeeded: status), at: 4)
        put(cache.rawValue, at: 6)
        put(flags.rawValue, at: 7)
        put(began, at: 8)
        put(elapsed, at: 16)
        put(firstByte, at: 24)
        put(bodyBytes, at: 32)
        put(client.high, at: 40)
        put(client.low, at: 48)
        put(requestID, at: 56)
        put(snapshot, at: 64)
        put(UInt16(truncatingIfNeeded: clientPort), at: 72)
        put(UInt8(clamping: restarts), at: 74)
        put(UInt8(append(identity, most: RecordLimits.nameBytes)), at: 75)
        put(UInt8(append(backend, most: RecordLimits.nameBytes)), at: 76)
        put(UInt8(identity.isSet ? 1 : 0), at: 77)
        put(UInt16(append(head, most: RecordLimits.headBytes)), at: 78)
        var (count, bytes) = (0, 0)
        for line in lines.prefix(RecordLimits.lines) where end + 2 <= room {
            let place = end
            end += 2
            let most = min(RecordLimits.lineBytes, RecordLimits.linesBytes - bytes)
            let length = append(line, most: max(0, most))
            put(UInt16(length), at: place)
            bytes += length
            count += 1
        }
        put(UInt16(count), at: 80)
        put(UInt16(clamping: lines.count - count), at: 82)
        put(UInt32(end), at: 0)
        return end
    }
}
