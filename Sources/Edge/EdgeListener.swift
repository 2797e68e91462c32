package import Kernel

/// One place at which an edge listens, and what it does with those who come.
package struct EdgeListener: Sendable {
    package enum Place: Sendable, Hashable, CustomStringConvertible {
        case port(HostPort)
        case socket(path: String)

        /// `unix:/path`, or an address and a port.
        package init?(_ text: String) {
            if text.hasPrefix("unix:") {
                guard text.count > 5 else { return nil }
                self = .socket(path: String(text.dropFirst(5)))
            } else {
                guard let address = HostPort(text) else { return nil }
                self = .port(address)
            }
        }

        package var description: String {
            switch self {
            case .port(let address): address.description
            case .socket(let path): "unix:\(path)"
            }
        }
    }

    package var place: Place
    /// With them it speaks TLS.
    package var certificates: Certificates?
    /// Connections begin with a PROXY header, and come from these addresses alone; nil without the protocol.
    package var proxies: [AddressRange]?
    /// Requests without TLS are sent to https at this port.
    package var redirectPort: Int?
    /// For how long browsers shall use https alone; said in answers over TLS.
    package var hstsSeconds: Int?

    package init(_ place: Place) { self.place = place }

    var hsts: String? { hstsSeconds.map { "max-age=\($0)" } }
}
