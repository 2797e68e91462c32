import Kernel

/// Builds one string at the end of an arena, whose owner allocates nothing else there until `finish`.
struct ArenaWriter: ~Copyable {
    private let arena: Arena
    private let start: UnsafeMutablePointer<UInt8>
    private let room: Int
    private(set) var count = 0

    init(_ arena: Arena, room: Int) {
        self.arena = arena
        self.room = room
        start = arena.allocate(room)
    }

    @inline(__always) mutating func put(_ byte: UInt8) {
        precondition(count < room, "more bytes than room was asked for")
        start[count] = byte
        count += 1
    }

    mutating func put(_ bytes: Bytes) {
        guard let from = bytes.start, bytes.count > 0 else { return }
        precondition(bytes.count <= room - count, "more bytes than room was asked for")
        (start + count).update(from: from, count: bytes.count)
        count += bytes.count
    }

    mutating func put(_ literal: StaticString) { put(Bytes(literal)) }

    /// `width` decimal digits with leading `fill`.
    mutating func put(_ number: Int, width: Int, fill: UInt8 = 0x30) {
        var divisor = 1
        for _ in 1..<max(1, width) { divisor *= 10 }
        var started = false
        var rest = number
        while divisor > 0 {
            let digit = rest / divisor % 10
            started = started || digit > 0 || divisor == 1
            put(started ? UInt8(0x30 + digit) : fill)
            rest %= divisor
            divisor /= 10
        }
    }

    /// What was written from the byte `from` on.
    func written(from: Int) -> Bytes { Bytes(start: start + from, count: count - from) }

    /// Takes back what was written behind the first `kept` bytes.
    mutating func shorten(to kept: Int) {
        precondition(kept >= 0 && kept <= count, "a writer cannot grow by shortening")
        count = kept
    }

    consuming func finish() -> Bytes {
        arena.shrink(reserved: room, kept: count)
        return Bytes(start: start, count: count)
    }
}
