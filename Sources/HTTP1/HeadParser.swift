package import Kernel

// A head is parsed in one go once its empty line has arrived, in place: names and values are views of the bytes given.
// Strict by RFC 9112: no bare CR or NUL, no obsolete folding, no white space before a colon. A bare LF ends a line
// nowhere, since two readers who differ about that can be made to see two different messages.

package enum HeadParser {
    /// The number of bytes up to and including the head's empty line, or nil while it has not arrived.
    /// `from` is where an earlier search stopped.
    package static func endOfHead(_ bytes: Bytes, from: Int = 0) -> Int? {
        var at = max(0, from - 3)
        while let lf = bytes.firstIndex(of: 0x0A, from: at) {
            if lf >= 3, bytes[lf - 1] == 0x0D, bytes[lf - 2] == 0x0A, bytes[lf - 3] == 0x0D { return lf + 1 }
            // A head that ends in bare line feeds is malformed; ending it here lets the parser say so.
            if lf >= 1, bytes[lf - 1] == 0x0A { return lf + 1 }
            at = lf + 1
        }
        return nil
    }

    package static func request(_ bytes: Bytes, into head: inout RequestHead) throws(HeadError) -> BodyFraming
    {
        head.reset()
        guard bytes.count <= HTTP1Limits.headBytes else { throw .tooLarge }
        let line = try lineEnd(bytes, 0)
        guard let space = bytes.firstIndex(of: 0x20), space > 0, space < line else {
            throw .malformedStartLine
        }
        head.method = bytes.slice(0, space)
        for byte in head.method.buffer where !Octets.isToken(byte) { throw .malformedStartLine }
        guard let second = bytes.firstIndex(of: 0x20, from: space + 1), second < line, second > space + 1
        else { throw .malformedStartLine }
        head.target = bytes.slice(space + 1, second)
        guard head.target.count <= HTTP1Limits.targetBytes else { throw .targetTooLong }
        for byte in head.target.buffer where byte <= 0x20 || byte == 0x7F { throw .malformedStartLine }
        head.minor = try version(bytes.slice(second + 1, line))
        try headers(bytes, from: line + 2, into: &head.headers)
        try checkHost(head)
        return try requestFraming(head)
    }

    package static func response(_ bytes: Bytes, into head: inout ResponseHead) throws(HeadError) {
        head.reset()
        guard bytes.count <= HTTP1Limits.headBytes else { throw .tooLarge }
        let line = try lineEnd(bytes, 0)
        guard line >= 12, bytes[8] == 0x20 else { throw .malformedStartLine }
        head.minor = try version(bytes.slice(0, 8))
        guard let status = bytes.slice(9, 12).decimal, status >= 100, line == 12 || bytes[12] == 0x20
        else { throw .malformedStartLine }
        head.status = Int(status)
        head.reason = line > 13 ? bytes.slice(13, line) : .empty
        for byte in head.reason.buffer where byte < 0x20 && byte != 0x09 || byte == 0x7F {
            throw .malformedStartLine
        }
        try headers(bytes, from: line + 2, into: &head.headers)
    }

    /// How a response to `method` ends (RFC 9112, section 6.3).
    package static func responseFraming(_ head: ResponseHead, method: Bytes) throws(HeadError) -> BodyFraming
    {
        if method == "HEAD" || !head.mayHaveBody { return .none }
        if head.headers.contains(.transferEncoding) {
            // A length beside it is what a smuggler sends; the transfer encoding would win, so refuse the pair.
            guard !head.headers.contains(.contentLength) else { throw .conflictingLengths }
            guard isChunked(head.headers) else { throw .unknownTransferEncoding }
            return .chunked
        }
        return try length(head.headers).map { .length($0) } ?? .untilClose
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

    private static func headers(_ bytes: Bytes, from: Int, into list: inout HeaderList) throws(HeadError) {
        guard let start = bytes.start else { throw .malformedHeader }
        var at = from
        while true {
            let end = try lineEnd(bytes, at)
            if end == at { return }
            guard list.count < HTTP1Limits.headerLines else { throw .tooManyHeaders }
            var colon = at
            var hash: UInt32 = 2_166_136_261
            while colon < end, Octets.isToken(start[colon]) {
                hash = (hash ^ UInt32(lowercased(start[colon]))) &* 16_777_619
                colon += 1
            }
            guard colon > at, colon < end, start[colon] == 0x3A else { throw .malformedHeader }
            var lower = colon + 1
            var upper = end
            while lower < upper, start[lower] == 0x20 || start[lower] == 0x09 { lower += 1 }
            while upper > lower, start[upper - 1] == 0x20 || start[upper - 1] == 0x09 { upper -= 1 }
            for index in lower..<upper
            where start[index] < 0x20 && start[index] != 0x09 || start[index] == 0x7F {
                throw .malformedHeader
            }
            list.append(
                HeaderField(name: bytes.slice(at, colon), value: bytes.slice(lower, upper), hash: hash))
            at = end + 2
        }
    }

    private static func checkHost(_ head: RequestHead) throws(HeadError) {
        var hosts = 0
        for field in head.headers.fields
        where field.hash == HeaderName.host.hash && field.name.equalsIgnoringCase("Host") { hosts += 1 }
        if hosts > 1 { throw .duplicateHost }
        if hosts == 0, head.minor >= 1 { throw .missingHost }
        let host = head.headers[.host]
        for byte in host.buffer where !Octets.isHost(byte) { throw .malformedHeader }
    }

    private static func requestFraming(_ head: RequestHead) throws(HeadError) -> BodyFraming {
        if head.headers.contains(.transferEncoding) {
            guard !head.headers.contains(.contentLength), head.minor >= 1 else { throw .conflictingLengths }
            guard isChunked(head.headers) else { throw .unknownTransferEncoding }
            return .chunked
        }
        guard let length = try length(head.headers), length > 0 else { return .none }
        return .length(length)
    }

    /// Only plain `chunked`: HQ asks for nothing else (no TE), so that anything else is a mistake or an attack.
    private static func isChunked(_ headers: HeaderList) -> Bool {
        var lines = 0
        for field in headers.fields where field.name.equalsIgnoringCase("Transfer-Encoding") { lines += 1 }
        return lines == 1 && headers[.transferEncoding].equalsIgnoringCase("chunked")
    }

    /// Several equal lengths are one; different ones are an attack (RFC 9112, section 6.3).
    private static func length(_ headers: HeaderList) throws(HeadError) -> Int? {
        var result: Int?
        for field in headers.fields
        where field.hash == HeaderName.contentLength.hash && field.name.equalsIgnoringCase("Content-Length") {
            guard let value = field.value.decimal, field.value.count <= 18, value >= 0, field.value[0] != 0x2D
            else { throw .badLength }
            if let result, result != Int(value) { throw .conflictingLengths }
            result = Int(value)
        }
        return result
    }
}

extension HeaderField {
    init(name: Bytes, value: Bytes, hash: UInt32) {
        self.name = name
        self.value = value
        self.hash = hash
    }
}

/// Which octets may stand where, as tables.
package enum Octets {
    private static let token: [Bool] = (0..<256).map { byte in
        let extra: [UInt8] = Array("!#$%&'*+-.^_`|~".utf8)
        return byte < 128 && (extra.contains(UInt8(byte)) || isAlphanumeric(UInt8(byte)))
    }
    private static let host: [Bool] = (0..<256).map { byte in
        let extra: [UInt8] = Array("-._~!$&'()*+,;=:[]%".utf8)
        return byte < 128 && (extra.contains(UInt8(byte)) || isAlphanumeric(UInt8(byte)))
    }

    package static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
    }
    /// `tchar` of RFC 9110, section 5.6.2.
    package static func isToken(_ byte: UInt8) -> Bool { token[Int(byte)] }
    package static func isHost(_ byte: UInt8) -> Bool { host[Int(byte)] }
}
