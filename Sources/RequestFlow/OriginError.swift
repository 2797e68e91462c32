package import VCLRuntime

/// Why a backend gave no answer, or not the whole of one. The edge and the simulator say it in the same words: programs compare
/// `obj.response` with them (https://www.fastly.com/documentation/guides/vcl/errors/).
package enum OriginError: Error, Sendable, Hashable {
    /// The program names no backend, or probes say that it is not well.
    case noBackend, unhealthy
    /// A director's.
    case quorum, allUnhealthy, allUnhealthyByHash
    /// No connection could be made.
    case unresolved, refused, connectTimeout, unreachable
    case handshake, untrustedCertificate, expiredCertificate, wrongCertificateName
    /// All connections that the backend may have are in use, and stayed so.
    case exhausted
    case firstByteTimeout, betweenBytesTimeout, fetchTimeout, closed, malformed
    /// The client's body was used up by an earlier fetch.
    case bodyIsGone
    case loop
    case upgradeImpossible, tooManyTunnels
    /// The edge itself has no time for one more fetch.
    case overloaded
    /// An operator has switched fetching off (`hq edge shed on`).
    case cacheOnly

    package init(_ reason: NoBackend, of director: Director?) {
        self =
            switch reason {
            case .undeclared: .noBackend
            case .unhealthy: .unhealthy
            case .quorum: .quorum
            case .allUnhealthy: director?.policy == .chash ? .allUnhealthyByHash : .allUnhealthy
            }
    }

    /// What vcl_error reads as `obj.response`; Fastly's words where it has some.
    package var response: StaticString {
        switch self {
        case .noBackend: "no backend"
        case .unhealthy: "Backend is unhealthy"
        case .quorum: "Quorum weight not reached"
        case .allUnhealthy: "All backends failed or unhealthy"
        case .allUnhealthyByHash: "All backends failed or unhealthy (chash)"
        case .unresolved: "unable to resolve the backend's name"
        case .refused: "connection refused"
        case .connectTimeout: "connection timed out"
        case .unreachable: "network unreachable"
        case .handshake: "SSL handshake error"
        case .untrustedCertificate: "unable to get local issuer certificate"
        case .expiredCertificate: "certificate has expired"
        case .wrongCertificateName: "hostname doesn't match against certificate"
        case .exhausted: "backend.max_conn reached"
        case .firstByteTimeout: "first byte timeout"
        case .betweenBytesTimeout: "between bytes timeout"
        case .fetchTimeout: "fetch timeout"
        case .closed: "backend read error"
        case .malformed: "backend response malformed"
        case .bodyIsGone: "client read error"
        case .loop: "Loop detected"
        case .upgradeImpossible: "upgrade is not possible"
        case .tooManyTunnels: "too many upgraded connections"
        case .overloaded: "edge overloaded"
        case .cacheOnly: "only the cache is served"
        }
    }

    package var status: Int64 { self == .upgradeImpossible ? 501 : 503 }

    /// Whether nothing of the request can have reached the backend, so that another may be asked whatever the method is.
    package var isOfConnecting: Bool {
        switch self {
        case .unresolved, .refused, .connectTimeout, .unreachable, .handshake, .untrustedCertificate,
            .expiredCertificate, .wrongCertificateName, .exhausted:
            true
        default: false
        }
    }
}
