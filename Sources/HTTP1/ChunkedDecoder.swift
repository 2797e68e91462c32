package import Kernel

/// Reads the chunked coding (RFC 9112, section 7.1) piece by piece. It says which part of the input is body;
/// it copies nothing.
package struct ChunkedDecoder: Sendable {
    private enum State {
        case size, extension_, sizeLF, data, dataCR, dataLF, trailerStart, trailer, trailerLF, lastLF, done
    }

    package enum Step: Sendable, Equatable {
        /// `lower..<upper` of the input is body; go on at `upper`.
        case body(lower: Int, upper: Int)
        /// All input is used, more is needed.
        case needMore
        /// The body is complete; the next message starts at `next`.
        case end(next: Int)
        case malformed
    }

    private var state = State.size
    private var left = 0
    private var digits = 0
    private var extra = 0

    package init() {}

    package mutating func next(_ bytes: Bytes, from: Int) -> Step {
        var at = from
        while at < bytes.count {
            if state == .data {
                let upper = min(bytes.count, at + left)
                left -= upper - at
                if left == 0 { state = .dataCR }
                return .body(lower: at, upper: upper)
            }
            guard accept(bytes[at]) else { return .malformed }
            at += 1
            if state == .done { return .end(next: at) }
        }
        return .needMore
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        switch state {
        case .size:
            return acceptSize(byte)
        case .extension_:
            extra += 1
            if byte == 0x0D { state = .sizeLF }
            return byte != 0x0A && extra <= HTTP1Limits.chunkExtensionBytes
        case .sizeLF:
            (digits, extra) = (0, 0)
            state = left == 0 ? .trailerStart : .data
            return byte == 0x0A
        case .dataCR:
            state = .dataLF
            return byte == 0x0D
        case .dataLF:
            state = .size
            return byte == 0x0A
        case .trailerStart:
            state = byte == 0x0D ? .lastLF : .trailer
            return byte != 0x0A
        case .trailer:
            extra += 1
            if byte == 0x0D { state = .trailerLF }
            return byte != 0x0A && byte != 0 && extra <= HTTP1Limits.trailerBytes
        case .trailerLF:
            state = .trailerStart
            return byte == 0x0A
        case .lastLF:
            state = .done
            return byte == 0x0A
        case .data, .done:
            return false
        }
    }

    private mutating func acceptSize(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        let value: Int
        if byte &- 0x30 < 10 {
            value = Int(byte - 0x30)
        } else if lower >= 0x61, lower <= 0x66 {
            value = Int(lower - 0x57)
        } else {
            state = byte == 0x3B ? .extension_ : .sizeLF
            return digits > 0 && (byte == 0x3B || byte == 0x0D)
        }
        digits += 1
        left = left << 4 | value
        return digits <= HTTP1Limits.chunkSizeDigits
    }
}
