import HTTP1

/// `chunked-body` of RFC 9112, section 7.1: the body, and how many octets it took. What stops too early is incomplete only
/// as long as it is right.
struct ReferenceChunks {
    var body: [UInt8] = []
    var used = 0

    init(_ octets: [UInt8]) throws(ReferenceError) {
        var cursor = ReferenceCursor(octets)
        while true {
            let size = try ReferenceChunks.size(&cursor)
            try ReferenceChunks.within(HTTP1Limits.chunkExtensionBytes, &cursor, ReferenceChunks.extensions)
            try cursor.crlf()
            if size == 0 { break }
            for _ in 0..<size { body.append(try cursor.one { _ in true }) }
            try cursor.crlf()
        }
        try ReferenceChunks.within(HTTP1Limits.trailerBytes, &cursor, ReferenceChunks.trailers)
        used = cursor.at
    }

    /// A rule that may take so many octets, also when its end has not come yet.
    private static func within(
        _ bound: Int, _ cursor: inout ReferenceCursor,
        _ rule: (inout ReferenceCursor) throws(ReferenceError) -> Void
    ) throws(ReferenceError) {
        let start = cursor.at
        do throws(ReferenceError) {
            try rule(&cursor)
        } catch {
            throw cursor.octets.count - start > bound ? .malformed : error
        }
        if cursor.at - start > bound { throw .malformed }
    }

    /// `1*HEXDIG`, within HQ's bounds.
    private static func size(_ cursor: inout ReferenceCursor) throws(ReferenceError) -> Int {
        var digits = 0
        var value = 0
        repeat {
            let digit = try cursor.one(Octet.isHexdig)
            digits += 1
            if digits > HTTP1Limits.chunkSizeDigits || value >= 1 << (HTTP1Limits.chunkSizeBits - 4) {
                throw .malformed
            }
            value = value * 16 + Int(String(UnicodeScalar(digit)), radix: 16)!
        } while Octet.isHexdig(try cursor.peek())
        return value
    }

    /// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )`, before a CR.
    private static func extensions(_ cursor: inout ReferenceCursor) throws(ReferenceError) {
        while try cursor.peek() != 13 {
            _ = try cursor.many(Octet.isBlank)
            try cursor.text(";")
            _ = try cursor.many(Octet.isBlank)
            if try cursor.many(Octet.isTchar).isEmpty { throw .malformed }
            var ahead = cursor
            _ = try ahead.many(Octet.isBlank)
            guard try ahead.peek() == 61 else { continue }
            cursor = ahead
            try cursor.text("=")
            _ = try cursor.many(Octet.isBlank)
            if try cursor.peek() == 34 {
                try quotedString(&cursor)
            } else if try cursor.many(Octet.isTchar).isEmpty {
                throw .malformed
            }
        }
    }

    /// RFC 9110, section 5.6.4.
    private static func quotedString(_ cursor: inout ReferenceCursor) throws(ReferenceError) {
        try cursor.text("\"")
        while try cursor.peek() != 34 {
            if try cursor.peek() == 92 {
                try cursor.text("\\")
                _ = try cursor.one(Octet.isFieldOctet)
            } else {
                _ = try cursor.one(Octet.isQdtext)
            }
        }
        try cursor.text("\"")
    }

    /// `*( field-line CRLF ) CRLF`.
    private static func trailers(_ cursor: inout ReferenceCursor) throws(ReferenceError) {
        while try cursor.peek() != 13 {
            if try cursor.many(Octet.isTchar).isEmpty { throw .malformed }
            try cursor.text(":")
            _ = try cursor.many(Octet.isFieldOctet)
            try cursor.crlf()
        }
        try cursor.crlf()
    }
}
