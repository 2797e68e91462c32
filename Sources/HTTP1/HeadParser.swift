package import Kernel

// A head is parsed in one go once its empty line has arrived, in place: names and values are views of the bytes given.
// Strict by RFC 9112: no bare CR or NUL, no obsolete folding, no white space before a request's colon. A bare LF ends a
// line nowhere, since two readers who differ about that can be made to see two different messages.

package enum HeadParser {
    /// The number of bytes up to and including the head's empty line, or nil while it has not arrived.
    /// `from` is where an earlier search stopped: the number of bytes that it saw.
    package static func endOfHead(_ bytes: Bytes, from: Int = 0) -> Int? {
        var at = from
        while let lf = bytes.firstIndex(of: 0x0A, from: at) {
            // A bare line feed is malformed; ending the head at it lets the parser say so at once.
            guard lf > 0, bytes[lf - 1] == 0x0D else { return lf + 1 }
            if lf >= 3, bytes[lf - 2] == 0x0A, bytes[lf - 3] == 0x0D { return lf + 1 }
            at = lf + 1
        }
        return nil
    }

    /// `overTLS` says whether the client may ask for `https` URIs (RFC 9110, section 7.4).
    package static func request(
        _ bytes: Bytes, into head: inout RequestHead, overTLS: Bool = false
    ) throws(HeadError) -> BodyFraming {
        head.reset()
        guard bytes.count <= HTTP1Limits.headBytes else { throw .tooLarge }
        let line = try lineEnd(bytes, 0)
        guard let space = bytes.firstIndex(of: 0x20), space > 0, space < line else {
            throw .malformedStartLine
        }
        head.method = bytes.slice(0, space)
        guard Octets.areToken(head.method.buffer) else { throw .malformedStartLine }
        guard let second = bytes.firstIndex(of: 0x20, from: space + 1), second < line, second > space + 1
        else { throw .malformedStartLine }
        head.target = bytes.slice(space + 1, second)
        guard head.target.count <= HTTP1Limits.targetBytes else { throw .targetTooLong }
        head.minor = try version(bytes.slice(second + 1, line))
        try checkTarget(head, overTLS: overTLS)
        try headers(bytes, from: line + 2, isRequest: true, into: &head.headers)
        return try frame(&head)
    }

    package static func response(_ bytes: Bytes, into head: inout ResponseHead) throws(HeadError) {
        head.reset()
        guard bytes.count <= HTTP1Limits.headBytes else { throw .tooLarge }
        let line = try lineEnd(bytes, 0)
        guard line >= 12, bytes[8] == 0x20 else { throw .malformedStartLine }
        head.minor = try version(bytes.slice(0, 8))
        // The space behind the code is due even without a reason (RFC 9112, section 4); many leave out both.
        guard let status = bytes.slice(9, 12).decimal, status >= 100, line == 12 || bytes[12] == 0x20
        else { throw .malformedStartLine }
        head.status = Int(status)
        head.reason = line > 13 ? bytes.slice(13, line) : .empty
        if let start = head.reason.start, !Octets.areText(start, head.reason.count) {
            throw .malformedStartLine
        }
        try headers(bytes, from: line + 2, isRequest: false, into: &head.headers)
        joinEqualLengths(&head.headers)
    }

    // MARK: parts

    /// The offset of the CR that ends the line starting at `from`.
    private static func lineEnd(_ bytes: Bytes, _ from: Int) throws(HeadError) -> Int {
        guard let lf = bytes.firstIndex(of: 0x0A, from: from), lf > from, bytes[lf - 1] == 0x0D
        else { throw from == 0 ? .malformedStartLine : .malformedHeader }
        return lf - 1
    }

    private static func version(_ bytes: Bytes) throws(HeadError) -> Int {
        guard bytes.count == 8, bytes.hasPrefix("HTTP/"), bytes[6] == 0x2E, bytes[5] &- 0x30 < 10,
            bytes[7] &- 0x30 < 10
        else { throw .malformedStartLine }
        guard bytes[5] == 0x31 else { throw .badVersion }
        return min(1, Int(bytes[7] - 0x30))
    }

    private static func checkTarget(_ head: RequestHead, overTLS: Bool) throws(HeadError) {
        let target = head.target
        guard let start = target.start, Octets.areTarget(start, target.count),
            RequestTarget.isValid(target, method: head.method)
        else { throw .malformedStartLine }
        guard start[0] != UInt8(ascii: "/"), !overTLS, let whole = RequestTarget.absolute(target) else {
            return
        }
        if whole.isSecure { throw .misdirected }
    }

    private static func headers(
        _ bytes: Bytes, from: Int, isRequest: Bool, into list: inout HeaderList
    ) throws(HeadError) {
        guard let start = bytes.start else { throw .malformedHeader }
        let lowercasedToken = Octets.lowercasedToken
        var at = from
        while true {
            let end = try lineEnd(bytes, at)
            if end == at { return }
            guard list.count < HTTP1Limits.headerLines else { throw .tooManyHeaders }
            var nameEnd = at
            var hash = HeaderName.emptyHash
            while nameEnd < end {
                let byte = lowercasedToken[Int(start[nameEnd])]
                guard byte != 0 else { break }
                hash = HeaderName.hash(hash, byte)
                nameEnd += 1
            }
            var colon = nameEnd
            // A response's has to be forgiven and dropped (RFC 9112, section 5.1).
            if !isRequest { while colon < end, Octets.isSpace(start[colon]) { colon += 1 } }
            guard nameEnd > at, colon < end, start[colon] == 0x3A else { throw .malformedHeader }
            var lower = colon + 1
            var upper = end
            while lower < upper, Octets.isSpace(start[lower]) { lower += 1 }
            while upper > lower, Octets.isSpace(start[upper - 1]) { upper -= 1 }
            guard Octets.areText(start + lower, upper - lower) else { throw .malformedHeader }
            list.append(
                HeaderField(
                    name: Bytes(start: start + at, count: nameEnd - at),
                    value: Bytes(start: start + lower, count: upper - lower), hash: hash))
            at = end + 2
        }
    }
}

extension HeaderField {
    init(name: Bytes, value: Bytes, hash: UInt32) {
        self.name = name
        self.value = value
        self.hash = hash
    }
}
