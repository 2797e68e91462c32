import HTTP1
package import Kernel
package import VCLRuntime

// Range requests to a whole response that is there (RFC 9110, section 14). One range is served; several, and what is no range of
// bytes, get the whole, as the RFC allows.

/// What of a response a request wants.
package enum WantedPart: Sendable, Equatable {
    case all
    case bytes(Range<Int>)
    /// The range lies behind the end.
    case none
}

extension Context {
    /// What of `length` bytes goes to the client.
    package func wantedPart(of length: Int, isHead: Bool) -> WantedPart {
        let value = req.headers[.range]
        guard value.isSet, resp.status == 200, !isHead, let range = ByteRange(value), mayServePart else {
            return .all
        }
        guard let bytes = range.bytes(of: length) else { return length > 0 ? .none : .all }
        return .bytes(bytes)
    }

    /// Whether If-Range, when there is one, names just this response (RFC 9110, section 13.1.5): a tag compares as a strong one,
    /// a date to the letter.
    private var mayServePart: Bool {
        let condition = req.headers[.ifRange]
        guard condition.isSet else { return true }
        if condition.hasPrefix("\"") { return condition == resp.headers[.etag] }
        return !condition.hasPrefix("W/") && condition == resp.headers[.lastModified]
    }

    package func answerRange(_ range: Range<Int>, of length: Int) {
        resp.status = 206
        resp.reason = HeadWriter.reason(206)
        resp.headers.set(
            .contentRange, arena.copy("bytes \(range.lowerBound)-\(range.upperBound - 1)/\(length)"))
    }

    package func refuseRange(of length: Int) {
        resp.status = 416
        resp.reason = HeadWriter.reason(416)
        resp.headers.set(.contentRange, arena.copy("bytes */\(length)"))
    }
}

/// One range of bytes as a request asks for it.
package struct ByteRange: Sendable, Equatable {
    /// The first byte; nil for so many of the last.
    package let first: Int64?
    /// The last byte, or how many of the last; nil for all the rest.
    package let last: Int64?

    /// Nil for several ranges, another unit and what is no range.
    package init?(_ value: Bytes) {
        guard value.count > 6, value.slice(0, 6).equalsIgnoringCase("bytes=") else { return nil }
        let spec = value.slice(6, value.count).trimmed
        guard let dash = spec.firstIndex(of: UInt8(ascii: "-")) else { return nil }
        let (from, to) = (spec.slice(0, dash), spec.slice(dash + 1, spec.count))
        guard ByteRange.isNumber(from), ByteRange.isNumber(to) else { return nil }
        first = from.decimal
        last = to.decimal
        if let first {
            if let last, last < first { return nil }
        } else if last == nil {
            return nil
        }
    }

    /// Digits or nothing; one that fits in no number is none.
    private static func isNumber(_ bytes: Bytes) -> Bool {
        bytes.isEmpty || bytes.count <= 18 && bytes.buffer.allSatisfy { $0 &- 0x30 < 10 }
    }

    /// Which of `length` bytes it means; nil when it lies behind the end.
    package func bytes(of length: Int) -> Range<Int>? {
        guard let first else {
            guard let last, last > 0, length > 0 else { return nil }
            return max(0, length - Int(last))..<length
        }
        guard first < length else { return nil }
        return Int(first)..<Int(min(last ?? .max, Int64(length - 1)) + 1)
    }
}
