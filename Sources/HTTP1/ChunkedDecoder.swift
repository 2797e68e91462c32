package import Kernel

/// Reads the chunked coding (RFC 9112, section 7.1) piece by piece. It says which part of the input is body;
/// it copies nothing but trailers. Extensions mean nothing to HQ and are dropped, yet their grammar is held to: what one
/// reader skips as an extension, another may take for the end of a line (RFC 9112, section 11.2).
package struct ChunkedDecoder: Sendable {
    private enum State {
        case size, sizeLF, data, dataCR, dataLF
        case extensionEnd, extensionStart, name, nameEnd, valueStart, value, quoted, escaped, quotedEnd
        case trailerStart, trailerName, trailerValue, trailerLF, lastLF, done, failed
    }

    package enum Step: Sendable, Equatable {
        /// `lower..<upper` of the input is body; go on at `upper`.
        case body(lower: Int, upper: Int)
        /// All input is used, more is needed.
        case needMore
        /// The body is complete; the next message starts at `next`.
        case end(next: Int)
        /// It stays that way.
        case malformed
    }

    private var state = State.size
    private var left = 0
    private var digits = 0
    /// Bytes of the present chunk's extensions, then of the trailers.
    private var extra = 0
    private var trailerLines: [UInt8] = []

    package init() {}

    /// What stood behind the body and may go on, once that has ended.
    package var trailers: Trailers? { trailerLines.isEmpty ? nil : Trailers(lines: trailerLines) }

    package mutating func next(_ bytes: Bytes, from: Int) -> Step {
        var at = from
        while at < bytes.count {
            if state == .data {
                let upper = min(bytes.count, at + left)
                left -= upper - at
                if left == 0 { state = .dataCR }
                return .body(lower: at, upper: upper)
            }
            guard let following = following(bytes[at]) else {
                state = .failed
                return .malformed
            }
            state = following
            at += 1
            if state == .done { return .end(next: at) }
        }
        return .needMore
    }

    /// The state behind `byte`, or nil if it may not stand here.
    private mutating func following(_ byte: UInt8) -> State? {
        switch state {
        case .size:
            return afterSize(byte)
        case .sizeLF:
            (digits, extra) = (0, 0)
            return byte == 0x0A ? (left == 0 ? .trailerStart : .data) : nil
        case .dataCR:
            return byte == 0x0D ? .dataLF : nil
        case .dataLF:
            return byte == 0x0A ? .size : nil
        case .trailerStart, .trailerName, .trailerValue, .trailerLF, .lastLF:
            extra += 1
            guard extra <= HTTP1Limits.trailerBytes, let next = inTrailers(byte) else { return nil }
            // The empty line alone, which ends nearly all bodies, is not kept.
            if state != .lastLF, next != .lastLF { trailerLines.append(byte) }
            return next
        case .data, .done, .failed:
            return nil
        default:
            // A CR is never part of them.
            if byte != 0x0D { extra += 1 }
            return extra <= HTTP1Limits.chunkExtensionBytes ? inExtension(byte) : nil
        }
    }

    private mutating func afterSize(_ byte: UInt8) -> State? {
        guard Octets.isHexadecimal(byte) else {
            guard digits > 0 else { return nil }
            extra = 1
            return lineOrExtensionEnd(byte)
        }
        digits += 1
        guard digits <= HTTP1Limits.chunkSizeDigits, left >> (HTTP1Limits.chunkSizeBits - 4) == 0 else {
            return nil
        }
        left = left << 4 | Int(byte < 0x40 ? byte - 0x30 : (byte | 0x20) - 0x57)
        return .size
    }

    /// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` of RFC 9112, section 7.1.1. White space at the end
    /// of the line is no part of it.
    private func inExtension(_ byte: UInt8) -> State? {
        switch state {
        case .extensionEnd:
            return extensionEnd(byte)
        case .extensionStart:
            if Octets.isSpace(byte) { return .extensionStart }
            return Octets.isToken(byte) ? .name : nil
        case .name:
            if Octets.isToken(byte) { return .name }
            if Octets.isSpace(byte) { return .nameEnd }
            return byte == 0x3D ? .valueStart : lineOrExtensionEnd(byte)
        case .nameEnd:
            if Octets.isSpace(byte) { return .nameEnd }
            return byte == 0x3D ? .valueStart : extensionEnd(byte)
        case .valueStart:
            if Octets.isSpace(byte) { return .valueStart }
            if byte == 0x22 { return .quoted }
            return Octets.isToken(byte) ? .value : nil
        case .value:
            return Octets.isToken(byte) ? .value : lineOrExtensionEnd(byte)
        case .quoted:
            if byte == 0x22 { return .quotedEnd }
            if byte == 0x5C { return .escaped }
            return Octets.isQuotable(byte) ? .quoted : nil
        case .escaped:
            return Octets.isText(byte) ? .quoted : nil
        default:
            return lineOrExtensionEnd(byte)
        }
    }

    private func lineOrExtensionEnd(_ byte: UInt8) -> State? {
        byte == 0x0D ? .sizeLF : extensionEnd(byte)
    }

    /// After a size, a name or a value: another extension may come, behind white space too.
    private func extensionEnd(_ byte: UInt8) -> State? {
        if Octets.isSpace(byte) { return .extensionEnd }
        return byte == 0x3B ? .extensionStart : nil
    }

    /// `*( field-line CRLF ) CRLF` of RFC 9112, section 7.1.2.
    private func inTrailers(_ byte: UInt8) -> State? {
        switch state {
        case .trailerStart:
            if byte == 0x0D { return .lastLF }
            return Octets.isToken(byte) ? .trailerName : nil
        case .trailerName:
            if byte == 0x3A { return .trailerValue }
            return Octets.isToken(byte) ? .trailerName : nil
        case .trailerValue:
            if byte == 0x0D { return .trailerLF }
            return Octets.isText(byte) ? .trailerValue : nil
        case .trailerLF:
            return byte == 0x0A ? .trailerStart : nil
        default:
            return byte == 0x0A ? .done : nil
        }
    }
}
