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
