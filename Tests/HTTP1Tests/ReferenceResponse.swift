import HTTP1

/// A response's head as the grammar reads it from the front of some octets.
struct ReferenceResponse {
    var minor: Int
    var status: Int
    var reason: [UInt8] = []
    var fields: ReferenceFields
    var framing: BodyFraming
    var used: Int

    init(_ octets: [UInt8], to method: String) throws(ReferenceError) {
        var cursor = ReferenceCursor(octets)
        try cursor.text("HTTP/1.")
        minor = Int(try cursor.one(Octet.isDigit)) - 48
        try cursor.text(" ")
        status = 0
        for _ in 0..<3 { status = status * 10 + Int(try cursor.one(Octet.isDigit)) - 48 }
        if status < 100 { throw .malformed }
        // The space is due, but HQ forgives those who send no reason and not the space either.
        if try cursor.peek() == 32 {
            try cursor.text(" ")
            reason = try cursor.many(Octet.isFieldOctet)
        }
        try cursor.crlf()
        fields = try ReferenceFields(&cursor, isRequest: false)
        used = cursor.at
        if used > HTTP1Limits.headBytes { throw .malformed }
        framing = try ReferenceFraming.response(fields, minor: minor, status: status, method: method)
    }
}
