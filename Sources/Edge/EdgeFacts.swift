import Kernel
import VCLRuntime

/// What this edge knows of a visitor that no request says: where he is, by the database that it was given,
/// and how he is connected. One for all who come without TLS by HTTP/1.1, one for each other connection or
/// stream.
final class EdgeFacts: RequestFacts, Sendable {
    private let geo: GeoDatabase?
    let tls: TLSFacts?
    let http: ConnectionFacts?

    init(geo: GeoDatabase?, tls: TLSFacts? = nil, http: ConnectionFacts? = nil) {
        self.geo = geo
        self.tls = tls
        self.http = http
    }

    func geography(of address: IPAddress) -> GeoRecord? { geo?.record(of: address) }

    /// With the places that `other` knows.
    convenience init(like other: EdgeFacts?, tls: TLSFacts?, http: ConnectionFacts? = nil) {
        self.init(geo: other?.geo, tls: tls, http: http)
    }
}
