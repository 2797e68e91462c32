import HTTP1
import Kernel

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

/// `uri-host [ ":" port ]` of RFC 9110, section 7.2, by RFC 3986.
struct ReferenceAuthority {
    var host: [UInt8]
    var port: [UInt8]?

    init?(_ octets: [UInt8]) {
        if octets.first == 91 {
            guard let close = octets.firstIndex(of: 93) else { return nil }
            host = Array(octets[...close])
            guard ReferenceAuthority.isIPv6(Array(octets[1..<close])) else { return nil }
        } else {
            host = Array(octets.prefix { $0 != 58 })
            guard ReferenceAuthority.isRegName(host) else { return nil }
        }
        let rest = octets.dropFirst(host.count)
        if rest.isEmpty { return }
        guard rest.first == 58, rest.dropFirst().allSatisfy(Octet.isDigit) else { return nil }
        port = Array(rest.dropFirst())
    }

    private static func isRegName(_ octets: [UInt8]) -> Bool {
        var rest = octets[...]
        while let first = rest.first {
            if first == 37 {
                guard rest.count >= 3, rest.dropFirst().prefix(2).allSatisfy(Octet.isHexdig) else {
                    return false
                }
                rest = rest.dropFirst(3)
            } else {
                guard Octet.isUnreserved(first) || Octet.isSubDelim(first) else { return false }
                rest = rest.dropFirst()
            }
        }
        return true
    }

    /// `IPv6address` of RFC 3986, section 3.2.2: eight groups, or fewer with one `::` for the rest.
    private static func isIPv6(_ octets: [UInt8]) -> Bool {
        let text = String(decoding: octets, as: UTF8.self)
        let halves = text.split(separator: "::", omittingEmptySubsequences: false).map(String.init)
        guard halves.count <= 2, !text.contains(":::") else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            for (place, part) in parts.enumerated() {
                let isLast = index == halves.count - 1 && place == parts.count - 1
                if isLast, part.contains(".") {
                    guard isIPv4(part) else { return false }
                    groups += 2
                } else {
                    guard !part.isEmpty, part.utf8.count <= 4, part.utf8.allSatisfy(Octet.isHexdig) else {
                        return false
                    }
                    groups += 1
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                guard !part.isEmpty, part.utf8.count <= 3, part.utf8.allSatisfy(Octet.isDigit) else {
                    return false
                }
                return (Int(part) ?? 256) < 256 && (part == "0" || !part.hasPrefix("0"))
            }
    }
}

/// A response's, likewise.
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
