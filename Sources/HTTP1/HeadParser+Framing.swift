package import Kernel

// How long a message is (RFC 9112, section 6.3). Whatever two readers might reckon differently is refused, not repaired:
// who smuggles a request in another's body lives on such differences.

extension HeadParser {
    /// How a response to `method` ends.
    package static func responseFraming(_ head: ResponseHead, method: Bytes) throws(HeadError) -> BodyFraming
    {
        if method == "HEAD" || !head.mayHaveBody { return .none }
        // What follows is a tunnel's.
        if method == "CONNECT", head.status < 300 { return .none }
        let fields = FramingFields(head.headers)
        if fields.codings > 0 {
            try checkChunked(head.headers, fields, minor: head.minor)
            return .chunked
        }
        guard fields.lengths > 0 else { return .untilClose }
        guard fields.lengths == 1 else { throw .conflictingLengths }
        return .length(try length(fields.length))
    }

    /// How a request ends, after a look at its Host.
    static func frame(_ head: inout RequestHead) throws(HeadError) -> BodyFraming {
        let fields = FramingFields(head.headers)
        if fields.hosts > 1 { throw .duplicateHost }
        if fields.hosts == 0, head.minor >= 1 { throw .missingHost }
        // An empty one is what a client sends that has no name to ask for (RFC 9112, section 3.2).
        if fields.hosts == 1, !Authority.isValid(fields.host) { throw .malformedHeader }
        if fields.codings > 0 {
            try checkChunked(head.headers, fields, minor: head.minor)
            return .chunked
        }
        guard fields.lengths > 0 else { return .none }
        var text = fields.length
        if fields.lengths > 1 || text.firstIndex(of: UInt8(ascii: ",")) != nil {
            guard joinEqualLengths(&head.headers) else { throw .conflictingLengths }
            text = head.headers[.contentLength]
        }
        let length = try length(text)
        return length > 0 ? .length(length) : .none
    }

    /// Only plain `chunked`: HQ asks for nothing else (no TE), so that anything else is a mistake or an attack. A length
    /// beside it is what a smuggler sends, and HTTP/1.0 does not know it (RFC 9112, section 6.1).
    private static func checkChunked(
        _ headers: HeaderList, _ fields: FramingFields, minor: Int
    ) throws(HeadError) {
        guard fields.lengths == 0, minor >= 1 else { throw .conflictingLengths }
        if fields.codings == 1, fields.coding.equalsIgnoringCase("chunked") { return }
        var (others, chunked, last) = (0, 0, false)
        for field in headers.fields where field.hash == HeaderName.transferEncoding.hash {
            guard field.name.equalsIgnoringCase(HeaderName.transferEncoding.bytes) else { continue }
            // Empty parts mean nothing (RFC 9110, section 5.6.1.2).
            field.value.forEachPart(separator: UInt8(ascii: ",")) { coding in
                last = coding.equalsIgnoringCase("chunked")
                if last { chunked += 1 } else { others += 1 }
            }
        }
        // Chunked twice, or not at the end: nobody can tell where the message stops.
        guard chunked == 1, last else { throw .badTransferEncoding }
        guard others == 0 else { throw .unknownTransferEncoding }
    }

    private static func length(_ text: Bytes) throws(HeadError) -> Int {
        guard text.count > 0, text.count <= HTTP1Limits.contentLengthDigits else { throw .badLength }
        var value = 0
        for byte in text.buffer {
            guard byte &- 0x30 < 10 else { throw .badLength }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// Makes one line of lengths that are all the same, in a list or on several lines, so that whoever reads the header
    /// later finds one number. False, and nothing is changed, if they differ.
    @discardableResult
    static func joinEqualLengths(_ headers: inout HeaderList) -> Bool {
        var first: Bytes?
        var (lines, isList, same) = (0, false, true)
        for field in headers.fields
        where field.hash == HeaderName.contentLength.hash
            && field.name.equalsIgnoringCase(HeaderName.contentLength.bytes)
        {
            lines += 1
            var from = 0
            while from <= field.value.count {
                let comma = field.value.firstIndex(of: UInt8(ascii: ","), from: from)
                if comma != nil { isList = true }
                let part = field.value.slice(from, comma ?? field.value.count).trimmed
                if let first, !(first == part) { same = false }
                first = first ?? part
                from = (comma ?? field.value.count) + 1
            }
        }
        if let first, same, lines > 1 || isList { headers.set(.contentLength, first) }
        return same
    }
}

/// The lines that decide where a message ends and whose it is, found in one pass.
private struct FramingFields {
    private(set) var (hosts, lengths, codings) = (0, 0, 0)
    private(set) var (host, length, coding) = (Bytes.notSet, Bytes.notSet, Bytes.notSet)

    init(_ list: HeaderList) {
        let (hostName, lengthName) = (HeaderName.host, HeaderName.contentLength)
        let codingName = HeaderName.transferEncoding
        for field in list.fields {
            if field.hash == hostName.hash, field.name.equalsIgnoringCase(hostName.bytes) {
                hosts += 1
                host = field.value
            } else if field.hash == lengthName.hash, field.name.equalsIgnoringCase(lengthName.bytes) {
                lengths += 1
                length = field.value
            } else if field.hash == codingName.hash, field.name.equalsIgnoringCase(codingName.bytes) {
                codings += 1
                coding = field.value
            }
        }
    }
}
