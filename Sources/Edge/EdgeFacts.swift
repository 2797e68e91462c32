import Kernel
import VCLRuntime

/// What this edge knows that no request says: which backends are well, where a visitor is, by the database that it was given, and
/// how he is connected. One for all who come without TLS by HTTP/1.1, one for each other connection or stream.
final class EdgeFacts: RequestFacts, Sendable {
    private let geo: GeoDatabase?
    private let health: HealthChecks
    let tls: TLSFacts?
    let http: ConnectionFacts?
    let segment: SegmentFacts?
    let place: PlaceFacts?

    init(
        geo: GeoDatabase?, health: HealthChecks, tls: TLSFacts? = nil, http: ConnectionFacts? = nil,
        segment: SegmentFacts? = nil, place: PlaceFacts? = nil
    ) {
        self.segment = segment
        self.place = place
        self.geo = geo
        self.health = health
        self.tls = tls
        self.http = http
    }

    /// With the places and the backends that `other` knows.
    convenience init(like other: EdgeFacts, tls: TLSFacts?, http: ConnectionFacts? = nil) {
        self.init(geo: other.geo, health: other.health, tls: tls, http: http, place: other.place)
    }

    /// The same with what is known of a request that is put together of segments, or of a segment's.
    convenience init(like other: EdgeFacts, segment: SegmentFacts) {
        self.init(
            geo: other.geo, health: other.health, tls: other.tls, http: other.http, segment: segment,
            place: other.place)
    }

    func geography(of address: IPAddress) -> GeoRecord? { geo?.record(of: address) }

    func isHealthy(_ backend: Backend) -> Bool {
        health.isHealthy(backend)
            && health.origins.saints.allows(backend, object: nil, now: wallClock())
    }
}
