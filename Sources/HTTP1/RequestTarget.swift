package import Kernel

// The four forms of a request's target (RFC 9112, section 3.2). A gateway has to accept a whole URI although no browser
// sends it one, and must then believe it rather than the Host line: of two readers who believe different ones, one caches
// what the other answered.

enum RequestTarget {
    /// Whether this is a form that `method` may use. What its octets are has been checked before.
    static func isValid(_ target: Bytes, method: Bytes) -> Bool {
        if method == "CONNECT" { return Authority.isValid(target, needsPort: true) }
        if target[0] == UInt8(ascii: "/") { return true }
        if target == "*" { return method == "OPTIONS" }
        return absolute(target) != nil
    }

    /// The parts of a whole URI: `http` and `https` alone, as a gateway cannot get anything else. User and password in it
    /// are refused, since a reader who cuts at another `@` sees another host (RFC 9110, section 4.2.4).
    static func absolute(_ target: Bytes) -> (isSecure: Bool, authority: Bytes, path: Bytes)? {
        let isSecure = hasScheme(target, "https://")
        guard isSecure || hasScheme(target, "http://") else { return nil }
        let from = isSecure ? 8 : 7
        var end = from
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?") {
            end += 1
        }
        let authority = target.slice(from, end)
        guard authority.count > 0, authority[0] != UInt8(ascii: ":"), Authority.isValid(authority)
        else { return nil }
        return (isSecure, authority, target.slice(end, target.count))
    }

    private static func hasScheme(_ target: Bytes, _ scheme: StaticString) -> Bool {
        let count = scheme.utf8CodeUnitCount
        return target.count >= count && target.slice(0, count).equalsIgnoringCase(scheme)
    }
}

extension RequestHead {
    /// Makes a whole URI that host's path and its authority the Host line (RFC 9112, section 3.2.2). Whatever reads
    /// target and Host comes after this. What the target lacks is made in `arena`.
    package mutating func takeOriginForm(in arena: Arena) {
        guard target.count > 0, target[0] != UInt8(ascii: "/"),
            let (_, authority, path) = RequestTarget.absolute(target)
        else { return }
        headers.set(.host, authority)
        if path.isEmpty {
            // OPTIONS of a URI without a path asks about the server (RFC 9112, section 3.2.4).
            target = method == "OPTIONS" ? Bytes("*") : Bytes("/")
        } else if path[0] == UInt8(ascii: "/") {
            target = path
        } else {
            target = arena.concatenate([Bytes("/"), path])
        }
    }
}

/// `uri-host [ ":" port ]` of RFC 9110, section 7.2, as Host has it.
enum Authority {
    static func isValid(_ text: Bytes, needsPort: Bool = false) -> Bool {
        guard let start = text.start else { return false }
        var at = 0
        if text.count > 0, start[0] == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")), isIPv6(text.slice(1, close))
            else { return false }
            at = close + 1
        } else {
            while at < text.count, start[at] != UInt8(ascii: ":") {
                if start[at] == UInt8(ascii: "%") {
                    guard at + 2 < text.count, Octets.isHexadecimal(start[at + 1]),
                        Octets.isHexadecimal(start[at + 2])
                    else { return false }
                    at += 3
                } else {
                    guard Octets.isName(start[at]) else { return false }
                    at += 1
                }
            }
        }
        if at == text.count { return !needsPort }
        guard start[at] == UInt8(ascii: ":"), !needsPort || at > 0 else { return false }
        return isPort(text.slice(at + 1, text.count), mayBeEmpty: !needsPort)
    }

    /// Names none of IPvFuture's versions, as there are none.
    private static func isIPv6(_ text: Bytes) -> Bool {
        text.firstIndex(of: UInt8(ascii: ":")) != nil && IPAddress(text) != nil
    }

    /// A port that a connection can have is asked for only where one would be made; elsewhere a port is any digits.
    private static func isPort(_ text: Bytes, mayBeEmpty: Bool) -> Bool {
        for byte in text.buffer where byte &- 0x30 >= 10 { return false }
        if mayBeEmpty { return true }
        guard let port = text.decimal else { return false }
        return port > 0 && port <= 65535
    }
}
