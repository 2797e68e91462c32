import HTTP1

/// A request's head as the grammar reads it from the front of some octets.
struct ReferenceRequest {
    var method: [UInt8]
    var target: [UInt8]
    var minor: Int
    var fields: ReferenceFields
    var framing: BodyFraming
    /// After RFC 9112, section 3.3: what is asked for, and of whom.
    var path: [UInt8]
    var host: [UInt8]?
    var used: Int

    init(_ octets: [UInt8]) throws(ReferenceError) {
        var cursor = ReferenceCursor(octets)
        method = try cursor.many(Octet.isTchar)
        if method.isEmpty { throw .malformed }
        try cursor.text(" ")
        target = try cursor.many(Octet.isTargetOctet)
        if target.isEmpty || target.count > HTTP1Limits.targetBytes { throw .malformed }
        try cursor.text(" HTTP/1.")
        minor = Int(try cursor.one(Octet.isDigit)) - 48
        try cursor.crlf()
        fields = try ReferenceFields(&cursor, isRequest: true)
        used = cursor.at
        if used > HTTP1Limits.headBytes { throw .malformed }
        let hosts = fields.values("host")
        if hosts.count > 1 || hosts.isEmpty && minor > 0 { throw .malformed }
        host = hosts.first
        if let host, ReferenceAuthority(host) == nil { throw .malformed }
        path = target
        framing = try ReferenceFraming.request(fields, minor: minor)
        try readTarget()
    }

    /// The four forms of section 3.2.
    private mutating func readTarget() throws(ReferenceError) {
        if method == Array("CONNECT".utf8) {
            guard let authority = ReferenceAuthority(target), let port = authority.port,
                !authority.host.isEmpty,
                !port.isEmpty, let number = Int(String(decoding: port, as: UTF8.self)), number > 0,
                number < 65536
            else { throw .malformed }
            return
        }
        if target[0] == 47 { return }
        if target == Array("*".utf8) {
            if method != Array("OPTIONS".utf8) { throw .malformed }
            return
        }
        // HQ serves no other scheme, and this one without TLS.
        let scheme = Array("http://".utf8)
        guard Octet.lowercase(Array(target.prefix(scheme.count))) == scheme else { throw .malformed }
        let rest = target.dropFirst(scheme.count)
        let named = Array(rest.prefix { $0 != 47 && $0 != 63 })
        guard let authority = ReferenceAuthority(named), !authority.host.isEmpty else { throw .malformed }
        host = named
        path = Array(rest.dropFirst(named.count))
        if path.isEmpty {
            path = method == Array("OPTIONS".utf8) ? [42] : [47]
        } else if path[0] == 63 {
            path = [47] + path
        }
    }
}
