/// A host that answers, as the program declares it. Times in nanoseconds; defaults are Fastly's.
package struct Backend: Sendable, Hashable {
    package var name: String
    package var host = ""
    package var port = 80
    /// Nil for one that is spoken to in the open.
    package var tls: BackendTLS?
    /// Sent as Host in place of the request's, when set.
    package var hostHeader: String?
    /// For everything up to the first request: the name's look-up, the connection, the TLS handshake.
    package var connectTimeout: Int64 = 1_000_000_000
    package var firstByteTimeout: Int64 = 15_000_000_000
    package var betweenBytesTimeout: Int64 = 10_000_000_000
    /// For the whole of a fetch; 0 for no bound.
    package var fetchTimeout: Int64 = 0
    /// How long a connection may idle before it is closed; 0 leaves it to the host.
    package var keepAliveTime: Int64 = 0
    /// Requests that one connection serves; 0 for no bound.
    package var maxUse = 0
    /// How old a connection may be when it is used again; 0 for no bound.
    package var maxLifetime: Int64 = 0
    /// Which of a host's addresses are tried first.
    package var prefersIPv6 = true
    /// Connections at once; Fastly's default.
    package var maxConnections = 200
    /// Objects that keep away from it by saint mode (`beresp.saintmode`) until everything does; 0 turns saint mode off. Varnish's
    /// default.
    package var saintModeThreshold = 10
    /// Nil for a backend that is taken to be well.
    package var healthCheck: HealthCheck?

    package init(name: String) { self.name = name }

    package var address: String { "\(host):\(port)" }
}

/// How a backend is spoken to over TLS.
package struct BackendTLS: Sendable, Hashable {
    package enum Version: String, Sendable, CaseIterable {
        case tls10 = "1.0"
        case tls11 = "1.1"
        case tls12 = "1.2"
        case tls13 = "1.3"
    }

    /// Asked for in the handshake (SNI); the certificate's host, or the backend's, unless set.
    package var serverName: String?
    /// The name that the certificate must have; the backend's host unless set.
    package var certificateHost: String?
    package var checksCertificate = true
    package var minimum: Version?
    package var maximum: Version?
    /// For TLS 1.2 and older, in OpenSSL's notation.
    package var ciphers: String?
    /// Who may have signed the certificate, in PEM; the system's authorities unless set.
    package var authorities: String?
    /// What the edge shows of itself, in PEM, with its key.
    package var certificate: String?
    package var key: String?

    package init() {}
}
