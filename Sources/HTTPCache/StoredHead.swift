import HTTP1
import Kernel

// A stored head is a run of bytes behind its response's fixed part: lengths as numbers of one byte where they fit in seven bits,
// names and values that everybody sends as a number too. A view of 40 bytes for each line, as requests have, would take more than the
// line; it is made when a hit copies the head into the lists of its request, which have their room already.

/// Writes a head into room that is large enough for it.
struct HeadEncoder {
    /// Bytes of a number of 64 bits.
    static let longestNumber = 10

    private(set) var count = 0
    private let room: UnsafeMutableBufferPointer<UInt8>

    init(_ room: UnsafeMutableBufferPointer<UInt8>) { self.room = room }

    mutating func put(number: UInt64) {
        var rest = number
        while rest > 0x7F {
            put(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        put(byte: UInt8(rest))
    }

    mutating func put(signed number: Int64) { put(number: UInt64(bitPattern: number << 1 ^ number >> 63)) }

    /// "Not set" stays apart from empty.
    mutating func put(value: Bytes) {
        guard let from = value.start else { return put(number: 0) }
        if let known = KnownValues.number(value) { return put(number: UInt64(known) << 1 | 1) }
        put(number: UInt64(value.count + 1) << 1)
        put(from, value.count)
    }

    mutating func put(name: Bytes, hash: UInt32) {
        if let known = KnownNames.number(name, hash) { return put(number: UInt64(known) << 1 | 1) }
        put(number: UInt64(name.count) << 1)
        if let from = name.start { put(from, name.count) }
    }

    private mutating func put(byte: UInt8) {
        precondition(count < room.count, "a head that is longer than its room")
        room[count] = byte
        count += 1
    }

    private mutating func put(_ from: UnsafePointer<UInt8>, _ length: Int) {
        precondition(length <= room.count - count, "a head that is longer than its room")
        guard length > 0 else { return }
        (room.baseAddress! + count).update(from: from, count: length)
        count += length
    }
}

/// Reads what the encoder wrote, in the same order. Its views last as long as the response.
struct HeadDecoder {
    private var next: UnsafePointer<UInt8>

    init(_ start: UnsafePointer<UInt8>) { next = start }

    mutating func number() -> UInt64 {
        let first = next[0]
        next += 1
        guard first > 0x7F else { return UInt64(first) }
        var (value, shift) = (UInt64(first & 0x7F), UInt64(7))
        while true {
            let byte = next[0]
            next += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte <= 0x7F { return value }
            shift += 7
        }
    }

    mutating func signed() -> Int64 {
        let value = number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func value() -> Bytes {
        let length = number()
        if length == 0 { return .notSet }
        return length & 1 == 1 ? KnownValues.all[Int(length >> 1)] : take(Int(length >> 1) - 1)
    }

    mutating func name() -> HeaderName {
        let length = number()
        return length & 1 == 1 ? KnownNames.all[Int(length >> 1)] : HeaderName(take(Int(length >> 1)))
    }

    mutating func field() -> HeaderField {
        let name = name()
        return HeaderField(name, value: value())
    }

    private mutating func take(_ count: Int) -> Bytes {
        defer { next += count }
        return Bytes(start: next, count: count)
    }
}
