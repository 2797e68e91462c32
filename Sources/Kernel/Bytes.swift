// The edge's strings. A request is answered without a Swift String: what it reads and makes are views of
// bytes that an arena, a cached object or the compiled program owns. A view is trivial to copy, and it is the
// holder's duty not to keep it longer than its owner lives. Three owners exist: the transaction's `Arena`
// (until the transaction ends), an immutable object that the transaction retains, and the program snapshot.

#if canImport(Glibc)
    import Glibc
#endif

/// A view of bytes that somebody else owns; `start == nil` is VCL's "not set", which differs from empty.
package struct Bytes: @unchecked Sendable {
    package let start: UnsafePointer<UInt8>?
    package let count: Int

    @inlinable package init(start: UnsafePointer<UInt8>?, count: Int) {
        self.start = start
        self.count = count
    }

    @inlinable package init(_ buffer: UnsafeRawBufferPointer) {
        start = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? Bytes.emptyStart
        count = buffer.count
    }

    /// A literal that lives for ever.
    @inlinable package init(_ literal: StaticString) {
        start = literal.utf8Start
        count = literal.utf8CodeUnitCount
    }

    nonisolated(unsafe) package static let emptyStart: UnsafePointer<UInt8> = {
        let one = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        one.initialize(to: 0)
        return UnsafePointer(one)
    }()

    @inlinable package static var notSet: Bytes { Bytes(start: nil, count: 0) }
    package static let empty = Bytes(start: emptyStart, count: 0)

    @inlinable package var isSet: Bool { start != nil }
    @inlinable package var isEmpty: Bool { count == 0 }

    @inlinable package subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < count, "a byte outside the view")
        return start.unsafelyUnwrapped[index]
    }

    /// The bytes from `lower` up to `upper`, which must lie within the view.
    @inlinable package func slice(_ lower: Int, _ upper: Int) -> Bytes {
        precondition(lower >= 0 && lower <= upper && upper <= count, "a slice outside the view")
        guard let start else { return self }
        return Bytes(start: start + lower, count: upper - lower)
    }

    @inlinable package var buffer: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: start, count: count)
    }
    @inlinable package var raw: UnsafeRawBufferPointer { UnsafeRawBufferPointer(buffer) }

    /// A copy as a Swift String; broken UTF-8 is repaired with U+FFFD.
    package var string: String { String(decoding: buffer, as: UTF8.self) }
    package var array: [UInt8] { Array(buffer) }
}

extension Bytes {
    /// Same bytes; "not set" compares as empty here. VCL's own comparison rules stand in VCLRuntime.
    @inlinable package static func == (left: Bytes, right: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        guard left.count > 0 else { return true }
        return memcmp(left.start.unsafelyUnwrapped, right.start.unsafelyUnwrapped, left.count) == 0
    }

    @inlinable package static func == (left: Bytes, right: StaticString) -> Bool {
        left == Bytes(right)
    }

    /// Equal without regard to ASCII case.
    @inlinable package func equalsIgnoringCase(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        guard count > 0 else { return true }
        let a = start.unsafelyUnwrapped
        let b = other.start.unsafelyUnwrapped
        for i in 0..<count where a[i] != b[i] {
            guard lowercased(a[i]) == lowercased(b[i]) else { return false }
        }
        return true
    }

    @inlinable package func equalsIgnoringCase(_ other: StaticString) -> Bool {
        equalsIgnoringCase(Bytes(other))
    }

    @inlinable package func hasPrefix(_ prefix: Bytes) -> Bool {
        count >= prefix.count && slice(0, prefix.count) == prefix
    }
    @inlinable package func hasPrefix(_ prefix: StaticString) -> Bool { hasPrefix(Bytes(prefix)) }

    @inlinable package func hasSuffix(_ suffix: Bytes) -> Bool {
        count >= suffix.count && slice(count - suffix.count, count) == suffix
    }

    @inlinable package func firstIndex(of byte: UInt8, from: Int = 0) -> Int? {
        guard from < count, let start else { return nil }
        guard let found = memchr(start + from, Int32(byte), count - from) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(start)
    }

    @inlinable package func lastIndex(of byte: UInt8) -> Int? {
        buffer.lastIndex(of: byte)
    }

    /// The first place where `other` begins, or nil.
    package func firstIndex(of other: Bytes) -> Int? {
        guard isSet, other.isSet else { return nil }
        if other.count == 0 { return 0 }
        var from = 0
        while let at = firstIndex(of: other[0], from: from), at + other.count <= count {
            if slice(at, at + other.count) == other { return at }
            from = at + 1
        }
        return nil
    }

    /// Without the spaces and tabs at either end (HTTP's OWS).
    @inlinable package var trimmed: Bytes {
        var lower = 0
        var upper = count
        guard let start else { return self }
        while lower < upper, start[lower] == 0x20 || start[lower] == 0x09 { lower += 1 }
        while upper > lower, start[upper - 1] == 0x20 || start[upper - 1] == 0x09 { upper -= 1 }
        return slice(lower, upper)
    }

    /// The decimal number that these bytes are, or nil if they are anything else or too large.
    @inlinable package var decimal: Int64? {
        guard count > 0, count <= 19, let start else { return nil }
        var index = 0
        var negative = false
        if start[0] == 0x2D {
            negative = true
            index = 1
            guard count > 1 else { return nil }
        }
        var value: Int64 = 0
        while index < count {
            let digit = start[index] &- 0x30
            guard digit <= 9 else { return nil }
            let (scaled, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, over2) = scaled.addingReportingOverflow(Int64(digit))
            guard !over, !over2 else { return nil }
            value = sum
            index += 1
        }
        return negative ? -value : value
    }

    /// Calls `body` with each part between `separator`s, trimmed; empty parts are left out.
    @inlinable package func forEachPart(separator: UInt8, _ body: (Bytes) -> Void) {
        var from = 0
        while from <= count {
            let to = firstIndex(of: separator, from: from) ?? count
            let part = slice(from, to).trimmed
            if part.count > 0 { body(part) }
            from = to + 1
        }
    }
}

@inlinable @inline(__always) package func lowercased(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
}

extension String {
    /// Runs `body` with a view of this string that is valid until it returns.
    package func withBytes<R>(_ body: (Bytes) throws -> R) rethrows -> R {
        var copy = self
        return try copy.withUTF8 { try body(Bytes(UnsafeRawBufferPointer($0))) }
    }
}
