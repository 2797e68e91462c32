package import Kernel

/// Where a rehearsal goes: scheme, host and port of an edge.
package struct RehearsalTarget: Sendable, Hashable, CustomStringConvertible {
    package let isTLS: Bool
    package let address: HostPort

    package init(isTLS: Bool, address: HostPort) {
        self.isTLS = isTLS
        self.address = address
    }

    /// Reads `http://127.0.0.1:8080`, `https://www.example.org`, `127.0.0.1:8080`, `localhost`.
    package init(parsing text: String) throws(Failure) {
        var rest = text[...]
        var isTLS = false
        if let scheme = text.firstIndex(of: ":"), text[scheme...].hasPrefix("://") {
            guard ["http", "https"].contains(text[..<scheme].lowercased()) else {
                throw RehearsalTarget.mistake(text)
            }
            isTLS = text[..<scheme].lowercased() == "https"
            rest = text[text.index(scheme, offsetBy: 3)...]
        }
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        let port = isTLS ? 443 : 80
        let found = HostPort(String(rest)) ?? HostPort("\(rest):\(port)")
        guard let found, found.port > 0, !rest.isEmpty, !rest.hasPrefix(":"),
            found.host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"/?#@\\".utf8.contains($0) })
        else { throw RehearsalTarget.mistake(text) }
        self.init(isTLS: isTLS, address: found)
    }

    private static func mistake(_ text: String) -> Failure {
        Failure(
            .usage, "'\(text)' is no edge that can be asked",
            hint: "give a scheme, a host and a port, such as http://127.0.0.1:8080; paths are for --paths")
    }

    /// The Host header: the port is left out where it is the scheme's own.
    package var authority: String {
        let text = address.description
        let own = isTLS ? ":443" : ":80"
        return text.hasSuffix(own) ? String(text.dropLast(own.count)) : text
    }

    package var description: String { (isTLS ? "https://" : "http://") + authority }

    /// Whether an address, as the name was resolved, is this machine and nobody else's.
    package static func isLoopback(_ address: IPAddress) -> Bool {
        address.isIPv4 ? (address.low >> 24) & 0xFF == 127 : address.high == 0 && address.low == 1
    }
}
